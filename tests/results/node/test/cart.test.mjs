import assert from 'node:assert';
import { before, describe, it, test } from 'node:test';

test('is empty at first', () => {
  assert.strictEqual([].length, 0);
});
describe('with prices', () => {
  it('adds them', () => {
    console.log('adding');
    assert.deepStrictEqual({ total: 3, name: 'größe' }, { total: 4, name: 'größe' });
  });
  it('throws', () => {
    throw new TypeError("no rate for € # here: it's \"quoted\"");
  });
  describe('deeper', () => {
    it('passes # with a hash', () => {});
    it('fails as well', () => assert.ok(false, 'not ok'));
  });
});
test('subtests', async (t) => {
  await t.test('first', () => {});
  await t.test('second', () => {
    throw new Error('second fails');
  });
});
test('is skipped', { skip: 'not here' }, () => {});
test('is still to be written', { todo: true }, () => {
  assert.strictEqual(1, 2);
});
test('takes too long', { timeout: 100 }, async () => {
  await new Promise((done) => setTimeout(done, 3000));
});
test('says Timeout itself', () => {
  throw new Error('Timeout while asking the server');
});
describe('hooks', () => {
  before(() => {
    throw new Error('no database');
  });
  it('never gets there', () => {});
});
