import assert from 'node:assert/strict';
import { test } from 'node:test';
import { age, audioWords, byName, fullTime, since, videoWords } from './format';

const kNow = new Date('2026-11-22T23:30:00Z');

test('the time alone today, the day before it this week, the date earlier', () => {
  assert.equal(since('2026-11-22T13:50:00Z', 'UTC', kNow, 'en-GB'), '13:50');
  assert.equal(since('2026-11-20T13:50:00Z', 'UTC', kNow, 'en-GB'), 'Fri 13:50');
  assert.equal(since('2026-11-03T13:50:00Z', 'UTC', kNow, 'en-GB'), '3 Nov, 13:50');
});

test('today is the camera’s today', () => {
  // 23:30 in London is 08:30 of the next day in Tokyo.
  assert.equal(since('2026-11-22T13:50:00Z', 'Asia/Tokyo', kNow, 'en-GB'), 'Sun 22:50');
  assert.equal(since('2026-11-22T16:00:00Z', 'Asia/Tokyo', kNow, 'en-GB'), '01:00');
});

test('a time zone nobody knows is UTC and says so', () => {
  assert.equal(since('2026-11-22T13:50:00Z', 'Moon/Tranquility', kNow, 'en-GB'), '13:50 UTC');
});

test('without a time zone it is the viewer’s', () => {
  const here = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' }).format(new Date('2026-11-22T13:50:00Z'));
  assert.equal(since('2026-11-22T13:50:00Z', '', new Date('2026-11-22T13:51:00Z'), 'en-GB'), here);
});

test('no time is no text', () => {
  assert.equal(since('', 'UTC', kNow), '');
  assert.equal(since('1970-01-01T00:00:00Z', 'UTC', kNow), '');
  assert.equal(fullTime('yesterday', 'UTC'), '');
});

test('what a stream is, as far as it is known', () => {
  assert.equal(videoWords({ codec: 'H.264', width: 1280, height: 720, fps: 29.97 }), 'H.264, 1280 × 720, 30 pictures a second');
  assert.equal(videoWords({ codec: 'H.264', width: 640, height: 360, fps: 12.5 }), 'H.264, 640 × 360, 12.5 pictures a second');
  assert.equal(videoWords({ codec: 'H.264', width: 0, height: 0, fps: 0 }), 'H.264');
});

test('sound', () => {
  assert.equal(audioWords({ codec: 'PCMU', rate: 8000, channels: 1 }), 'PCMU, 8 kHz, mono');
  assert.equal(audioWords({ codec: 'AAC', rate: 44100, channels: 2 }), 'AAC, 44.1 kHz, stereo');
});

test('ages', () => {
  assert.equal(age(340), '0.3 s');
  assert.equal(age(42_400), '42 s');
  assert.equal(age(600_000), '10 min');
});

test('names are ordered as people do', () => {
  const names = ['Camera 10', 'camera 2', 'Camera 1', 'Äußere Tür', 'Door'];
  assert.deepEqual(names.sort(byName), ['Äußere Tür', 'Camera 1', 'camera 2', 'Camera 10', 'Door']);
});
