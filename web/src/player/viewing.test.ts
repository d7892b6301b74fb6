import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from '../api/client';
import type { Audio, Camera, CameraState } from '../api/types';
import { ServerClock } from './age';
import { Viewing } from './viewing';
import { Doors, kUdpBlocked_ms } from './doors';
import type { Door, Media, PlayerSession, SessionEvents } from './media';

const kUtc_ms = 1_790_000_000_000;

const kOpus: Audio = { codec: 'Opus', rate: 48000, channels: 1 };

function camera(state: CameraState, codec = 'H.264', audio: Audio | null = null): Camera {
  return {
    id: 'cam', home: 'home', name: 'Front door', model: '', firmware: '', time_zone: 'UTC', host: '', transport: 'tcp', state,
    reason: '', advice: '', since: '2026-11-22T13:50:00Z', video: { codec, width: 1280, height: 720, fps: 25 }, audio, sound: audio ? 'on' : 'off', sub: null,
  age_ms: 40,
  };
}

class FakeSession implements PlayerSession {
  readonly media = {} as Media;
  closed: boolean | null = null; // true: the server was told
  isConnected = true;
  constructor(
    readonly id: string,
    readonly door: Door,
    readonly events: SessionEvents,
    readonly sound: boolean,
  ) {}
  lost = () => this.events.lost();
  connected = () => this.isConnected;
  roundTrip_ms = async () => null;
  close(tell = true) {
    this.closed ??= tell;
  }
}

function rig({ canMse = false } = {}) {
  let now = 1_000;
  let sight = true;
  const sessions: FakeSession[] = [];
  const refusals: unknown[] = [];
  const held: (() => void)[] = [];
  let hold = false;
  let deaf = false; // what sound there is cannot be carried
  const viewing = new Viewing('cam', new ServerClock(), {
    start: async ({ sound }, door, events) => {
      if (hold) await new Promise<void>((done) => held.push(done));
      if (refusals.length > 0) throw refusals.shift();
      const session = new FakeSession(`v${sessions.length}`, door, events, sound && !deaf);
      sessions.push(session);
      return session;
    },
    doors: new Doors(() => now, canMse),
    now: () => now,
    random: () => 0.5,
    inSight: () => sight,
  });
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 10; ++turn) await Promise.resolve();
  };
  const last = (): FakeSession => sessions[sessions.length - 1]!;
  const frame = (): void => viewing.frame(last().media, (now * 90) >>> 0);
  const anchor = (late_ms: number): void =>
    viewing.event({ id: last().id, rtp_timestamp: (now * 90) >>> 0, capture_us: (kUtc_ms + now - late_ms) * 1000, now_us: (kUtc_ms + now) * 1000 });
  return {
    viewing,
    sessions,
    refusals,
    settle,
    last,
    frame,
    anchor,
    look: () => viewing.snapshot.value,
    setSight: (value: boolean) => (sight = value),
    hold: () => (hold = true),
    beDeaf: () => (deaf = true),
    letGo: async () => {
      hold = false;
      held.splice(0).forEach((go) => go());
      await settle();
    },
    /** Time passes, with or without pictures. */
    pass: async (ms: number, pictures = false) => {
      for (let passed = 0; passed < ms; passed += 50) {
        now += 50;
        if (pictures) {
          frame();
          if (passed % 500 === 0) anchor(80);
        }
        if (passed % 250 === 0) viewing.tick();
        await settle();
      }
    },
    begin: async () => {
      viewing.see(camera('live'));
      viewing.want(true);
      await settle();
    },
  };
}

test('plays, and knows the age of what it shows', async () => {
  const it = rig();
  await it.begin();
  assert.equal(it.look().phase, 'starting');
  assert.equal(it.look().shown, false);
  it.anchor(120);
  it.frame();
  assert.equal(it.look().phase, 'playing');
  assert.equal(it.look().shown, true);
  assert.equal(it.look().age_ms, 100);
  await it.pass(10_000, true);
  assert.equal(it.sessions.length, 1);
  assert.equal(it.look().age_ms, 100);
  assert.equal(it.look().frozen_ms, 0);
});

