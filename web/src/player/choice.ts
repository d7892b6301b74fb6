// Which of a camera's streams a picture takes (docs/design/sub-stream.md).

import type { Camera } from '../api/types';
import type { Stream } from './media';
import type { Snapshot } from './viewing';

/** Small streams are 640 pixels across or so: a picture this wide loses little by one. */
export const kSmall_px = 720;
/** A small stream that has brought no picture by then is not waited for. */
export const kSubWithin_ms = 6_000;

const kHopeful = new Set(['idle', 'connecting', 'live', 'stalled']);

/**
 * `width_px`: of the picture, in pixels of the screen; 0 where it is not laid out yet. Who listens takes the large one, of
 * which it is known what sound it has.
 */
export function choose(camera: Camera, width_px: number, gaveUp: boolean, listening = false): Stream {
  const small = width_px > 0 && width_px <= kSmall_px;
  return small && !listening && !gaveUp && camera.sub !== null && !hasFailed(camera) ? 'sub' : 'main';
}

export function hasFailed({ sub }: Camera): boolean {
  return sub !== null && !kHopeful.has(sub.state);
}

/** Whether the small stream is of no use here, though the camera itself may be. */
export function isUseless(view: Snapshot): boolean {
  return view.problem?.kind === 'codec_not_supported' || view.problem?.kind === 'not_found';
}
