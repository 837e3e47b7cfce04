// Checks what the bench reckons. It measures nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { billed, lambdaPrice, limits, simulate } from './bench/limits.mjs';

const account = { duration: 100, throttle: Infinity, concurrency: 1000, keyReads: 0.5, quota: Infinity };

test('less memory is less CPU, and waiting costs the same with any', () => {
  assert.equal(billed(1, 1769), 1);
  assert.equal(billed(1, 128), 14);
  assert.equal(billed(1, 10_240, 200), 201);
});

test('a million requests of 100 ms at 1 GB are 100,000 GB-seconds', () => {
  assert.equal(lambdaPrice(100, 1024).toFixed(2), '1.53');
});

test('what is below all limits is answered', () => {
  assert.deepEqual(simulate(10, limits(account)), { answered: 1, met: [], what: undefined });
});

test('the lowest limit comes first', () => {
  const throttled = simulate(100, limits({ ...account, throttle: 50 }));
  assert.equal(throttled.answered, 0.5);
  assert.deepEqual(throttled.met, ["the stage's throttling"]);
  const busy = simulate(20_000, limits(account));
  assert.equal(busy.met[0], 'a partition of the table');
  assert.equal(busy.answered.toFixed(1), '0.3');
});

test('a function of 100 ms scales to 30,000 requests a second in 20 s', () => {
  const [, , scaling] = limits(account);
  assert.equal(scaling.at(0), 10_000);
  assert.equal(scaling.at(20), 30_000);
});
