import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Camera, CameraState } from '../api/types';
import { strings } from '../strings';
import { dimmed, pillOf } from './pill';
import { kNothing, type Snapshot } from './viewing';

const kNow = new Date('2026-11-22T14:03:05Z');

function camera(state: CameraState): Camera {
  return {
    id: 'c'.repeat(32), home: 'h'.repeat(32), name: 'Front door', model: '', firmware: '', time_zone: 'UTC', host: '', transport: 'tcp',
    state, reason: '', advice: '', since: '2026-11-22T13:50:00Z', video: null, audio: null, sound: 'off', sub: null,
  age_ms: null,
  };
}
const playing = (age_ms: number | null, more: Partial<Snapshot> = {}): Snapshot => ({
  ...kNothing, phase: 'playing', shown: true, trust: age_ms === null ? 'lost' : 'known', age_ms, ...more,
});

test('LIVE is said of a picture whose age is known and small, of nothing else', () => {
  assert.deepEqual(pillOf(camera('live'), playing(200), 'there', kNow), { kind: 'live', text: 'LIVE', tone: 'live' });
  const everythingElse: Snapshot[] = [
    kNothing,
    playing(null),
    playing(null, { trust: 'new' }),
    playing(2_000),
    playing(200, { frozen_ms: 2_000 }),
    { ...kNothing, phase: 'starting' },
    { ...kNothing, phase: 'waiting', shown: true, trust: 'lost' },
    playing(200, { problem: { kind: 'privacy_on', detail: '' } }),
  ];
  for (const view of everythingElse) assert.notEqual(pillOf(camera('live'), view, 'there', kNow).kind, 'live', JSON.stringify(view));
  for (const state of Object.keys(strings.pill.state) as CameraState[]) {
    if (state !== 'stalled') assert.notEqual(pillOf(camera(state), playing(200), 'there', kNow).kind, 'live', state);
  }
});

test('a late picture says how late', () => {
  assert.equal(pillOf(camera('live'), playing(4_200), 'there', kNow).text, '4 s late');
  assert.equal(pillOf(camera('live'), playing(1_900, { frozen_ms: 3_000 }), 'there', kNow).text, '3 s late');
  assert.equal(pillOf(camera('live'), playing(300_000), 'there', kNow).text, '5 min late');
});

test('what is wrong with the camera is said with the time in its zone', () => {
  const offline = { ...camera('unreachable'), time_zone: 'Asia/Kolkata' };
  assert.match(pillOf(offline, kNothing, 'there', kNow).text, /^offline since (19:20|07:20\sPM)$/i);
  assert.equal(pillOf(camera('wrong_password'), kNothing, 'there', kNow).text, 'wrong password');
  assert.equal(pillOf(camera('privacy'), kNothing, 'there', kNow).text, 'privacy on');
  assert.equal(pillOf(camera('connecting'), kNothing, 'there', kNow).text, 'connecting');
});

test('without the server nothing is said of the camera', () => {
  assert.equal(pillOf(camera('live'), playing(null), 'away', kNow).kind, 'reconnecting');
  assert.equal(pillOf(camera('unreachable'), kNothing, 'away', kNow).kind, 'reconnecting');
});

test('the first moment is connecting, a lost one reconnecting', () => {
  assert.equal(pillOf(camera('live'), { ...kNothing, phase: 'starting' }, 'there', kNow).kind, 'connecting');
  assert.equal(pillOf(camera('live'), playing(null, { trust: 'new' }), 'there', kNow).kind, 'connecting');
  assert.equal(pillOf(camera('live'), { ...kNothing, phase: 'waiting', shown: true, trust: 'lost' }, 'there', kNow).kind, 'reconnecting');
});

test('a picture that may not be trusted is dimmed', () => {
  assert.equal(dimmed(camera('live'), playing(200)), false);
  assert.equal(dimmed(camera('live'), playing(null, { trust: 'new' })), false);
  assert.equal(dimmed(camera('live'), playing(null)), true);
  assert.equal(dimmed(camera('live'), playing(200, { frozen_ms: 2_000 })), true);
  assert.equal(dimmed(camera('live'), { ...kNothing, phase: 'waiting', shown: true }), true);
  assert.equal(dimmed(camera('stalled'), playing(200)), true);
  assert.equal(dimmed(camera('connecting'), playing(200)), true);
});
