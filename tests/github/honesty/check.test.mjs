// The checker itself: what is right passes, and each kind of wrong is reported.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Check, published } from './check.mjs';
import { schemaFrom } from './schema.mjs';

const sources = published();
const { sdl } = sources;
const LABEL = {
    id: 1, node_id: 'LA_1', url: 'http://127.0.0.1:1/repos/acme/app/labels/bug', name: 'bug',
    description: null, color: 'ededed', default: false,
};
const USED = 'query($n: Int!) { repository(owner: "acme", name: "app") { issue(number: $n) { number state } } }';

/** An exchange as the stand-in records it. */
function exchange(changes) {
    return {
        method: 'GET', path: '/repos/acme/app/labels/bug', query: '', agent: 'gardener/0.1.0', request: null,
        status: 200, response: LABEL, text: '', fault: null,
        headers: { 'content-type': 'application/json; charset=utf-8', date: 'Sun, 01 Mar 2026 12:00:00 GMT' },
        ...changes,
    };
}

function graphql(changes, request) {
    const response = { data: { repository: { issue: { number: 1, state: 'OPEN' } } } };
    const asked = { query: USED, variables: { n: 1 }, ...request };
    return exchange({ method: 'POST', path: '/graphql', request: asked, response, ...changes });
}

/** What a check says about exchanges, without the complaint about unused exceptions. */
function problems(...entries) {
    const check = new Check(sources);
    for (const entry of entries) check.line(entry, 'here');
    return [...check.problems.keys()];
}

function reports(entry, pattern) {
    const said = problems(entry);
    assert.ok(said.some((text) => pattern.test(text)), `${pattern} in ${JSON.stringify(said)}`);
}

test('what GitHub would answer passes', () => {
    const moved = { message: 'Moved Permanently', url: 'http://h/x', documentation_url: 'http://d', status: '301' };
    const headers = exchange().headers;
    assert.deepEqual(problems(
        exchange(),
        exchange({ path: '/api/v3/repositories/900000001/labels/bug' }),
        exchange({ path: '/repos/acme/app/labels', response: [LABEL], query: 'per_page=100&page=2' }),
        exchange({ path: '/repos/acme/app', status: 301, response: moved, headers: { ...headers, location: 'http://h/x' } }),
        exchange({ status: 401, response: { message: 'Bad credentials', documentation_url: 'http://d', status: '401' } }),
        graphql(),
    ), []);
});

test('a missing required field', () => {
    const { color, ...rest } = LABEL;
    reports(exchange({ response: rest }), /must have required property 'color'/);
    reports(exchange({ path: '/repos/acme/app/labels', response: [LABEL, rest] }), /\/… must have required property/);
});

test('a wrong type, a null, a bad address', () => {
    reports(exchange({ response: { ...LABEL, id: '1' } }), /\/id must be integer/);
    reports(exchange({ response: { ...LABEL, name: null } }), /\/name must be string/);
    reports(exchange({ response: { ...LABEL, url: 'http://h/[bot]' } }), /\/url must match format "uri"/);
});

test('a field that GitHub does not have', () => {
    reports(exchange({ response: { ...LABEL, colour: 'red' } }), /unevaluated properties: colour/);
});

test('a status, a route or a method that is not described', () => {
    reports(exchange({ status: 418 }), /no such status in the description/);
    reports(exchange({ status: 502, response: null, text: 'Bad gateway' }), /no such status in the description/);
    reports(exchange({ path: '/repos/acme/app/nothing', agent: 'test' }), /no such operation/);
    reports(exchange({ path: '/repos/acme/app/nothing', status: 404, response: { message: 'Not Found' } }),
        /gardener asks for what GitHub does not have/);
    reports(exchange({ method: 'PUT' }), /no such operation/);
});

test('faults that a test set are not GitHub\'s, but limits claim to be', () => {
    const odd = { status: 418, response: null, text: 'teapot' };
    assert.deepEqual(problems(exchange({ ...odd, fault: 'Status' })), []);
    reports(exchange({ ...odd, fault: 'RateLimitPrimary' }), /no such status/);
});

