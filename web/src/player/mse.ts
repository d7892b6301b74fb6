// Pictures as fragmented MP4 over a WebSocket, into a SourceBuffer (docs/design/mse.md): for networks without UDP, and
// for what WebRTC cannot carry.

import { ApiError, errorOf, kApi } from '../api/client';
import type { EndReason } from '../api/types';
import { streamQuery, type Ask, type Media, type PlayerSession, type SessionEvents } from './media';
import { kProtocol, kTicksPerSecond, readSegment, readText, type Segment, type TextMessage } from './mse_message';
import { Pace } from './pace';

/** What the server closes with when it ended the viewing; the reason is in the close frame. */
const kViewingEnded = 4000;
const kLook_ms = 200;
const kKept_s = 10;
const kTrimFrom_s = 15;
// Of segments that cannot be appended yet. A picture that is not shown anywhere waits for nothing longer.
const kQueue_bytes = 8 << 20;
// The page is told as often when a picture was captured; in between it reckons along the media timeline.
const kAnchorEvery = kTicksPerSecond / 10;
const kAnswer_ms = 5_000;

type Source = typeof globalThis.MediaSource;

/** Safari on phones has ManagedMediaSource alone. */
export function mediaSource(): Source | undefined {
  return globalThis.MediaSource ?? (globalThis as { ManagedMediaSource?: Source }).ManagedMediaSource;
}

export interface MsePlatform {
  fetch: typeof globalThis.fetch;
  socket(path: string, protocol: string): WebSocket;
  Source: Source;
}

const mimeOf = (codecs: string): string => `video/mp4; codecs="${codecs}"`;

/** One MediaSource with one SourceBuffer, fed in the order in which segments come. */
class Buffered implements Media {
  private readonly source: MediaSource;
  private buffer: SourceBuffer | null = null;
  private mime = '';
  private wanted = ''; // what the next init segment is
  private queue: Segment[] = [];
  private queued_bytes = 0;
  private keyOnly = false; // segments were dropped, so none is of use before a key frame
  private video: HTMLVideoElement | null = null;
  private readonly pace = new Pace();
  private readonly timer: ReturnType<typeof setInterval>;

  constructor(
    private readonly Source: Source,
    private readonly broken: () => void,
  ) {
    this.source = new Source();
    this.source.onsourceopen = () => this.append();
    this.source.onsourceclose = () => this.broken(); // it was taken from its element, and cannot be given back
    this.timer = setInterval(() => this.look(), kLook_ms);
  }

  attach(video: HTMLVideoElement): () => void {
    this.video = video;
    video.disableRemotePlayback = true; // ManagedMediaSource asks for it
    const stalled = (): void => this.pace.stalled();
    video.addEventListener('waiting', stalled);
    const address = URL.createObjectURL(this.source);
    video.src = address;
    return () => {
      video.removeEventListener('waiting', stalled);
      video.playbackRate = 1;
      video.removeAttribute('src');
      video.load();
      URL.revokeObjectURL(address);
      this.video = null;
    };
  }

  timeOf(video: HTMLVideoElement, presented: VideoFrameCallbackMetadata | undefined): number {
    return Math.round((presented?.mediaTime ?? video.currentTime) * kTicksPerSecond) >>> 0;
  }

  /** False where this browser cannot play it. */
  expect(codecs: string): boolean {
    this.wanted = mimeOf(codecs);
    return this.Source.isTypeSupported(this.wanted);
  }

  push(segment: Segment): void {
    if (this.keyOnly && segment.kind === 'media' && !segment.isKey) return;
    this.keyOnly = false;
    this.queue.push(segment);
    this.queued_bytes += segment.mp4.byteLength;
    if (this.queued_bytes > kQueue_bytes) {
      this.queue = this.queue.filter(({ kind }) => kind === 'init').slice(-1);
      this.queued_bytes = 0;
      this.keyOnly = true;
    }
    this.append();
  }

  stop(): void {
    clearInterval(this.timer);
    this.source.onsourceopen = null;
    this.source.onsourceclose = null;
    if (this.buffer) this.buffer.onupdateend = this.buffer.onerror = null;
    this.queue = [];
  }

  private append(): void {
    if (this.source.readyState !== 'open' || this.buffer?.updating || this.queue.length === 0) return;
    try {
      if (this.queue[0]!.kind === 'init') this.prepare();
      // All that waits, up to the next init segment.
      const next = this.queue.findIndex(({ kind }, at) => at > 0 && kind === 'init');
      const some = this.queue.splice(0, next < 0 ? this.queue.length : next);
      const bytes = some.reduce((sum, { mp4 }) => sum + mp4.byteLength, 0);
      this.queued_bytes = Math.max(0, this.queued_bytes - bytes);
      const all = new Uint8Array(bytes);
      let at = 0;
      for (const { mp4 } of some) {
        all.set(mp4, at);
        at += mp4.byteLength;
      }
      this.buffer?.appendBuffer(all);
    } catch {
      this.broken(); // full, or closed by the browser: another session begins anew
    }
  }

