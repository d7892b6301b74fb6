import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pace } from './pace';

test('plays at the camera\'s pace while little waits, a tenth faster at most', () => {
  const pace = new Pace();
  assert.deepEqual(pace.look(0), { rate: 1 });
  assert.deepEqual(pace.look(0.2), { rate: 1 });
  const { rate } = pace.look(0.4) as { rate: number };
  assert.ok(rate > 1.05 && rate < 1.1, `${rate}`);
  assert.deepEqual(pace.look(2.9), { rate: 1.1 });
});

test('goes to the newest where more than 3 s wait', () => {
  assert.deepEqual(new Pace().look(3.1), { jump_s: 0.15 });
});

test('leaves more in the buffer on a network that let it run dry, and forgets that', () => {
  const pace = new Pace();
  for (let stall = 0; stall < 4; ++stall) pace.stalled();
  assert.deepEqual(pace.look(0.6), { rate: 1 });
  for (let look = 0; look < 1_000; ++look) pace.look(0.2);
  assert.ok((pace.look(0.6) as { rate: number }).rate > 1.05);
  for (let stall = 0; stall < 100; ++stall) pace.stalled();
  assert.deepEqual(pace.look(1), { rate: 1 });
});
