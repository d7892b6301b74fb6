// How long to wait before trying again: short at first, at most 2.5 s, spread so that many pages that lost one server do
// not come back in one moment.

const kSteps_ms = [250, 700, 1200, 1800];

/** Milliseconds before attempt `attempt` (from 0); `random` gives [0, 1). */
export function retryDelay(attempt: number, random: () => number): number {
  const step = kSteps_ms[Math.min(attempt, kSteps_ms.length - 1)]!;
  return step + random() * Math.min(step, 700);
}
