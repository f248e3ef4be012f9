/** Reading and ordering positions. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { comparePositions, isBefore, parsePosition } from '../../static/js/model/position.js';

test('a position is an epoch and a number', () => {
  assert.deepEqual(parsePosition('k3x-17'), { epoch: 'k3x', seq: 17 });
});

test('what is not a position is refused', () => {
  for (const text of ['', 'e1', 'e1-', '-1', 'E1-1', 'e1-x', 'a-b-1', null, undefined]) assert.equal(parsePosition(text), null);
});

test('positions of one epoch are ordered by number', () => {
  assert.ok(isBefore('e1-9', 'e1-10'));
  assert.ok(!isBefore('e1-10', 'e1-10'));
});

test('positions of different epochs have no order', () => {
  assert.equal(comparePositions('e1-1', 'e2-1'), null);
  assert.ok(!isBefore('e1-1', 'e2-2'));
});
