// Which way pictures come to this page. WHEP is the first choice; where the network lets no UDP through, all pictures
// come by MSE until it is time to look again.

import type { Door } from './media';

export const kUdpBlocked_ms = 5 * 60_000;

export class Doors {
  private blockedUntil_ms = -Infinity;

  constructor(
    private readonly now: () => number,
    /** Whether this browser has MSE at all. */
    readonly canMse: boolean,
  ) {}

  choose(): Door {
    return this.canMse && this.now() < this.blockedUntil_ms ? 'mse' : 'whep';
  }

  udpIsBlocked(): void {
    this.blockedUntil_ms = this.now() + kUdpBlocked_ms;
  }
}
