const assert = require('assert');

describe('cart', () => {
  it('is empty at first', () => {
    assert.strictEqual([].length, 0);
  });
  describe('with prices', () => {
    it('adds them', () => {
      console.log('adding');
      assert.deepStrictEqual({ total: 3 }, { total: 4 });
    });
    it('throws größe €', () => {
      throw new TypeError('no rate for €');
    });
  });
  it.skip('is skipped', () => {});
  it('is still to be written');
  it('takes too long', (done) => {
    setTimeout(done, 3000);
  }).timeout(100);
  it('says Timeout itself', () => {
    throw new Error('Timeout while asking the server');
  });
  let tries = 0;
  it('passes when tried again', function () {
    this.retries(2);
    tries += 1;
    assert.strictEqual(tries, 2);
  });
});
describe('hooks', () => {
  before(() => {
    throw new Error('no database');
  });
  it('never gets there', () => {});
});
