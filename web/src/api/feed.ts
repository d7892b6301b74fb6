// The page's one stream of events. Read with fetch instead of EventSource, because the page has to see what EventSource
// hides: the status (401 is another thing than a server that is away), and the comments, whose absence means that the
// connection is dead although nothing was closed.

import { errorOf, kApi } from './client';
import { retryDelay } from './backoff';
import { SseParser, type ServerEvent } from './sse';

// The server comments every 15 s.
const kSilence_ms = 22_000;
const kAnswer_ms = 5_000;

export type FeedState = 'closed' | 'opening' | 'open' | 'lost';

export interface FeedHandlers {
  /** `why` is the server's sentence where it answered but gave no events. */
  state(state: FeedState, why: string): void;
  event(event: ServerEvent): void;
  unauthenticated(): void;
}

export interface FeedPlatform {
  fetch: typeof globalThis.fetch;
  now(): number;
  random(): number;
}

export class EventFeed {
  private run = 0; // a newer run makes the older ones fall silent
  private attempt = 0;
  private state_: FeedState = 'closed';
  private stop_: AbortController | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private heard = 0;
  private why = '';

  constructor(
    private readonly handlers: FeedHandlers,
    private readonly platform: FeedPlatform,
  ) {}

  get state(): FeedState {
    return this.state_;
  }

  start(): void {
    if (this.state_ === 'closed') this.open('opening');
  }

  stop(): void {
    this.abandon();
    this.set('closed');
  }

  /** The network or the page is back: try at once, and distrust a stream that has been silent for long. */
  nudge(): void {
    if (this.state_ === 'lost') {
      this.attempt = 0;
      this.open('lost');
    } else if (this.state_ === 'open' && this.platform.now() - this.heard > kSilence_ms) {
      this.open('lost');
    }
  }

  private abandon(): void {
    this.run += 1;
    clearTimeout(this.timer);
    this.stop_?.abort();
    this.stop_ = null;
  }

  private set(state: FeedState, why = ''): void {
    if (this.state_ === state && this.why === why) return;
    this.state_ = state;
    this.why = why;
    this.handlers.state(state, why);
  }

  private open(state: FeedState): void {
    this.abandon();
    this.set(state, state === 'lost' ? this.why : '');
    const run = this.run;
    const stop = new AbortController();
    this.stop_ = stop;
    this.watch(run, kAnswer_ms);
    void this.read(run, stop.signal).catch(() => '').then((why) => {
      if (run === this.run) this.again(why);
    });
  }

  private again(why = ''): void {
    this.abandon();
    this.set('lost', why);
    const run = this.run;
    this.timer = setTimeout(() => {
      if (run === this.run) this.open('lost');
    }, retryDelay(this.attempt++, this.platform.random));
  }

  private watch(run: number, within_ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (run === this.run) this.again();
    }, within_ms);
  }

  /** Reads until the stream ends; gives the server's sentence where there was none. */
  private async read(run: number, signal: AbortSignal): Promise<string> {
    const answer = await this.platform.fetch(`${kApi}/events`, {
      headers: { Accept: 'text/event-stream' },
      credentials: 'same-origin',
      cache: 'no-store',
      signal,
    });
    if (run !== this.run) return '';
    if (answer.status === 401) {
      this.stop();
      this.handlers.unauthenticated();
      return '';
    }
    if (!answer.ok || !answer.body) return (await errorOf(answer)).detail;
    const reader = answer.body.getReader();
    const text = new TextDecoder();
    const parser = new SseParser();
    this.attempt = 0;
    this.set('open');
    for (;;) {
      this.heard = this.platform.now();
      this.watch(run, kSilence_ms);
      const { done, value } = await reader.read();
      if (done || run !== this.run) return '';
      for (const event of parser.push(text.decode(value, { stream: true }))) {
        this.handlers.event(event);
        if (run !== this.run) return '';
      }
    }
  }
}
