import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from '../api/client';
import type { EndReason, ViewingEvent } from '../api/types';
import { startMse } from './mse';
import { kHeader_bytes, readSegment } from './mse_message';

const kCapture_us = 1_790_000_000_123_456;

function segment(kind: number, { flags = 0, time = 0, capture_us = kCapture_us, now_us = kCapture_us + 5_000, bytes = [1, 2] } = {}): ArrayBuffer {
  const message = new ArrayBuffer(kHeader_bytes + bytes.length);
  const view = new DataView(message);
  view.setUint8(0, kind);
  view.setUint8(1, flags);
  view.setUint32(4, time);
  view.setBigUint64(8, BigInt(capture_us));
  view.setBigUint64(16, BigInt(now_us));
  new Uint8Array(message, kHeader_bytes).set(bytes);
  return message;
}

class FakeBuffer {
  updating = false;
  onupdateend: (() => void) | null = null;
  onerror: (() => void) | null = null;
  appended: number[][] = [];
  types: string[] = [];
  buffered = { length: 0 };
  appendBuffer(bytes: Uint8Array) {
    assert.equal(this.updating, false);
    this.updating = true;
    this.appended.push([...bytes]);
  }
  changeType(type: string) {
    this.types.push(type);
  }
  finish() {
    this.updating = false;
    this.onupdateend?.();
  }
}

class FakeSource {
  static last: FakeSource;
  static isTypeSupported = (type: string) => !type.includes('hvc1');
  readyState = 'closed';
  onsourceopen: (() => void) | null = null;
  onsourceclose: (() => void) | null = null;
  buffers: FakeBuffer[] = [];
  constructor() {
    FakeSource.last = this;
  }
  addSourceBuffer(type: string) {
    const buffer = new FakeBuffer();
    buffer.types.push(type);
    this.buffers.push(buffer);
    return buffer;
  }
  open() {
    this.readyState = 'open';
    this.onsourceopen?.();
  }
}

class FakeSocket {
  binaryType = '';
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  onerror: (() => void) | null = null;
  closed = false;
  close() {
    this.closed = true;
  }
  say(data: unknown) {
    this.onmessage?.({ data: typeof data === 'string' || data instanceof ArrayBuffer ? data : JSON.stringify(data) });
  }
}

function rig(answer = () => new Response('{}', { status: 200 })) {
  const socket = new FakeSocket();
  const asked: string[] = [];
  const said = { lost: 0, ended: [] as EndReason[], unplayable: 0, pictures: [] as ViewingEvent[] };
  const started = startMse(
    {
      fetch: (async (address: string) => {
        asked.push(address);
        return answer();
      }) as unknown as typeof fetch,
      socket: (path, protocol) => {
        asked.push(`${path} ${protocol}`);
        return socket as unknown as WebSocket;
      },
      Source: FakeSource as unknown as typeof MediaSource,
    },
    { camera: 'cam', stream: 'main', sound: false },
    {
      lost: () => (said.lost += 1),
      ended: (reason) => said.ended.push(reason),
      unplayable: () => (said.unplayable += 1),
      picture: (event) => said.pictures.push(event),
    },
  );
  return { socket, asked, said, started, source: () => FakeSource.last, buffer: () => FakeSource.last.buffers[0]! };
}

async function begin() {
  const it = rig();
  it.socket.say({ type: 'viewing', id: 'v0' });
  return { ...it, session: await it.started };
}
const kInit = { type: 'init', codecs: 'avc1.64001f', width: 640, height: 360 };

test('a binary message is a header and MP4', () => {
  const read = readSegment(segment(2, { flags: 1, time: 0xffff_fff0 }))!;
  assert.deepEqual({ ...read, mp4: [...read.mp4] }, { kind: 'media', isKey: true, time: 0xffff_fff0, capture_us: kCapture_us, now_us: kCapture_us + 5_000, mp4: [1, 2] });
  assert.equal(readSegment(segment(3)), null);
  assert.equal(readSegment(new ArrayBuffer(23)), null);
});