  private prepare(): void {
    if (!this.buffer) {
      this.buffer = this.source.addSourceBuffer(this.wanted);
      this.buffer.onupdateend = () => this.append();
      this.buffer.onerror = () => this.broken();
    } else if (this.mime !== this.wanted) {
      this.buffer.changeType(this.wanted);
    }
    this.mime = this.wanted;
  }

  private look(): void {
    const { video, buffer } = this;
    if (!video || !buffer || this.source.readyState !== 'open') return;
    const { buffered } = buffer;
    if (buffered.length === 0) return;
    const end = buffered.end(buffered.length - 1);
    const pace = this.pace.look(end - video.currentTime);
    if ('jump_s' in pace) {
      video.currentTime = end - pace.jump_s;
    } else if (video.playbackRate !== pace.rate) {
      video.playbackRate = pace.rate;
    }
    if (!buffer.updating && video.currentTime - buffered.start(0) > kTrimFrom_s) buffer.remove(0, video.currentTime - kKept_s);
  }
}

class MseSession implements PlayerSession {
  readonly media: Buffered;
  readonly sound = false;
  id = '';
  private closed = false;
  private anchored: number | null = null;

  constructor(
    Source: Source,
    private readonly socket: WebSocket,
    private readonly events: SessionEvents,
    private readonly named: () => void,
  ) {
    this.media = new Buffered(Source, () => this.lose());
    socket.binaryType = 'arraybuffer';
    socket.onmessage = ({ data }) => (typeof data === 'string' ? this.text(readText(data)) : this.binary(readSegment(data as ArrayBuffer)));
  }

  /** From when it is named on. */
  watchEnd(): void {
    this.socket.onclose = ({ code, reason }) => {
      if (this.closed) return;
      if (code === kViewingEnded) this.events.ended(reason as EndReason);
      else this.lose();
    };
  }

  connected = () => true;
  roundTrip_ms = async () => null;

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.media.stop();
    this.socket.onmessage = this.socket.onclose = this.socket.onerror = null;
    this.socket.close();
  }

  private lose(): void {
    if (this.closed) return;
    this.close();
    this.events.lost();
  }

  private text(message: TextMessage | null): void {
    if (message?.type === 'viewing') {
      this.id = message.id;
      this.named();
    } else if (message?.type === 'init' && !this.media.expect(message.codecs)) {
      this.close();
      this.events.unplayable();
    }
  }

  private binary(segment: Segment | null): void {
    if (!segment) return;
    if (segment.kind === 'media') this.tell(segment);
    this.media.push(segment);
  }

  private tell({ time, capture_us, now_us, isKey }: Segment): void {
    if (this.anchored !== null && !isKey && ((time - this.anchored) | 0) < kAnchorEvery) return;
    this.anchored = time;
    this.events.picture({ id: this.id, rtp_timestamp: time, capture_us, now_us });
  }
}

/** A refused handshake does not say why; the same request without one does, or it asks for one (426). */
async function whyRefused(platform: MsePlatform, { camera, stream }: Ask): Promise<ApiError> {
  try {
    const answer = await platform.fetch(`${kApi}/cameras/${camera}/mse${streamQuery(stream)}`, { credentials: 'same-origin', signal: AbortSignal.timeout(kAnswer_ms) });
    if (!answer.ok && answer.status !== 426) return await errorOf(answer);
  } catch {
    // No answer: that is what is said.
  }
  return new ApiError(0, '');
}

/** Starts a viewing. Throws an ApiError when the server refuses or does not answer. */
export async function startMse(platform: MsePlatform, ask: Ask, events: SessionEvents): Promise<PlayerSession> {
  const { camera, stream } = ask;
  const socket = platform.socket(`${kApi}/cameras/${camera}/mse${streamQuery(stream)}`, kProtocol);
  let named = (): void => {};
  const session = new MseSession(platform.Source, socket, events, () => named());
  const there = await new Promise<boolean>((done) => {
    const late = setTimeout(() => done(false), kAnswer_ms);
    const settle = (there: boolean): void => {
      clearTimeout(late);
      done(there);
    };
    named = () => settle(true);
    socket.onclose = socket.onerror = () => settle(false);
  });
  if (!there) {
    session.close();
    throw await whyRefused(platform, ask);
  }
  session.watchEnd();
  return session;
}
