import { describe, expect, test, beforeAll } from 'vitest';

describe('cart', () => {
  test('is empty at first', () => {
    expect([].length).toBe(0);
  });
  describe('with prices', () => {
    test('adds them', () => {
      console.log('adding');
      console.error('on stderr');
      expect({ total: 3, name: 'größe' }).toEqual({ total: 4, name: 'größe' });
    });
    test.each([1, 0])('price %d is positive', (price) => {
      expect(price).toBeGreaterThan(0);
    });
    test('throws', () => {
      null.total();
    });
  });
  test.skip('is skipped', () => {});
  test.todo('is still to be written');
  test.fails('fails as expected', () => {
    expect(1).toBe(2);
  });
  test('takes too long', async () => {
    await new Promise((done) => setTimeout(done, 5000));
  }, 200);
  test('says Timeout itself', () => {
    throw new Error('Timeout while asking the server');
  });
  let tries = 0;
  test('passes when tried again', { retry: 2 }, () => {
    tries += 1;
    expect(tries).toBe(2);
  });
});
describe('hooks', () => {
  beforeAll(() => {
    throw new Error('no database');
  });
  test('never gets there', () => {});
});
