const test = require('tape');

test('is empty at first', (t) => {
  t.plan(1);
  t.equal([].length, 0, 'no prices');
});
test('adds them', (t) => {
  t.deepEqual({ total: 3, name: 'größe' }, { total: 4, name: 'größe' }, 'the total');
  t.ok(true, 'is still there');
  t.end();
});
test('throws', (t) => {
  t.doesNotThrow(() => {
    throw new TypeError('no rate for €');
  });
  t.end();
});
test('takes too long', { timeout: 100 }, (t) => {
  setTimeout(() => t.end(), 400);
});
test('is skipped', { skip: true }, (t) => t.end());
test('is still to be written', { todo: true }, (t) => {
  t.equal(1, 2);
  t.end();
});
test('plans more than it does', (t) => {
  t.plan(2);
  t.pass('only one');
  setTimeout(() => t.end(), 10);
});
