// How fast to play so that little waits in the buffer and it never runs dry. What is in the buffer is the only delay that
// a player can do something about; the rest is the way here.

const kJump_s = 3;
const kLeast_s = 0.15;
const kMost_s = 1;
const kAfterStall_s = 0.1;
const kRelax = 0.995; // per look, 5 times a second: a stall is half forgotten after 30 s
const kFastest = 1.1;

export class Pace {
  private aim_s = kLeast_s;

  /** The buffer ran dry: more has to wait in it on this network. */
  stalled(): void {
    this.aim_s = Math.min(kMost_s, this.aim_s + kAfterStall_s);
  }

  /** With `ahead_s` seconds in the buffer: at which rate to play, or where to go on, counted from the buffer's end. */
  look(ahead_s: number): { rate: number } | { jump_s: number } {
    this.aim_s = Math.max(kLeast_s, this.aim_s * kRelax);
    if (ahead_s > kJump_s) return { jump_s: this.aim_s };
    const over_s = ahead_s - this.aim_s;
    // A tenth faster from 0.4 s too much on; nothing for what one picture more or less makes.
    return { rate: over_s < 0.1 ? 1 : Math.min(kFastest, 1 + over_s / 4) };
  }
}
