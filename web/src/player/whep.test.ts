import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from '../api/client';
import { startWhep } from './whep';

const kViewing = '0123456789abcdef0123456789abcdef';

class FakeMediaStream {
  constructor(readonly tracks: unknown[]) {}
}
Object.assign(globalThis, { MediaStream: FakeMediaStream });

class FakePeer {
  connectionState = 'new';
  onconnectionstatechange: (() => void) | null = null;
  closed = false;
  remote: unknown = null;
  receiver = { track: 'the track', jitterBufferTarget: null as number | null, getSynchronizationSources: () => [{ rtpTimestamp: 77 }] };
  transceivers: unknown[] = [];
  hears: string | null = 'recvonly'; // the direction that the answer gave the sound
  failsToAnswer = false;

  addTransceiver(kind: string, init: unknown) {
    this.transceivers.push([kind, init]);
    return { receiver: kind === 'audio' ? { track: 'the sound' } : this.receiver, currentDirection: kind === 'audio' ? this.hears : 'recvonly' };
  }
  createOffer = async () => ({ type: 'offer', sdp: 'v=0 offer' });
  setLocalDescription = async () => {};
  setRemoteDescription = async (description: unknown) => {
    if (this.failsToAnswer) throw new Error('bad sdp');
    this.remote = description;
  };
  getStats = async () =>
    new Map<string, object>([
      ['a', { type: 'candidate-pair', nominated: false, currentRoundTripTime: 9 }],
      ['b', { type: 'candidate-pair', nominated: true, currentRoundTripTime: 0.04 }],
    ]);
  close() {
    this.closed = true;
  }
  change(state: string) {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }
}

function rig(answer: () => Response) {
  const peer = new FakePeer();
  const asked: { address: string; init: RequestInit }[] = [];
  let lost = 0;
  const platform = {
    peer: () => peer as unknown as RTCPeerConnection,
    fetch: (async (address: string, init: RequestInit) => {
      asked.push({ address, init });
      return init.method === 'DELETE' ? new Response(null, { status: 204 }) : answer();
    }) as unknown as typeof fetch,
  };
  return { peer, asked, start: (sound = false) => startWhep(platform, { camera: 'cam', stream: 'main', sound }, () => (lost += 1)), lost: () => lost };
}
const created = (location = `/api/v1/viewings/${kViewing}`) => () =>
  new Response('v=0 answer', { status: 201, headers: { Location: location, ETag: '"1"' } });

test('offers one video to receive, at once, and uses the answer', async () => {
  const it = rig(created());
  const session = await it.start();
  assert.deepEqual(it.peer.transceivers, [['video', { direction: 'recvonly' }]]);
  assert.equal(it.peer.receiver.jitterBufferTarget, 0);
  assert.equal(it.asked[0]!.address, '/api/v1/cameras/cam/whep');
  assert.equal(it.asked[0]!.init.body, 'v=0 offer');
  assert.equal(new Headers(it.asked[0]!.init.headers).get('content-type'), 'application/sdp');
  assert.deepEqual(it.peer.remote, { type: 'answer', sdp: 'v=0 answer' });
  assert.equal(session.id, kViewing);
  assert.equal(session.media.timeOf({} as HTMLVideoElement, undefined), 77);
  assert.equal(await session.roundTrip_ms(), 40);
});

test('offers to hear where that is wanted, and says whether it does', async () => {
  const it = rig(created());
  const session = await it.start(true);
  assert.deepEqual(it.peer.transceivers, [
    ['video', { direction: 'recvonly' }],
    ['audio', { direction: 'recvonly' }],
  ]);
  assert.equal(session.sound, true);
  const video = {} as HTMLVideoElement;
  session.media.attach(video);
  assert.deepEqual((video.srcObject as unknown as FakeMediaStream).tracks, ['the track', 'the sound']);

  const silent = rig(created());
  silent.peer.hears = 'inactive';
  const pictures = await silent.start(true);
  assert.equal(pictures.sound, false);
  pictures.media.attach(video);
  assert.deepEqual((video.srcObject as unknown as FakeMediaStream).tracks, ['the track']);
  assert.equal((await rig(created()).start()).sound, false);
});

test('leaving deletes the viewing once, even while the page goes away', async () => {
  const it = rig(created());
  const session = await it.start();
  session.close();
  session.close();
  assert.equal(it.peer.closed, true);
  assert.deepEqual(it.asked.slice(1).map(({ address, init }) => [address, init.method, init.keepalive]), [
    [`/api/v1/viewings/${kViewing}`, 'DELETE', true],
  ]);
});

test('a viewing that the server has ended is not deleted', async () => {
  const it = rig(created());
  (await it.start()).close(false);
  assert.equal(it.peer.closed, true);
  assert.equal(it.asked.length, 1);
});

test('a refusal is told with its status, sentence and time to wait', async () => {
  const it = rig(
    () => new Response('{"detail":"No picture yet."}', { status: 503, headers: { 'Retry-After': '2', 'Content-Type': 'application/problem+json' } }),
  );
  await assert.rejects(it.start(), (error: ApiError) => error.status === 503 && error.detail === 'No picture yet.' && error.retryAfter_s === 2);
  assert.equal(it.peer.closed, true);
  assert.equal(it.asked.length, 1);
});

test('an answer that cannot be used gives the viewing back', async () => {
  const it = rig(created());
  it.peer.failsToAnswer = true;
  await assert.rejects(it.start(), /bad sdp/);
  assert.equal(it.peer.closed, true);
  assert.equal(it.asked[1]!.init.method, 'DELETE');
});

test('an answer without a viewing is none', async () => {
  for (const location of ['', 'https://elsewhere/viewings/1', `/api/v1/viewings/${kViewing}/x`]) {
    const it = rig(created(location));
    await assert.rejects(it.start(), /names no viewing/);
    assert.equal(it.peer.closed, true);
  }
});

test('a connection beyond repair is told, one that was closed on purpose is not', async () => {
  const it = rig(created());
  const session = await it.start();
  it.peer.change('disconnected');
  assert.equal(it.lost(), 0);
  it.peer.change('failed');
  assert.equal(it.lost(), 1);
  session.close();
  it.peer.change('closed');
  assert.equal(it.lost(), 1);
});
