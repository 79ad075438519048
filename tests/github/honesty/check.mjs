// Holds recorded answers of the stand-in against what GitHub publishes: the OpenAPI description
// for REST, the schema for GraphQL. Ends with 1 if anything differs.
//
//     GARDENER_RECORD=/tmp/record cargo test -p github-stand-in
//     cd tests/github/honesty && npm ci && npm run check /tmp/record

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Description } from './description.mjs';
import { CURSORS, HEADERS, PROPERTIES, STATUSES } from './exceptions.mjs';
import { dataWrongs, documentWrongs, schemaFrom } from './schema.mjs';

const HTTP_DATE = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/;
const LINK = /^<(\S+)>; rel="(next|prev|first|last)"$/;
/** Faults that claim to be GitHub's own answers. */
const ITS_OWN = ['RateLimitPrimary', 'RateLimitSecondary'];

export class Check {
    /** Problems by text: how often, and where first. */
    problems = new Map();
    counts = { seen: 0, rest: 0, requests: 0, graphql: 0, faults: 0, nowhere: 0 };
    pairs = new Map();
    documents = new Map();
    used = new Set();
    #description;
    #schema;
    #statuses;

    constructor({ description, schema }, statuses = STATUSES) {
        this.#description = description;
        this.#schema = schema;
        this.#statuses = statuses;
    }

    /** Looks at one line of a record. */
    line(entry, where) {
        if (entry.seen) {
            this.counts.seen += entry.seen;
            return;
        }
        const report = (text) => {
            const known = this.problems.get(text) ?? { times: 0, where };
            this.problems.set(text, { ...known, times: known.times + 1 });
        };
        if (entry.fault && !ITS_OWN.includes(entry.fault)) {
            this.counts.faults += 1;
            return;
        }
        const path = entry.path.replace(/^\/api\/v3(?=\/)/, '').replace(/^\/api\/graphql$/, '/graphql');
        if (path === '/graphql') this.#graphql(entry, report);
        else this.#rest(entry, path, report);
    }

