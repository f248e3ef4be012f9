/** Which of several showtimes a screen shows. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { createRotation } from '../../static/js/model/rotation.js';

const TURN = 15_000;

function rotating(ids, now = 0) {
  const rotation = createRotation(TURN);
  rotation.setIds(ids, now);
  return rotation;
}

test('each showtime has its turn, and after the last comes the first', () => {
  const rotation = rotating(['a', 'b']);
  assert.deepEqual([rotation.at(0), rotation.at(TURN - 1), rotation.at(TURN), rotation.at(2 * TURN)], ['a', 'a', 'b', 'a']);
});

test('one showtime stays, and none is nothing', () => {
  assert.equal(rotating(['a']).at(100 * TURN), 'a');
  assert.equal(rotating(['a']).next(0), null);
  assert.equal(rotating([]).at(0), null);
});

test('a page that slept through many turns goes on with the next', () => {
  const rotation = rotating(['a', 'b', 'c']);
  assert.equal(rotation.at(50 * TURN), 'b');
  assert.equal(rotation.at(50 * TURN + 1), 'b');
});

test('a pause holds what is shown, and the turn begins anew after it', () => {
  const rotation = rotating(['a', 'b']);
  rotation.setPaused(true, 1_000);
  assert.equal(rotation.next(1_000), null);
  assert.equal(rotation.at(10 * TURN), 'a');
  rotation.setPaused(false, 10 * TURN);
  assert.equal(rotation.next(10 * TURN), TURN);
  assert.equal(rotation.at(11 * TURN), 'b');
});

test('a step by hand works in a pause, both ways', () => {
  const rotation = rotating(['a', 'b', 'c']);
  rotation.setPaused(true, 0);
  rotation.step(-1, 1);
  assert.equal(rotation.at(1), 'c');
  rotation.step(1, 2);
  assert.equal(rotation.at(2), 'a');
});

test('when the one shown is removed the one after it follows with a turn of its own', () => {
  const rotation = rotating(['a', 'b', 'c']);
  rotation.at(TURN);
  rotation.setIds(['a', 'c'], TURN + 5_000);
  assert.equal(rotation.at(TURN + 5_000), 'c');
  assert.equal(rotation.next(TURN + 5_000), TURN);
  rotation.setIds(['a'], TURN + 6_000);
  assert.equal(rotation.at(TURN + 6_000), 'a');
  rotation.setIds([], TURN + 7_000);
  assert.equal(rotation.at(TURN + 7_000), null);
});

test('what is shown stays when another is removed or comes back', () => {
  const rotation = rotating(['a', 'b', 'c']);
  rotation.at(TURN);
  rotation.setIds(['b', 'c'], TURN + 1);
  rotation.setIds(['a', 'b', 'c'], TURN + 2);
  assert.equal(rotation.at(TURN + 2), 'b');
});

test('a clock that is set back does not hold a turn for hours', () => {
  const rotation = rotating(['a', 'b'], 3_600_000);
  assert.equal(rotation.at(0), 'a');
  assert.equal(rotation.at(TURN), 'b');
});
