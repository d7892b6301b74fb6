import assert from 'node:assert/strict';
import { test } from 'node:test';
import { retryDelay } from './backoff';

test('waits longer each time, and never as long as three seconds', () => {
  const shortest = [0, 1, 2, 3, 4, 50].map((attempt) => retryDelay(attempt, () => 0));
  assert.deepEqual(shortest, [...shortest].sort((a, b) => a - b));
  assert.ok(shortest[0]! <= 300);
  for (let attempt = 0; attempt < 20; ++attempt) assert.ok(retryDelay(attempt, () => 0.999) < 3000);
});

test('pages that lost the server together come back apart', () => {
  assert.ok(retryDelay(0, () => 0.9) - retryDelay(0, () => 0.1) >= 150);
  assert.ok(retryDelay(3, () => 0.9) - retryDelay(3, () => 0.1) >= 500);
});
