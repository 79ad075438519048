const { total } = require('./cart');

describe('cart', () => {
  test('is empty at first', () => {
    expect(total([])).toBe(0);
  });
  describe('with prices', () => {
    test('adds them', () => {
      console.log('adding');
      expect(total([1, 2])).toBe(4);
    });
    test.each([[1, true], [0, true]])('price %d is positive: %s', (price, is) => {
      expect(price > 0).toBe(is);
    });
    test('throws größe €', () => {
      total(null);
    });
  });
  test.skip('is skipped', () => {});
  test.todo('is still to be written');
  test.failing('fails as expected', () => {
    expect(1).toBe(2);
  });
  test('takes too long', async () => {
    await new Promise((done) => setTimeout(done, 5000));
  }, 200);
  test('says Timeout itself', () => {
    throw new Error('Timeout while asking the server');
  });
});
describe('hooks', () => {
  beforeAll(() => {
    throw new Error('no database');
  });
  test('never gets there', () => {});
});