    #rest(entry, path, report) {
        this.counts.rest += 1;
        // Links and redirects name a repository by its number: the same operations elsewhere.
        const named = path.replace(/^\/repositories\/\d+(?=\/|$)/, '/repos/owner/repo');
        const found = this.#description.operation(entry.method, named);
        const name = found?.name ?? `${entry.method} ${named}`;
        const say = (text) => report(`${name} ${entry.status}: ${text}`);
        this.#headers(entry, say);
        if (!found) {
            this.counts.nowhere += 1;
            if (entry.agent?.startsWith('gardener/')) say('gardener asks for what GitHub does not have');
            if (!this.#excepted(entry, name)) {
                if (entry.status === 404) this.#body(entry, this.#description.component('basic-error'), say);
                else say('no such operation');
            }
            return;
        }
        this.pairs.set(`${name} ${entry.status}`, (this.pairs.get(`${name} ${entry.status}`) ?? 0) + 1);
        const excepted = this.#excepted(entry, name);
        const answer = this.#description.answer(found, entry.status);
        if (excepted) {
            this.#excuse(entry, excepted, say);
        } else if (!answer) {
            say('no such status in the description');
        } else {
            this.#body(entry, answer.schema, say);
            if ('Location' in answer.headers && !isUrl(entry.headers.location)) say('no Location');
            if ('link' in entry.headers && !('Link' in answer.headers)) say('a Link the description has not');
        }
        if (entry.status < 300) this.#request(entry, found, say);
    }

    #headers(entry, say) {
        const headers = entry.headers;
        const json = /^application\/json; charset=utf-8$/.test(headers['content-type'] ?? '');
        const empty = [204, 304].includes(entry.status);
        if (!HTTP_DATE.test(headers.date ?? '')) say(`Date: ${headers.date}`);
        if (entry.response !== null && !json) say(`JSON as ${headers['content-type']}`);
        if (empty && (entry.response !== null || entry.text !== '')) say('a body');
        if (entry.status === 304 && !headers.etag) say('no ETag');
        if ([301, 302, 307, 308].includes(entry.status) && !isUrl(headers.location)) say('no Location');
        for (const [key, value] of Object.entries(headers)) {
            const number = /^x-ratelimit-(limit|remaining|used|reset)$/.test(key) || key === 'retry-after';
            const known = HEADERS.find((one) => one.name === key && one.value === value);
            if (known) this.used.add(known);
            else if (number && !/^\d+$/.test(value)) say(`${key}: ${value}`);
        }
        for (const link of headers.link?.split(', ') ?? []) {
            const [, url] = LINK.exec(link) ?? [];
            if (!isUrl(url)) say(`Link: ${link}`);
            else if (!new URL(url).pathname.includes('/repositories/')) say(`Link by name: ${link}`);
        }
    }

    /** The first exception that is about an answer. */
    #excepted(entry, name) {
        const text = entry.text || entry.response?.message || '';
        const found = this.#statuses.find((one) => one.status === entry.status
            && (!one.on || one.on.includes(name)) && (!one.text || one.text.test(text)));
        if (found) this.used.add(found);
        return found;
    }

    /** An answer that an exception is about must have the form that the exception gives. */
    #excuse(entry, { schema, text }, say) {
        this.#body(entry, schema && this.#description.component(schema), say, text);
    }

    #body(entry, schema, say, text) {
        if (schema) {
            if (entry.response === null) say('no JSON');
            for (const wrong of this.#description.wrongs(schema, entry.response)) {
                say(wrong.replace(/\/\d+/g, '/…'));
            }
        } else if (entry.response !== null) {
            say('JSON where the description has none');
        } else if (entry.text !== '' && !text) {
            say('text where the description has none');
        }
    }

    /** What was answered with success must have been asked for as GitHub has it. */
    #request(entry, found, say) {
        this.counts.requests += 1;
        const known = this.#description.parameters(found);
        for (const [key, text] of new URLSearchParams(entry.query)) {
            if (CURSORS.includes(key)) continue;
            const schema = known.get(key);
            if (!schema) {
                say(`no parameter ${key}`);
                continue;
            }
            const number = schema.type === 'integer' && /^-?\d+$/.test(text);
            for (const wrong of this.#description.wrongs(schema, number ? Number(text) : text)) {
                say(`parameter ${key}: ${wrong}`);
            }
        }
        const body = this.#description.body(found);
        if (!body && entry.request !== null) say('a request body the description has not');
        if (body && entry.request !== null) {
            for (const wrong of this.#description.wrongs(body, entry.request)) say(`request: ${wrong}`);
        }
    }

    #graphql(entry, report) {
        this.counts.graphql += 1;
        const say = (text) => report(`GraphQL ${entry.status}: ${text}`);
        this.#headers(entry, say);
        const ours = entry.agent?.startsWith('gardener/');
        const query = entry.request?.query;
        if (ours && typeof query !== 'string') say('gardener sends no document');
        if (typeof query === 'string') this.#document(entry, query, ours, say);
        if (entry.status !== 200) {
            const excepted = this.#excepted(entry, 'POST /graphql');
            if (!excepted) say('no such status');
            else this.#excuse(entry, excepted, say);
            return;
        }
        const keys = Object.keys(entry.response ?? {});
        if (!keys.includes('data') && !keys.includes('errors')) say('neither data nor errors');
        for (const key of keys) if (!['data', 'errors'].includes(key)) say(`a key ${key}`);
        for (const error of entry.response?.errors ?? []) {
            if (typeof error.message !== 'string') say('an error without a message');
        }
    }

    #document(entry, query, ours, say) {
        const { variables, operationName } = entry.request;
        const answered = entry.response?.data !== undefined;
        const wrongs = documentWrongs(this.#schema, query, variables, operationName);
        const list = this.documents;
        const known = list.get(query) ?? { ours: false, answered: false };
        list.set(query, { ours: known.ours || ours, answered: known.answered || answered });
        // A document that the stand-in refuses may be as wrong as it likes, unless it is gardener's.
        if (ours) for (const wrong of wrongs) say(`gardener's document: ${wrong}`);
        else if (answered) for (const wrong of wrongs) say(`GitHub would refuse the document: ${wrong}`);
        if (wrongs.length === 0 && answered) {
            for (const wrong of dataWrongs(this.#schema, query, entry.response.data, operationName)) {
                say(wrong.replace(/\d+/g, '…'));
            }
        }
    }

    /** What has to be so when all lines are read. */
    finish() {
        for (const one of [...this.#statuses, ...HEADERS].filter((one) => !this.used.has(one))) {
            const what = `exception without use: ${one.status ?? one.name}, ${one.why}`;
            this.problems.set(what, { times: 1, where: 'exceptions.mjs' });
        }
    }
}

function isUrl(text) {
    return URL.canParse(text ?? '') && /^https?:$/.test(new URL(text).protocol);
}

/** The published description and schema, with what is known to be missing in them. */
export function published() {
    const file = (name, path) => {
        return readFileSync(new URL(`node_modules/@octokit/${name}/${path}`, import.meta.url), 'utf8');
    };
    const openapi = JSON.parse(file('openapi', 'generated/api.github.com.json'));
    for (const { schema, properties } of PROPERTIES) {
        Object.assign(openapi.components.schemas[schema].properties, properties);
    }
    const sdl = file('graphql-schema', 'schema.graphql');
    return { description: new Description(openapi), schema: schemaFrom(sdl), sdl };
}

function main(folder) {
    const check = new Check(published());
    let lines = 0;
    for (const name of readdirSync(folder).filter((name) => name.endsWith('.jsonl')).sort()) {
        const text = readFileSync(join(folder, name), 'utf8');
        text.split('\n').forEach((line, at) => {
            if (line === '') return;
            check.line(JSON.parse(line), `${name}:${at + 1}`);
            lines += 1;
        });
    }
    check.finish();
    const { counts } = check;
    const documents = [...check.documents.values()];
    const of = (fits) => documents.filter(fits).length;
    console.log(`at least ${counts.seen} answers recorded, ${lines} lines of distinct form`);
    console.log(`REST: ${counts.rest} answers validated, ${check.pairs.size} pairs of operation and status, `
        + `${counts.requests} successful requests validated, ${counts.nowhere} for routes GitHub does not have`);
    console.log(`GraphQL: ${counts.graphql} answers, ${documents.length} documents validated: `
        + `${of((one) => one.ours)} of gardener, ${of((one) => !one.ours && one.answered)} of tests, `
        + `${of((one) => !one.ours && !one.answered)} that were to be refused`);
    console.log(`${counts.faults} faults set by tests, which are nobody's answers`);
    if (counts.rest === 0 || of((one) => one.ours) === 0) {
        check.problems.set('nothing recorded: neither REST nor a document of gardener', { times: 1, where: folder });
    }
    for (const [text, { times, where }] of [...check.problems].sort()) {
        console.error(`${text}\n    ${times} times, first in ${where}`);
    }
    console.log(check.problems.size === 0 ? 'nothing differs' : `${check.problems.size} differences`);
    return check.problems.size === 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const folder = process.argv[2] ?? process.env.GARDENER_RECORD;
    if (!folder) throw new Error('which folder? node check.mjs FOLDER');
    process.exitCode = main(folder);
}
