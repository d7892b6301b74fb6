import assert from 'node:assert/strict';
import { test } from 'node:test';
import { neighbour, type Box } from './grid';

/** Three columns: 0 1 2 / 3 4 */
const kBoxes: Box[] = [0, 1, 2, 3, 4].map((index) => ({ left: (index % 3) * 110, top: Math.floor(index / 3) * 70, width: 100, height: 60 }));

test('arrows follow what is seen', () => {
  assert.equal(neighbour(kBoxes, 0, 'right'), 1);
  assert.equal(neighbour(kBoxes, 1, 'down'), 4);
  assert.equal(neighbour(kBoxes, 4, 'up'), 1);
  assert.equal(neighbour(kBoxes, 2, 'down'), 4); // nothing below: the nearest
});

test('the end of a row goes on to the next, the ends of the wall hold', () => {
  assert.equal(neighbour(kBoxes, 2, 'right'), 3);
  assert.equal(neighbour(kBoxes, 3, 'left'), 2);
  assert.equal(neighbour(kBoxes, 0, 'left'), 0);
  assert.equal(neighbour(kBoxes, 4, 'right'), 4);
  assert.equal(neighbour(kBoxes, 0, 'up'), 0);
  assert.equal(neighbour(kBoxes, 3, 'down'), 3);
  assert.equal(neighbour([], 0, 'down'), 0);
});