test('news of the age that come before the answer are kept', async () => {
  const it = rig();
  it.hold();
  await it.begin();
  it.viewing.event({ id: 'v0', rtp_timestamp: 90_000, capture_us: kUtc_ms * 1000 - 70_000, now_us: kUtc_ms * 1000 });
  it.viewing.event({ id: 'somebody else', rtp_timestamp: 1, capture_us: 1, now_us: kUtc_ms * 1000 });
  await it.letGo();
  it.viewing.frame(it.last().media, 90_000);
  assert.equal(it.look().age_ms, 100);
});

test('without new pictures it says so after 2 s and asks anew after 5 s', async () => {
  const it = rig();
  await it.begin();
  await it.pass(1_000, true);
  await it.pass(1_900);
  assert.equal(it.look().frozen_ms, 0);
  await it.pass(350);
  assert.equal(it.look().frozen_ms, 2_000);
  assert.equal(it.look().shown, true);
  await it.pass(2_700);
  assert.equal(it.sessions.length, 1);
  await it.pass(400);
  assert.equal(it.sessions[0]!.closed, true);
  assert.equal(it.sessions.length, 2);
  it.frame();
  assert.equal(it.look().frozen_ms, 0);
  assert.equal(it.look().phase, 'playing');
});

test('an old picture does not stay: ten seconds, then none', async () => {
  const it = rig();
  await it.begin();
  await it.pass(1_000, true);
  it.viewing.see(camera('stalled'));
  await it.pass(9_000);
  assert.equal(it.look().shown, true);
  assert.ok(it.look().frozen_ms >= 8_000);
  await it.pass(1_500);
  assert.equal(it.look().shown, false);
  assert.equal(it.look().age_ms, null);
  assert.equal(it.sessions.length, 1, 'another session would show old pictures again');
});

test('a camera that goes on after a pause goes on in the same session, or in another when that brings nothing', async () => {
  const it = rig();
  await it.begin();
  await it.pass(1_000, true);
  it.viewing.see(camera('stalled'));
  await it.pass(20_000);
  it.viewing.see(camera('live'));
  await it.pass(4_000);
  assert.equal(it.sessions.length, 1);
  await it.pass(300, true);
  assert.equal(it.look().shown, true);
  it.viewing.see(camera('stalled'));
  await it.pass(20_000);
  it.viewing.see(camera('live'));
  await it.pass(5_200);
  assert.equal(it.sessions.length, 2);
});

test('a camera that has none takes the picture away at once, and brings it back', async () => {
  for (const state of ['unreachable', 'privacy', 'wrong_password', 'suspended', 'refused'] as const) {
    const it = rig();
    await it.begin();
    await it.pass(500, true);
    it.viewing.see(camera(state));
    assert.equal(it.viewing.media.value, null, state);
    assert.equal(it.look().shown, false, state);
    assert.equal(it.look().age_ms, null, state);
    await it.pass(20_000);
    assert.equal(it.sessions.length, 1, state);
    it.viewing.see(camera('live'));
    await it.settle();
    assert.equal(it.sessions.length, 2, state);
  }
});

test('503 waits as long as asked, or until the camera is live', async () => {
  const it = rig();
  it.refusals.push(new ApiError(503, 'No picture yet.', 2));
  await it.begin();
  assert.equal(it.look().phase, 'waiting');
  assert.equal(it.look().problem, null);
  await it.pass(1_900);
  assert.equal(it.sessions.length, 0);
  await it.pass(500);
  assert.equal(it.sessions.length, 1);
});

test('406 is final until the video changes', async () => {
  const it = rig();
  it.refusals.push(new ApiError(406, 'This stream has B-frames.'));
  await it.begin();
  assert.deepEqual(it.look().problem, { kind: 'codec_not_supported', detail: 'This stream has B-frames.' });
  await it.pass(60_000);
  assert.equal(it.sessions.length, 0);
  it.viewing.see(camera('live', 'H.265'));
  await it.settle();
  assert.equal(it.sessions.length, 1);
  assert.equal(it.look().problem, null);
});

