import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CaptureMap, PictureAge, rtpDifference, ServerClock } from './age';

const kUtc_ms = 1_790_000_000_000;
const event = (rtp: number, capture_ms: number, now_ms = capture_ms) => ({
  id: 'v',
  rtp_timestamp: rtp,
  capture_us: capture_ms * 1000,
  now_us: now_ms * 1000,
});

test('the RTP clock wraps around', () => {
  assert.equal(rtpDifference(5, 0xffff_fffb), 10);
  assert.equal(rtpDifference(0xffff_fffb, 5), -10);
});

test('between two anchors capture time runs along the line through them', () => {
  const map = new CaptureMap();
  map.add(event(90_000, kUtc_ms), 0);
  map.add(event(180_000, kUtc_ms + 4_000), 0); // walking to live: 4 s of capture in 1 s of RTP
  assert.equal(map.capture_ms(135_000), kUtc_ms + 2_000);
});

test('outside the anchors it runs along the RTP clock', () => {
  const map = new CaptureMap();
  assert.equal(map.capture_ms(1), null);
  map.add(event(90_000, kUtc_ms), 0);
  assert.equal(map.capture_ms(180_000), kUtc_ms + 1_000);
  assert.equal(map.capture_ms(0), kUtc_ms - 1_000);
});

test('anchors across the wrap, and out of order, stay in order', () => {
  const map = new CaptureMap();
  map.add(event(90_000, kUtc_ms + 2_000), 0);
  map.add(event(0xffff_ffff - 90_000 + 1, kUtc_ms), 0);
  map.add(event(0, kUtc_ms + 1_000), 0);
  assert.equal(map.capture_ms(0xffff_ffff - 45_000 + 1), kUtc_ms + 500);
  assert.equal(map.capture_ms(45_000), kUtc_ms + 1_500);
});

test('another timeline replaces the one before', () => {
  const map = new CaptureMap();
  map.add(event(2_000_000_000, kUtc_ms), 0);
  map.add(event(90_000, kUtc_ms + 40), 0);
  assert.equal(map.capture_ms(180_000), kUtc_ms + 1_040);
});

test('many anchors do not make it slow or wrong', () => {
  const map = new CaptureMap();
  for (let second = 0; second < 500; ++second) map.add(event((second * 90_000) >>> 0, kUtc_ms + second * 1_000), second * 1_000);
  assert.equal(map.capture_ms(499 * 90_000 + 9_000), kUtc_ms + 499_100);
});

test('the server clock is the one of the least delayed event', () => {
  const clock = new ServerClock();
  assert.equal(clock.serverTime_ms(0), null);
  clock.observe(kUtc_ms - 300, 0); // came 300 ms late
  clock.observe(kUtc_ms + 1_000 - 20, 1_000);
  clock.observe(kUtc_ms + 2_000 - 500, 2_000);
  assert.equal(clock.serverTime_ms(3_000), kUtc_ms + 2_980);
  clock.roundTrip(40);
  assert.equal(clock.serverTime_ms(3_000), kUtc_ms + 3_000);
});

test('a server clock that steps back is followed', () => {
  const clock = new ServerClock();
  for (let at = 0; at < 20_000; at += 1_000) clock.observe(kUtc_ms + at, at);
  for (let at = 20_000; at < 60_000; at += 1_000) clock.observe(kUtc_ms + at - 5_000, at);
  assert.equal(clock.serverTime_ms(60_000), kUtc_ms + 55_000);
});

test('the age of a picture that stands still grows, and is not known without news', () => {
  const age = new PictureAge(new ServerClock());
  assert.equal(age.at(0), null);
  age.event(event(90_000, kUtc_ms - 100, kUtc_ms), 1_000);
  assert.equal(age.at(1_000), null); // nothing has been presented
  age.presented(90_000);
  assert.equal(age.at(1_000), 100);
  assert.equal(age.at(4_000), 3_100);
  assert.equal(age.at(6_001), null); // the newest event is older than 5 s
});
