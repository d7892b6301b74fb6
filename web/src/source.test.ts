import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitCredentials } from './source';

test('credentials are taken out of an address', () => {
  assert.deepEqual(splitCredentials('rtsp://admin:s3cret@10.0.0.5:554/live?x=1'), {
    url: 'rtsp://10.0.0.5:554/live?x=1', username: 'admin', password: 's3cret',
  });
  assert.deepEqual(splitCredentials(' rtsps://admin@cam.local/'), { url: 'rtsps://cam.local/', username: 'admin', password: '' });
});

test('passwords with signs in them, escaped or not', () => {
  assert.equal(splitCredentials('rtsp://a:p%40ss%3A1@h/')?.password, 'p@ss:1');
  assert.equal(splitCredentials('rtsp://a:p@ss:1@h/')?.password, 'p@ss:1');
  assert.equal(splitCredentials('rtsp://a:100%@h/')?.password, '100%');
});

test('an @ in the path is none of them', () => {
  assert.equal(splitCredentials('rtsp://host/live@2'), null);
  assert.equal(splitCredentials('rtsp://host/live'), null);
  assert.equal(splitCredentials('http://a:b@host/'), null);
  assert.equal(splitCredentials(''), null);
});