test('429 is said, and tried again later', async () => {
  const it = rig();
  it.refusals.push(new ApiError(429, 'Too many.', 5));
  await it.begin();
  assert.equal(it.look().problem?.kind, 'too_many');
  await it.pass(6_000);
  assert.equal(it.sessions.length, 1);
  assert.equal(it.look().problem, null);
});

test('what the server ends stays ended, with the reason and without the picture', async () => {
  for (const reason of ['rights_changed', 'camera_removed', 'tenure_ended', 'suspended', 'privacy_on', 'refused'] as const) {
    const it = rig();
    await it.begin();
    await it.pass(500, true);
    it.viewing.ended(reason);
    assert.equal(it.viewing.media.value, null, reason);
    assert.equal(it.look().problem?.kind, reason);
    assert.equal(it.sessions[0]!.closed, false, reason); // it needs no telling
    await it.pass(30_000);
    assert.equal(it.sessions.length, 1, reason);
  }
});

test('a lost lease is asked for again', async () => {
  const it = rig();
  await it.begin();
  await it.pass(500, true);
  it.viewing.ended('lease_lost');
  assert.equal(it.look().shown, false);
  await it.pass(2_000);
  assert.equal(it.sessions.length, 2);
});

test('a refused picture is not asked for again when the camera goes and comes back', async () => {
  const it = rig();
  await it.begin();
  const before = it.sessions.length;
  it.viewing.ended('refused');
  for (const state of ['unreachable', 'live', 'stalled', 'live'] as const) {
    it.viewing.see(camera(state));
    await it.settle();
  }
  assert.equal(it.sessions.length, before);
  it.viewing.retry();
  await it.settle();
  assert.equal(it.sessions.length, before + 1);
});

test('a person can ask for what was refused', async () => {
  const it = rig();
  await it.begin();
  it.viewing.ended('refused');
  it.viewing.retry();
  await it.settle();
  assert.equal(it.sessions.length, 2);
  assert.equal(it.look().problem, null);
});

test('after a break of the server it does not wait to find out', async () => {
  const it = rig();
  await it.begin();
  await it.pass(500, true);
  await it.pass(1_000);
  it.viewing.serverBack();
  await it.settle();
  assert.equal(it.sessions.length, 2);
});

test('what another server said does not hold, except that a picture was refused', async () => {
  for (const [reason, asks] of [['rights_changed', 2], ['refused', 1]] as const) {
    const it = rig();
    await it.begin();
    it.viewing.ended(reason);
    it.viewing.serverBack();
    await it.settle();
    assert.equal(it.sessions.length, asks, reason);
  }
});

test('a server that is another process has no viewing of before, however short the break was', async () => {
  const it = rig();
  await it.begin();
  await it.pass(500, true);
  it.viewing.serverReplaced();
  await it.settle();
  assert.equal(it.sessions[0]!.closed, true);
  assert.equal(it.sessions.length, 2);
});

test('a viewing that the break did not touch goes on', async () => {
  const it = rig();
  await it.begin();
  await it.pass(500, true);
  it.viewing.serverBack();
  await it.settle();
  assert.equal(it.sessions.length, 1);
});

test('a failed connection is replaced at once', async () => {
  const it = rig();
  await it.begin();
  await it.pass(500, true);
  it.last().lost();
  await it.settle();
  assert.equal(it.sessions[0]!.closed, true);
  assert.equal(it.sessions.length, 2);
});

test('a server that never answers is not asked all the time', async () => {
  const it = rig();
  for (let i = 0; i < 100; ++i) it.refusals.push(new ApiError(0, ''));
  await it.begin();
  await it.pass(20_000);
  const asked = 100 - it.refusals.length;
  assert.ok(asked >= 7 && asked <= 16, `${asked} times in 20 s`);
});

