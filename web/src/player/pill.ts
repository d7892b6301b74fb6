// The pill that every picture wears. It says what is known and nothing else: LIVE needs a picture whose age is known and
// small, at this moment.

import type { Camera, CameraState } from '../api/types';
import { since } from '../format';
import { strings } from '../strings';
import type { Problem, Snapshot } from './viewing';

export const kLive_ms = 2_000;

/** How it looks: alive, behind, on its way, in need of somebody, switched off on purpose. */
export type Tone = 'live' | 'late' | 'wait' | 'bad' | 'off';

export interface Pill {
  /** Changes when there is news worth speaking; "4 s late" and "5 s late" are one. */
  kind: string;
  text: string;
  tone: Tone;
}

const kProblemTone: Record<Problem['kind'], Tone> = {
  signed_out: 'off',
  rights_changed: 'off',
  camera_removed: 'off',
  tenure_ended: 'off',
  suspended: 'off',
  privacy_on: 'off',
  lease_lost: 'wait',
  refused: 'bad',
  codec_not_supported: 'bad',
  too_many: 'wait',
  not_found: 'off',
};

const kStateTone: Record<Exclude<CameraState, 'live'>, Tone> = {
  connecting: 'wait',
  stalled: 'wait',
  wrong_password: 'bad',
  unreachable: 'bad',
  no_stream: 'bad',
  no_key_frame: 'bad',
  codec_not_supported: 'bad',
  refused: 'bad',
  certificate_changed: 'bad',
  privacy: 'off',
  suspended: 'off',
};

function ofState(camera: Camera, state: Exclude<CameraState, 'live'>, now: Date): Pill {
  const text = strings.pill.state[state](since(camera.since, camera.time_zone, now));
  return { kind: state, text, tone: kStateTone[state] };
}

export function pillOf(camera: Camera, view: Snapshot, server: 'there' | 'away', now: Date): Pill {
  if (view.problem) {
    const { kind } = view.problem;
    return { kind, text: strings.pill.problem[kind], tone: kProblemTone[kind] };
  }
  // Without the server, what it said last about a camera is old news.
  if (server === 'away' && view.age_ms === null) return { kind: 'reconnecting', text: strings.pill.reconnecting, tone: 'wait' };
  if (camera.state !== 'live' && !(camera.state === 'stalled' && view.age_ms !== null)) return ofState(camera, camera.state, now);
  if (view.age_ms === null) {
    return view.shown && view.trust === 'lost'
      ? { kind: 'reconnecting', text: strings.pill.reconnecting, tone: 'wait' }
      : { kind: 'connecting', text: strings.pill.connecting, tone: 'wait' };
  }
  if (view.age_ms < kLive_ms && view.frozen_ms === 0) return { kind: 'live', text: strings.pill.live, tone: 'live' };
  const late_ms = Math.max(view.age_ms, view.frozen_ms);
  return { kind: 'late', text: strings.pill.late(Math.round(late_ms / 1000)), tone: 'late' };
}

/** A picture that may not be trusted is dimmed. */
export function dimmed(camera: Camera, view: Snapshot): boolean {
  return view.shown && (camera.state !== 'live' || view.phase !== 'playing' || view.frozen_ms > 0 || view.trust === 'lost');
}
