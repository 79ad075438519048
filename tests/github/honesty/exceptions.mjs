// What GitHub answers and does not describe. Each entry says which answers it is about and where
// it is known from. An entry that no recorded answer needs is an error, so that none outlives its
// reason.

/** Statuses that the description gives for no operation, or not for all that have them. `on` is
 * the operation's name, `GET /user`, or absent for all; `schema` the form of the answer, or null
 * where the answer is no JSON. */
export const STATUSES = [
    {
        why: 'authentication is checked before any route (rest/authentication: 401 Bad credentials)',
        status: 401, schema: 'basic-error',
    },
    {
        why: 'a request without a User-Agent is refused (rest/using-the-rest-api/getting-started)',
        status: 403, schema: null, text: /administrative rules.*User-Agent/s,
    },
    {
        why: 'single sign-on is checked before any route (rest/authentication: X-GitHub-SSO)',
        status: 403, schema: 'basic-error', text: /SAML enforcement/,
    },
    {
        why: 'both limits answer 403 or 429 anywhere (rest/using-the-rest-api/rate-limits)',
        status: 403, schema: 'basic-error', text: /rate limit/,
    },
    {
        why: 'both limits answer 403 or 429 anywhere (rest/using-the-rest-api/rate-limits)',
        status: 429, schema: 'basic-error', text: /rate limit/,
    },
    {
        why: 'an unknown API version is refused (rest/about-the-rest-api/api-versions)',
        status: 400, schema: 'basic-error', text: /not a supported version/,
    },
    {
        why: 'any GET may be conditional (rest/using-the-rest-api/best-practices)',
        status: 304, schema: null,
    },
    {
        why: 'writes to a repository that was renamed (rest/using-the-rest-api/best-practices: redirects)',
        status: 307, schema: 'basic-error',
    },
    {
        why: 'what is hidden is 404 wherever it is asked for (rest/using-the-rest-api/troubleshooting)',
        status: 404, schema: 'basic-error',
        on: ['GET /repos/{owner}/{repo}/issues/{issue_number}/events'],
    },
    {
        why: 'reported: the labels of a create that somebody without push may not make (community#197408)',
        status: 403, schema: 'validation-error', text: /permission to create labels/,
    },
    {
        why: 'who may not write is told so (rest/using-the-rest-api/troubleshooting: resource not accessible)',
        status: 403, schema: 'basic-error',
        on: [
            'POST /repos/{owner}/{repo}/labels',
            'POST /repos/{owner}/{repo}/issues/{issue_number}/labels',
            'DELETE /repos/{owner}/{repo}/issues/{issue_number}/labels/{name}',
            'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}',
        ],
    },
    {
        why: 'issues are switched off, which is 410 for all of their routes (rest/issues/issues)',
        status: 410, schema: 'basic-error', text: /disabled/, on: ['GET /repos/{owner}/{repo}/issues'],
    },
    {
        why: 'a server without GraphQL, or none for this token',
        status: 404, schema: 'basic-error', on: ['POST /graphql'],
    },
    {
        why: 'reported: mutations alone were down, answered by the machines in front of GitHub',
        status: 503, schema: null, text: /Service Unavailable/, on: ['POST /graphql'],
    },
];

/** Properties GitHub sends and does not describe. */
export const PROPERTIES = [
    {
        why: 'every error says its status, though only basic-error lists it (seen on live answers)',
        schema: 'validation-error', properties: { status: { type: 'string' } },
    },
];

/** Header values that are not what the header is for. */
export const HEADERS = [
    {
        why: 'octokit/plugin-throttling: "Retry-After can sometimes be blank when hitting a secondary rate limit"',
        name: 'retry-after', value: '',
    },
];

/** Query parameters that come out of Link headers and are described nowhere. */
export const CURSORS = ['after', 'before'];