test('who leaves before the answer gives back what it brings', async () => {
  const it = rig();
  it.hold();
  await it.begin();
  it.viewing.want(false);
  await it.letGo();
  assert.equal(it.sessions.length, 1);
  assert.equal(it.sessions[0]!.closed, true);
  assert.equal(it.viewing.media.value, null);
  assert.equal(it.look().phase, 'idle');
});

test('a hidden page presents nothing, and that is no fault', async () => {
  const it = rig();
  await it.begin();
  await it.pass(500, true);
  it.setSight(false);
  await it.pass(25_000);
  it.setSight(true);
  await it.pass(500, true);
  assert.equal(it.sessions.length, 1);
  assert.equal(it.look().frozen_ms, 0);
});

test('frames of an earlier stream count for nothing', async () => {
  const it = rig();
  await it.begin();
  await it.pass(500, true);
  const old = it.last().media;
  it.last().lost();
  await it.settle();
  it.viewing.frame(old, 1);
  assert.equal(it.look().phase, 'starting');
});

test('where WebRTC brings nothing it goes over to MSE, and stays there for some minutes', async () => {
  const it = rig({ canMse: true });
  await it.begin();
  it.last().isConnected = false;
  await it.pass(1_900);
  assert.equal(it.sessions.length, 1);
  await it.pass(400);
  assert.deepEqual(it.sessions.map(({ door }) => door), ['whep', 'mse']);
  assert.equal(it.sessions[0]!.closed, true);
  await it.pass(1_000, true);
  assert.equal(it.look().phase, 'playing');
  it.last().lost();
  await it.settle();
  assert.equal(it.last().door, 'mse'); // it is known of this network
  await it.pass(kUdpBlocked_ms, true);
  it.last().lost();
  await it.settle();
  assert.equal(it.last().door, 'whep');
});

test('a WebRTC connection that fails is no reason to wait', async () => {
  const it = rig({ canMse: true });
  await it.begin();
  it.last().isConnected = false;
  it.last().lost();
  await it.settle();
  assert.deepEqual(it.sessions.map(({ door }) => door), ['whep', 'mse']);
});

test('what WebRTC cannot carry comes by MSE, until the video changes', async () => {
  const it = rig({ canMse: true });
  it.refusals.push(new ApiError(406, 'This stream has B-frames.'));
  await it.begin();
  assert.equal(it.last().door, 'mse');
  assert.equal(it.look().problem, null);
  it.viewing.see(camera('live', 'H.264 Main'));
  it.last().lost();
  await it.pass(1_500);
  assert.equal(it.last().door, 'whep');
});

test('what neither door can carry is said in the words of the server, and is final until the video changes', async () => {
  const it = rig({ canMse: true });
  it.refusals.push(new ApiError(406, 'No H.265 by WebRTC.'), new ApiError(406, 'H.265 comes by WebRTC alone.'));
  await it.begin();
  assert.deepEqual(it.look().problem, { kind: 'codec_not_supported', detail: 'H.265 comes by WebRTC alone.' });
  assert.equal(it.look().phase, 'ended');
  await it.pass(60_000);
  assert.equal(it.sessions.length, 0);
  it.viewing.see(camera('live', 'H.264 Main'));
  await it.settle();
  assert.equal(it.last().door, 'whep');
  assert.equal(it.look().problem, null);
});

test('what MSE cannot carry is not asked of it again while WebRTC brings nothing', async () => {
  const it = rig({ canMse: true });
  await it.begin();
  it.last().isConnected = false;
  it.refusals.push(new ApiError(406, 'H.265 comes by WebRTC alone.'));
  await it.pass(60_000);
  assert.ok(it.sessions.length > 2, 'WebRTC is tried on');
  assert.ok(it.sessions.every(({ door }) => door === 'whep'));
  assert.deepEqual(it.look().problem, { kind: 'codec_not_supported', detail: 'H.265 comes by WebRTC alone.' });
  while (it.look().phase !== 'starting') await it.pass(100);
  it.frame();
  assert.equal(it.look().phase, 'playing');
  assert.equal(it.look().problem, null);
});

