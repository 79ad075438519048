import { total } from './no-such-file';
import { expect, test } from 'vitest';

test('is never run', () => {
  expect(total([])).toBe(0);
});
