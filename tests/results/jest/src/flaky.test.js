jest.retryTimes(2);
let tries = 0;
test('passes when tried again', () => {
  tries += 1;
  expect(tries).toBe(2);
});