test('a connection without pictures says nothing of the network', async () => {
  const it = rig({ canMse: true });
  await it.begin();
  await it.pass(2_300);
  assert.equal(it.last().door, 'mse');
  it.viewing.see(camera('live', 'H.265'));
  it.last().lost();
  await it.settle();
  assert.equal(it.last().door, 'whep');
});

test('what cannot be played is said to be so, and what was ended says why', async () => {
  const it = rig({ canMse: true });
  it.refusals.push(new ApiError(406, 'No H.265 by WebRTC.'));
  await it.begin();
  assert.equal(it.last().door, 'mse');
  it.last().events.unplayable();
  assert.deepEqual(it.look().problem, { kind: 'codec_not_supported', detail: 'No H.265 by WebRTC.' });
  assert.equal(it.look().phase, 'ended');
  assert.equal(it.viewing.media.value, null);
  it.viewing.retry();
  await it.settle();
  it.last().events.ended('privacy_on');
  assert.equal(it.look().problem?.kind, 'privacy_on');
  it.sessions[0]!.events.lost(); // an earlier one has nothing more to say
  assert.equal(it.look().phase, 'ended');
});

test('what this browser cannot play by MSE is tried by WebRTC, which may bring it or say why not', async () => {
  const it = rig({ canMse: true });
  await it.begin();
  it.last().isConnected = false;
  await it.pass(2_300);
  assert.equal(it.last().door, 'mse');
  it.refusals.push(new ApiError(406, 'No H.265 by WebRTC.'));
  it.last().events.unplayable();
  assert.equal(it.look().problem?.kind, 'codec_not_supported');
  await it.pass(5_000);
  assert.deepEqual(it.look().problem, { kind: 'codec_not_supported', detail: 'No H.265 by WebRTC.' });
  assert.equal(it.look().phase, 'ended');
  assert.equal(it.sessions.length, 2);
});

test('a session that tells capture times itself gives the age', async () => {
  const it = rig({ canMse: true });
  await it.begin();
  it.last().events.picture({ id: it.last().id, rtp_timestamp: 90_000, capture_us: kUtc_ms * 1000 - 150_000, now_us: kUtc_ms * 1000 });
  it.viewing.frame(it.last().media, 90_000);
  assert.equal(it.look().age_ms, 200);
});

test('sound comes only while somebody listens, and by a session of its own', async () => {
  const it = rig();
  it.viewing.see(camera('live', 'H.264', kOpus));
  await it.begin();
  it.viewing.see(camera('live', 'H.264', kOpus));
  await it.pass(1_000, true);
  assert.deepEqual(it.sessions.map(({ sound }) => sound), [false]);
  assert.equal(it.look().sound, false);
  it.viewing.listen(true);
  await it.pass(500, true);
  assert.deepEqual(it.sessions.map(({ sound, closed }) => [sound, closed]), [[false, true], [true, null]]);
  assert.equal(it.look().sound, true);
  it.viewing.listen(false);
  await it.pass(500, true);
  assert.deepEqual(it.sessions.map(({ sound, closed }) => [sound, closed]), [[false, true], [true, true], [false, null]]);
});

test('a camera whose sound begins later is heard then; one that cannot be heard goes on in silence', async () => {
  const it = rig();
  await it.begin();
  it.viewing.listen(true);
  await it.pass(1_000, true);
  assert.deepEqual(it.sessions.map(({ sound }) => sound), [false]);
  it.viewing.see(camera('live', 'H.264', kOpus));
  await it.pass(1_000, true);
  assert.deepEqual(it.sessions.map(({ sound }) => sound), [false, true]);
  it.beDeaf();
  it.viewing.see(camera('live', 'H.264', { ...kOpus, codec: 'AAC' }));
  await it.pass(5_000, true);
  assert.deepEqual(it.sessions.map(({ sound }) => sound), [false, true, false]);
  assert.equal(it.look().shown, true);
});
