// The messages of `jalousie.mse.v1`, as docs/ref/api.md has them.

export const kProtocol = 'jalousie.mse.v1';
export const kHeader_bytes = 24;
export const kTicksPerSecond = 90_000;

export type TextMessage =
  | { type: 'viewing'; id: string }
  | { type: 'init'; codecs: string; width: number; height: number }
  | { type: 'skipped'; blocks: number };

export interface Segment {
  kind: 'init' | 'media';
  isKey: boolean;
  /** Media time at 90 kHz, its low 32 bits. */
  time: number;
  capture_us: number;
  now_us: number;
  mp4: Uint8Array<ArrayBuffer>;
}

// A time of day in microseconds fits into the 53 bits of a number until the year 2255.
const u64 = (view: DataView, at: number): number => view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4);

/** Null for what this page does not know: a later server may send more. */
export function readSegment(message: ArrayBuffer): Segment | null {
  if (message.byteLength < kHeader_bytes) return null;
  const view = new DataView(message);
  const kind = view.getUint8(0);
  if (kind !== 1 && kind !== 2) return null;
  return {
    kind: kind === 1 ? 'init' : 'media',
    isKey: (view.getUint8(1) & 1) !== 0,
    time: view.getUint32(4),
    capture_us: u64(view, 8),
    now_us: u64(view, 16),
    mp4: new Uint8Array(message, kHeader_bytes),
  };
}

export function readText(message: string): TextMessage | null {
  try {
    return JSON.parse(message) as TextMessage;
  } catch {
    return null;
  }
}