test('headers', () => {
    const headers = exchange().headers;
    const one = (more) => exchange({ headers: { ...headers, ...more } });
    reports(one({ date: 'yesterday' }), /Date: yesterday/);
    reports(one({ 'content-type': 'text/html' }), /JSON as text\/html/);
    reports(one({ 'x-ratelimit-remaining': '-1' }), /x-ratelimit-remaining: -1/);
    reports(one({ 'retry-after': 'soon' }), /retry-after: soon/);
    assert.deepEqual(problems(one({ 'retry-after': '' })), []);
    reports(one({ link: '</x>; rel="next"' }), /Link: /);
    reports(exchange({ method: 'POST', path: '/repos/acme/app/labels', status: 201, request: { name: 'bug' } }), /no Location/);
    reports(exchange({ status: 301, response: { message: 'Moved' } }), /no Location/);
    reports(exchange({ status: 304, response: null }), /no ETag/);
});

test('requests that were granted and should not have been', () => {
    reports(exchange({ path: '/repos/acme/app/issues', response: [], query: 'limit=5' }), /no parameter limit/);
    reports(exchange({ path: '/repos/acme/app/issues', response: [], query: 'state=shut' }), /parameter state/);
    reports(exchange({ method: 'PATCH', request: { name: 'x' } }), /request: .*: name/);
});

test('a document with an unknown field, a missing argument, a wrong variable', () => {
    reports(graphql({}, { query: USED.replace('state', 'status') }), /Cannot query field "status"/);
    reports(graphql({}, { query: USED.replace('(number: $n)', '') }), /argument "number"/);
    reports(graphql({}, { variables: { n: 'one' } }), /Int cannot represent/);
    reports(graphql({}, { query: '{' }), /Syntax Error/);
    // What the stand-in answered, GitHub must answer, whoever asked.
    reports(graphql({ agent: 'test' }, { query: USED.replace('state', 'status') }), /GitHub would refuse/);
    const refused = { agent: 'test', response: { errors: [{ message: 'no such field' }] } };
    assert.deepEqual(problems(graphql(refused, { query: USED.replace('state', 'status') })), []);
});

test('data that the schema does not have', () => {
    const data = (issue) => graphql({ response: { data: { repository: { issue } } } });
    reports(data({ number: 1, state: 'SHUT' }), /"SHUT" is no IssueState/);
    reports(data({ number: null, state: 'OPEN' }), /null in Int!/);
    reports(data({ number: 1 }), /state is missing/);
    reports(data({ number: 1, state: 'OPEN', title: 'x' }), /title was not asked for/);
    assert.deepEqual(problems(data(null)), []);
    reports(graphql({ response: { message: 'x' } }), /neither data nor errors/);
});

test('interfaces and fragments', () => {
    const query = `query { node(id: "x") { __typename id ... on Issue { title } ... on Label { name } } }`;
    const data = (node) => graphql({ response: { data: { node } } }, { query, variables: {} });
    assert.deepEqual(problems(data({ __typename: 'Issue', id: 'x', title: 't' })), []);
    reports(data({ __typename: 'Issue', id: 'x', name: 't' }), /title is missing/);
    reports(data({ __typename: 'IssueConnection', id: 'x' }), /is no Node/);
});

test('an exception nobody needs, and a record of nothing', () => {
    const check = new Check(sources);
    check.finish();
    assert.match([...check.problems.keys()].join(), /exception without use: 401/);
});

test('the two faults of the published schema are known, and others are not hidden', () => {
    assert.throws(() => schemaFrom(sdl, {}), /can only be defined once/);
    assert.throws(() => schemaFrom(sdl.replace(/^type Label .*\{$/m, '$&\n  color: String!')), /Label.color/);
    assert.throws(() => schemaFrom(sdl.replace('stateReason(', 'state(')), /can only be defined once|Expected/);
    const other = sdl.replace(/(repositoryDeployKeySetting: EnterpriseEnabledDisabledSettingValue)!/, '$1');
    assert.throws(() => schemaFrom(other), /take repositoryDeployKeySetting out/);
});
