// Dates, ages and sizes in words, and the order of names. Times of a camera are told in the camera's time zone, in the viewer's where that is not
// known, and in UTC, which is said, where it is none.

import type { Audio, Video } from './api/types';
import { strings } from './strings';

const kDay_ms = 24 * 60 * 60 * 1000;

function formatter(zone: string, options: Intl.DateTimeFormatOptions, locale?: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat(locale, { ...options, ...(zone ? { timeZone: zone } : {}) });
  } catch {
    return new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC', timeZoneName: 'short' });
  }
}

function day(at: Date, zone: string): string {
  return formatter(zone, { year: 'numeric', month: '2-digit', day: '2-digit' }, 'en-CA').format(at);
}

/** "13:50" on the same day, "Mon 13:50" within six days, "3 Nov, 13:50" before; empty where `when` is no time. */
export function since(when: string, zone: string, now: Date, locale?: string): string {
  const at = new Date(when);
  if (!(at.getTime() > 0)) return ''; // none, or 1970: not known
  const time: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit' };
  if (day(at, zone) === day(now, zone)) return formatter(zone, time, locale).format(at);
  if (Math.abs(now.getTime() - at.getTime()) < 6 * kDay_ms) return formatter(zone, { weekday: 'short', ...time }, locale).format(at);
  return formatter(zone, { day: 'numeric', month: 'short', ...time }, locale).format(at);
}

/** The whole date, for details. */
export function fullTime(when: string, zone: string, locale?: string): string {
  const at = new Date(when);
  if (!(at.getTime() > 0)) return '';
  return formatter(zone, { dateStyle: 'medium', timeStyle: 'medium' }, locale).format(at);
}

/** The age of a picture: tenths below ten seconds, whole seconds above, then minutes. */
export function age(ms: number): string {
  if (ms < 10_000) return strings.unit.seconds((ms / 1000).toFixed(1));
  if (ms < 120_000) return strings.unit.seconds(String(Math.round(ms / 1000)));
  return strings.unit.minutes(String(Math.round(ms / 60_000)));
}

function fps(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** "PCMU, 8 kHz, mono" */
export function audioWords({ codec, rate, channels }: Audio): string {
  return [codec, strings.unit.kilohertz(rate / 1000), strings.unit.channels(channels)].join(', ');
}

/** "H.264, 1280 × 720, 25 pictures a second"; 0 stands for what is not known. */
export function videoWords({ codec, width, height, fps: rate }: Video): string {
  return [codec, width > 0 && height > 0 && strings.unit.size(width, height), rate > 0 && strings.unit.fps(fps(rate))].filter(Boolean).join(', ');
}

const kNaturally = new Intl.Collator(undefined, { numeric: true });

/** Names as people order them: "Camera 2" before "Camera 10". */
export function byName(a: string, b: string): number {
  return kNaturally.compare(a, b);
}
