import { test } from 'node:test';

test('one', () => {});
test('two', { skip: true }, () => {});
