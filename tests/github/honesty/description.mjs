// GitHub's OpenAPI description as something answers can be held against.
//
// The description is written in OpenAPI 3.0, whose schemas are not quite JSON Schema: they are
// translated. On the way every object is closed, so that a property GitHub does not have is an
// error, unless the description leaves the object open. The changes of later API versions
// (`x-github-breaking-changes`) are left out: gardener asks for 2022-11-28.

import Ajv2019 from 'ajv/dist/2019.js';
import addFormats from 'ajv-formats';

/** Keywords that say something about values; everything else is for readers. */
const KEPT = [
    'type', 'enum', 'format', 'pattern', 'required', 'minimum', 'maximum', 'minLength', 'maxLength',
    'minItems', 'maxItems', 'uniqueItems', 'const',
];
/** Formats that are no JSON Schema formats and say nothing that could be checked here. */
const FREE_FORMATS = ['timestamp', 'repo.nwo'];

export class Description {
    #document;
    #ajv = new Ajv2019({ allErrors: true, strict: true, strictTypes: false, strictRequired: false });
    #validators = new Map();
    #routes = [];

    constructor(document) {
        this.#document = document;
        addFormats(this.#ajv);
        for (const format of FREE_FORMATS) this.#ajv.addFormat(format, true);
        for (const [template, item] of Object.entries(document.paths)) {
            const parts = template.split('/');
            const fixed = parts.filter((part) => !part.startsWith('{')).length;
            this.#routes.push({ template, parts, fixed, item });
        }
        // Of two templates that fit, the one with more words of its own is meant.
        this.#routes.sort((one, other) => other.fixed - one.fixed);
    }

    /** The operation behind a method and a path, or null. */
    operation(method, path) {
        const given = path.split('/');
        const fits = ({ parts }) => parts.length === given.length
            && parts.every((part, at) => part.startsWith('{') ? given[at] !== '' : part === given[at]);
        for (const { template, item } of this.#routes.filter(fits)) {
            const operation = item[method.toLowerCase()];
            if (operation) {
                return { name: `${method} ${template}`, template, operation, shared: item.parameters ?? [] };
            }
        }
        return null;
    }

    /** The schema an operation gives for the JSON of a status: undefined if the description has no
     * such status, null if it has no JSON. */
    answer({ operation }, status) {
        const answer = this.#resolve(operation.responses[String(status)]);
        if (!answer) return undefined;
        return { schema: answer.content?.['application/json']?.schema ?? null, headers: answer.headers ?? {} };
    }

    /** The schema of an operation's request body, or null. */
    body({ operation }) {
        return this.#resolve(operation.requestBody)?.content?.['application/json']?.schema ?? null;
    }

    /** The query parameters of an operation: name to schema. */
    parameters({ operation, shared }) {
        const all = [...shared, ...(operation.parameters ?? [])].map((parameter) => this.#resolve(parameter));
        return new Map(all.filter((one) => one.in === 'query').map((one) => [one.name, one.schema]));
    }

    /** A schema of the description's components. */
    component(name) {
        return { $ref: `#/components/schemas/${name}` };
    }

    /** All that is wrong with a value: `/labels/0 must have required property 'id'`. */
    wrongs(schema, value) {
        const validate = this.#validator(schema);
        if (validate(value)) return [];
        const wrongs = validate.errors.map((error) => {
            const more = error.params.unevaluatedProperty ?? error.params.additionalProperty
                ?? error.params.allowedValues?.join(', ') ?? '';
            return `${error.instancePath} ${error.message}${more && `: ${more}`}`.trim();
        });
        return [...new Set(wrongs)];
    }

    #validator(schema) {
        const key = JSON.stringify(schema);
        if (!this.#validators.has(key)) {
            const defs = {};
            const root = this.#closed(schema, defs);
            this.#validators.set(key, this.#ajv.compile({ ...root, $defs: defs }));
        }
        return this.#validators.get(key);
    }

    #resolve(thing) {
        if (!thing?.$ref) return thing;
        return thing.$ref.slice(2).split('/').reduce((at, part) => at[part], this.#document);
    }

    /** A schema whose objects have no other properties than those it names. */
    #closed(schema, defs) {
        return this.#translated(schema, defs, true);
    }

    /** A part of a combination, which another part or the whole closes. */
    #open(schema, defs) {
        return this.#translated(schema, defs, false);
    }

    #translated(schema, defs, closes) {
        if (schema.$ref) {
            const name = `${schema.$ref.split('/').pop()}${closes ? '' : '-open'}`;
            if (!(name in defs)) {
                defs[name] = true; // Circles end here.
                defs[name] = this.#translated(this.#resolve(schema), defs, closes);
            }
            return { $ref: `#/$defs/${name}` };
        }
        const out = {};
        for (const keyword of KEPT) if (keyword in schema) out[keyword] = schema[keyword];
        if (schema.properties) {
            out.properties = mapped(schema.properties, (inner) => this.#closed(inner, defs));
        }
        if (schema.items) out.items = this.#closed(schema.items, defs);
        for (const way of ['allOf', 'anyOf', 'oneOf']) {
            if (schema[way]) out[way] = schema[way].map((inner) => this.#open(inner, defs));
        }
        if (schema.not) out.not = this.#open(schema.not, defs);
        if (typeof schema.additionalProperties === 'object') {
            out.additionalProperties = this.#closed(schema.additionalProperties, defs);
        } else if (schema.additionalProperties === false) {
            out.additionalProperties = false;
        }
        if (closes && this.#names(schema)) out.unevaluatedProperties = false;
        if (!schema.nullable) return out;
        if (out.enum && !out.enum.includes(null)) out.enum = [...out.enum, null];
        if (typeof out.type === 'string') {
            out.type = [out.type, 'null'];
        }
        return ['allOf', 'anyOf', 'oneOf'].some((way) => way in out) ? { anyOf: [out, { type: 'null' }] } : out;
    }

    /** Whether a schema names the properties of the objects it is about. */
    #names(schema) {
        const whole = this.#resolve(schema);
        if (whole.additionalProperties !== undefined) return whole.additionalProperties === false;
        const parts = [...(whole.allOf ?? []), ...(whole.anyOf ?? []), ...(whole.oneOf ?? [])];
        if (whole.properties) return true;
        return parts.length > 0 && parts.every((part) => {
            const type = this.#resolve(part).type;
            return (type !== undefined && type !== 'object') || this.#names(part);
        });
    }
}

function mapped(object, change) {
    return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
}
