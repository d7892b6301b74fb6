// The viewings of this page, one per camera and stream however many places show it, kept a moment after the last has gone
// so that going from the wall to one camera shows it without a new start.

import type { Camera, EndReason, ViewingEvent } from '../api/types';
import { ServerClock } from './age';
import type { Stream } from './media';
import { Viewing, type ViewingPlatform } from './viewing';

const kTick_ms = 250;
const kLinger_ms = 1_500;

interface Entry {
  viewing: Viewing;
  users: number;
  linger: ReturnType<typeof setTimeout> | undefined;
}

const keyOf = (camera: string, stream: Stream): string => `${camera} ${stream}`;

export class ViewingPool {
  private readonly clock = new ServerClock();
  private readonly entries = new Map<string, Entry>();
  private ticking: ReturnType<typeof setInterval> | undefined;
  private asleep = false;

  constructor(private readonly platform: ViewingPlatform) {}

  acquire(camera: Camera, stream: Stream): Viewing {
    const key = keyOf(camera.id, stream);
    let entry = this.entries.get(key);
    if (!entry) {
      entry = { viewing: new Viewing(camera.id, this.clock, this.platform, stream), users: 0, linger: undefined };
      this.entries.set(key, entry);
    }
    clearTimeout(entry.linger);
    entry.users += 1;
    entry.viewing.see(camera);
    entry.viewing.want(!this.asleep);
    this.ticking ??= setInterval(() => this.each((viewing) => viewing.tick()), kTick_ms);
    return entry.viewing;
  }

  release(viewing: Viewing): void {
    const key = keyOf(viewing.camera, viewing.stream);
    const entry = this.entries.get(key);
    if (!entry || entry.viewing !== viewing) return;
    entry.users -= 1;
    if (entry.users > 0) return;
    entry.linger = setTimeout(() => this.forget(key), kLinger_ms);
  }

  see(camera: Camera): void {
    this.each((viewing) => viewing.camera === camera.id && viewing.see(camera));
  }

  event(event: ViewingEvent): void {
    this.each((viewing) => viewing.event(event));
  }

  ended(id: string, reason: EndReason): void {
    this.each((viewing) => viewing.id === id && viewing.ended(reason));
  }

  serverBack(): void {
    this.each((viewing) => viewing.serverBack());
  }

  serverReplaced(): void {
    this.each((viewing) => viewing.serverReplaced());
  }

  /** Gives all viewings back at once: nobody looks, or nobody may. Those still shown ask again when it is over. */
  sleep(asleep: boolean): void {
    this.asleep = asleep;
    for (const { viewing, users } of [...this.entries.values()]) viewing.want(!asleep && users > 0);
  }

  private each(action: (viewing: Viewing) => unknown): void {
    for (const { viewing } of [...this.entries.values()]) action(viewing);
  }

  private forget(key: string): void {
    const entry = this.entries.get(key);
    if (!entry || entry.users > 0) return;
    entry.viewing.close();
    this.entries.delete(key);
    if (this.entries.size === 0) {
      clearInterval(this.ticking);
      this.ticking = undefined;
    }
  }
}