test('appends what comes in order, and what waited in one piece', async () => {
  const it = await begin();
  assert.deepEqual(it.asked, ['/api/v1/cameras/cam/mse jalousie.mse.v1']);
  assert.equal(it.session.id, 'v0');
  it.socket.say(kInit);
  it.socket.say(segment(1, { bytes: [9] }));
  it.socket.say(segment(2, { flags: 1, bytes: [1] }));
  assert.equal(it.source().buffers.length, 0);
  it.source().open();
  assert.deepEqual(it.buffer().types, ['video/mp4; codecs="avc1.64001f"']);
  it.socket.say(segment(2, { bytes: [2] }));
  it.socket.say(segment(2, { bytes: [3] }));
  assert.deepEqual(it.buffer().appended, [[9, 1]]);
  it.buffer().finish();
  assert.deepEqual(it.buffer().appended, [[9, 1], [2, 3]]);
  it.session.close();
  assert.equal(it.socket.closed, true);
});

test('another init segment is appended by itself, under its own type', async () => {
  const it = await begin();
  it.source().open();
  it.socket.say(kInit);
  it.socket.say(segment(1, { bytes: [9] }));
  it.socket.say(segment(2, { bytes: [1] }));
  it.socket.say({ ...kInit, codecs: 'avc1.4d401f' });
  it.socket.say(segment(1, { bytes: [8] }));
  it.socket.say(segment(2, { flags: 1, bytes: [2] }));
  it.buffer().finish();
  it.buffer().finish();
  assert.deepEqual(it.buffer().appended, [[9], [1], [8, 2]]);
  assert.equal(it.buffer().types[1], 'video/mp4; codecs="avc1.4d401f"');
  it.session.close();
});

test('tells when pictures were captured, ten times a second', async () => {
  const it = await begin();
  for (let picture = 0; picture < 50; ++picture) it.socket.say(segment(2, { flags: picture === 0 ? 1 : 0, time: picture * 3_600 }));
  assert.equal(it.said.pictures.length, 17);
  assert.deepEqual(it.said.pictures[0], { id: 'v0', rtp_timestamp: 0, capture_us: kCapture_us, now_us: kCapture_us + 5_000 });
  it.session.close();
});

test('a codec that the browser does not have is said to be unplayable', async () => {
  const it = await begin();
  it.socket.say({ ...kInit, codecs: 'hvc1.1.6.L93.B0' });
  assert.equal(it.said.unplayable, 1);
  assert.equal(it.socket.closed, true);
});

test('the end of the viewing comes with its reason; any other end is a loss, once', async () => {
  const ended = await begin();
  ended.socket.onclose!({ code: 4000, reason: 'privacy_on' });
  assert.deepEqual(ended.said.ended, ['privacy_on']);
  assert.equal(ended.said.lost, 0);
  ended.session.close();
  const lost = await begin();
  lost.socket.onclose!({ code: 1006, reason: '' });
  lost.source().onsourceclose?.();
  assert.equal(lost.said.lost, 1);
  const taken = await begin();
  taken.source().onsourceclose!();
  assert.equal(taken.said.lost, 1);
  assert.equal(taken.socket.closed, true);
});

test('a handshake that is refused says what a request says', async () => {
  for (const status of [401, 404, 406]) {
    const it = rig(() => new Response('{"detail":"Not here."}', { status, headers: { 'Content-Type': 'application/problem+json' } }));
    it.socket.onclose!({ code: 1006, reason: '' });
    await assert.rejects(it.started, (error: unknown) => error instanceof ApiError && error.status === status && error.detail === 'Not here.');
  }
  const other = rig(() => new Response('{"detail":"Only WebSockets."}', { status: 426 }));
  other.socket.onclose!({ code: 1006, reason: '' });
  await assert.rejects(other.started, (error: unknown) => error instanceof ApiError && error.status === 0);
});

test('what is shown nowhere is let go of, back to a key frame', async () => {
  const it = await begin();
  it.socket.say(kInit);
  it.socket.say(segment(1, { bytes: [9] }));
  const large = Array.from<number>({ length: 1 << 20 }).fill(5);
  for (let i = 0; i < 9; ++i) it.socket.say(segment(2, { flags: i === 0 ? 1 : 0, bytes: large }));
  it.socket.say(segment(2, { bytes: [6] }));
  it.socket.say(segment(2, { flags: 1, bytes: [7] }));
  it.source().open();
  assert.deepEqual(it.buffer().appended, [[9, 7]]);
  it.session.close();
});
