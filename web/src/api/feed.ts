// The page's one stream of events. Read with fetch instead of EventSource, because the page has to see what EventSource
// hides: the status (401 is another thing than a server that is away), and the comments, whose absence means that the
// connection is dead although nothing was closed.

import { kApi } from './client';
import { retryDelay } from './backoff';
import { SseParser, type ServerEvent } from './sse';

// The server comments every 15 s.
const kSilence_ms = 22_000;
const kAnswer_ms = 5_000;

export type FeedState = 'closed' | 'opening' | 'open' | 'lost';

export interface FeedHandlers {
  state(state: FeedState): void;
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

  private set(state: FeedState): void {
    if (this.state_ === state) return;
    this.state_ = state;
    this.handlers.state(state);
  }

  private open(state: FeedState): void {
    this.abandon();
    this.set(state);
    const run = this.run;
    const stop = new AbortController();
    this.stop_ = stop;
    this.watch(run, kAnswer_ms);
    void this.read(run, stop.signal).catch(() => {}).then(() => {
      if (run === this.run) this.again();
    });
  }

  private again(): void {
    this.abandon();
    this.set('lost');
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

  private async read(run: number, signal: AbortSignal): Promise<void> {
    const answer = await this.platform.fetch(`${kApi}/events`, {
      headers: { Accept: 'text/event-stream' },
      credentials: 'same-origin',
      cache: 'no-store',
      signal,
    });
    if (run !== this.run) return;
    if (answer.status === 401) {
      this.stop();
      this.handlers.unauthenticated();
      return;
    }
    if (!answer.ok || !answer.body) return;
    const reader = answer.body.getReader();
    const text = new TextDecoder();
    const parser = new SseParser();
    this.attempt = 0;
    this.set('open');
    for (;;) {
      this.heard = this.platform.now();
      this.watch(run, kSilence_ms);
      const { done, value } = await reader.read();
      if (done || run !== this.run) return;
      for (const event of parser.push(text.decode(value, { stream: true }))) {
        this.handlers.event(event);
        if (run !== this.run) return;
      }
    }
  }
}
