import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse, safeNext, signInPath } from './router';

const kId = '0123456789abcdef0123456789abcdef';

test('addresses name screens', () => {
  assert.deepEqual(parse('/'), { page: 'wall' });
  assert.deepEqual(parse(`/camera/${kId}`), { page: 'camera', id: kId });
  assert.deepEqual(parse(`/camera/${kId}/`), { page: 'camera', id: kId });
  assert.deepEqual(parse('/add'), { page: 'add' });
  assert.deepEqual(parse('/sign-in'), { page: 'sign-in', next: '/' });
  assert.deepEqual(parse('/welcome#a-b_C'), { page: 'welcome', token: 'a-b_C' });
  for (const wrong of ['/camera/', '/camera/1', `/camera/${kId}0`, '/Add', '/x', `/camera/${kId.toUpperCase()}`]) {
    assert.deepEqual(parse(wrong), { page: 'missing' }, wrong);
  }
});

test('after signing in one goes on to where one was going, on this server only', () => {
  assert.equal(signInPath('/'), '/sign-in');
  assert.deepEqual(parse(signInPath(`/camera/${kId}`)), { page: 'sign-in', next: `/camera/${kId}` });
  for (const hostile of ['//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)', '/sign-in', '/nowhere', '', null]) {
    assert.equal(safeNext(hostile), '/', String(hostile));
  }
});
