import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SseParser } from './sse';

const kStream = 'event: camera\r\ndata: {"a":1}\r\n\r\n: comment\n\ndata: one\ndata:two\n\nevent: empty\n\nevent: x\rdata: 3\r\r\n';
const kEvents = [
  { event: 'camera', data: '{"a":1}' },
  { event: 'message', data: 'one\ntwo' },
  { event: 'x', data: '3' },
];

test('reads fields, comments and every line ending', () => {
  assert.deepEqual(new SseParser().push(kStream), kEvents);
});

test('reads the same however the text is cut', () => {
  for (let at = 0; at <= kStream.length; ++at) {
    const parser = new SseParser();
    assert.deepEqual([...parser.push(kStream.slice(0, at)), ...parser.push(kStream.slice(at))], kEvents, `cut at ${at}`);
  }
  const parser = new SseParser();
  assert.deepEqual([...kStream].flatMap((letter) => parser.push(letter)), kEvents);
});

test('an event is told only when its empty line has come', () => {
  const parser = new SseParser();
  assert.deepEqual(parser.push('data: 1\n'), []);
  assert.deepEqual(parser.push('\n'), [{ event: 'message', data: '1' }]);
});

test('a line without end is refused', () => {
  assert.throws(() => new SseParser().push('x'.repeat((1 << 20) + 1)));
});
