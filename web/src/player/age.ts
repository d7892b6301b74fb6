// How old is the picture on the screen? Three clocks meet here: the RTP clock of the stream (90 kHz), the server's clock
// (UTC) and the page's own (performance.now, which never steps). The server's `viewing` events tie the first two
// together; `ServerClock` ties the last two.

import type { ViewingEvent } from '../api/types';

const kRtpTicksPerMs = 90;
const kAnchors_max = 64;
// Two anchors whose clocks disagree by more than any walk to live explains (GOPs reach 30 s) are of two timelines.
const kTimeline_ms = 120_000;
// Without news for so long, the RTP clock alone is no proof of age: the server may have re-timed the stream.
const kAnchorTrust_ms = 5_000;
const kBucket_ms = 15_000;

/** a - b on the 32-bit RTP clock, which wraps around every 13 hours. */
export function rtpDifference(a: number, b: number): number {
  return (a - b) | 0;
}

/**
 * The server's clock on ours. An event can only be late, never early, so the largest difference seen lately is the
 * nearest to the truth; older ones are forgotten, so that a clock that steps or drifts is followed within 30 s.
 */
export class ServerClock {
  private buckets: { start: number; offset_ms: number }[] = [];
  private halfRoundTrip_ms = 0;

  observe(server_ms: number, at_ms: number): void {
    const offset = server_ms - at_ms;
    const newest = this.buckets[this.buckets.length - 1];
    if (!newest || at_ms - newest.start >= kBucket_ms) {
      this.buckets.push({ start: at_ms, offset_ms: offset });
      if (this.buckets.length > 2) this.buckets.shift();
    } else if (offset > newest.offset_ms) {
      newest.offset_ms = offset;
    }
  }

  /** The way back of a measured round trip is what every event is late by at least. */
  roundTrip(round_trip_ms: number): void {
    this.halfRoundTrip_ms = Math.max(0, round_trip_ms) / 2;
  }

  serverTime_ms(at_ms: number): number | null {
    if (this.buckets.length === 0) return null;
    return at_ms + Math.max(...this.buckets.map((bucket) => bucket.offset_ms)) + this.halfRoundTrip_ms;
  }
}

interface Anchor {
  rtp: number;
  capture_ms: number;
}

/** The capture times of one viewing's pictures, by RTP timestamp. */
export class CaptureMap {
  private anchors: Anchor[] = []; // in the order of the RTP clock
  private heard_ms = -Infinity;

  add(event: ViewingEvent, at_ms: number): void {
    this.heard_ms = at_ms;
    const anchor = { rtp: event.rtp_timestamp >>> 0, capture_ms: event.capture_us / 1000 };
    const newest = this.anchors[this.anchors.length - 1];
    if (newest) {
      const byRtp_ms = rtpDifference(anchor.rtp, newest.rtp) / kRtpTicksPerMs;
      if (Math.abs(byRtp_ms - (anchor.capture_ms - newest.capture_ms)) > kTimeline_ms) this.anchors = [];
    }
    const after = this.anchors.findIndex((other) => rtpDifference(other.rtp, anchor.rtp) >= 0);
    if (after < 0) this.anchors.push(anchor);
    else this.anchors.splice(after, this.anchors[after]!.rtp === anchor.rtp ? 1 : 0, anchor);
    if (this.anchors.length > kAnchors_max) this.anchors.shift();
  }

  trusted(at_ms: number): boolean {
    return at_ms - this.heard_ms <= kAnchorTrust_ms;
  }

  /** Between two anchors along the line through them; outside, along the RTP clock from the nearest. */
  capture_ms(rtp: number): number | null {
    const next = this.anchors.findIndex((anchor) => rtpDifference(anchor.rtp, rtp) >= 0);
    const after = next < 0 ? undefined : this.anchors[next];
    const before = next < 0 ? this.anchors[this.anchors.length - 1] : this.anchors[next - 1];
    if (before && after) {
      const part = rtpDifference(rtp, before.rtp) / rtpDifference(after.rtp, before.rtp);
      return before.capture_ms + part * (after.capture_ms - before.capture_ms);
    }
    const nearest = before ?? after;
    return nearest ? nearest.capture_ms + rtpDifference(rtp, nearest.rtp) / kRtpTicksPerMs : null;
  }
}

/** The age of what one viewing shows. */
export class PictureAge {
  private readonly map = new CaptureMap();
  private rtp: number | null = null;

  constructor(private readonly clock: ServerClock) {}

  event(event: ViewingEvent, at_ms: number): void {
    this.clock.observe(event.now_us / 1000, at_ms);
    this.map.add(event, at_ms);
  }

  presented(rtp: number | null): void {
    this.rtp = rtp;
  }

  /** Milliseconds between capture and now; null where it cannot be told. A picture that stands still grows older. */
  at(now_ms: number): number | null {
    if (this.rtp === null || !this.map.trusted(now_ms)) return null;
    const captured = this.map.capture_ms(this.rtp);
    const server = this.clock.serverTime_ms(now_ms);
    return captured === null || server === null ? null : Math.max(0, server - captured);
  }
}
