import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Camera, SubStream } from '../api/types';
import { choose, isUseless } from './choice';
import { kNothing } from './viewing';

const camera = (sub: SubStream | null): Camera => ({ sub }) as Camera;
const sub = (state: SubStream['state']): SubStream => ({ state, reason: '', video: null });

test('a small picture takes the small stream, a large one never', () => {
  assert.equal(choose(camera(sub('idle')), 480, false), 'sub');
  assert.equal(choose(camera(sub('live')), 720, false), 'sub');
  assert.equal(choose(camera(sub('live')), 721, false), 'main');
  assert.equal(choose(camera(sub('live')), 0, false), 'main', 'nothing is known of its size');
  assert.equal(choose(camera(null), 480, false), 'main');
});

test('a small stream that cannot be had is not taken', () => {
  for (const state of ['refused', 'no_stream', 'wrong_password', 'unreachable', 'codec_not_supported', 'no_key_frame'] as const) {
    assert.equal(choose(camera(sub(state)), 480, false), 'main', state);
  }
  assert.equal(choose(camera(sub('live')), 480, true), 'main');
});

test('what the server says of the small stream alone is no reason to wait', () => {
  for (const kind of ['codec_not_supported', 'not_found'] as const) {
    assert.ok(isUseless({ ...kNothing, phase: 'ended', problem: { kind, detail: '' } }));
  }
  for (const kind of ['refused', 'rights_changed', 'too_many'] as const) {
    assert.ok(!isUseless({ ...kNothing, phase: 'ended', problem: { kind, detail: '' } }), kind);
  }
});
