/** Long work in pieces. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { createSlices } from '../../static/js/view/list/slices.js';

/** Slices with a clock that moves with each step, and turns that are taken by hand. */
function setUp() {
  let time = 0;
  const turns = [];
  const ending = new AbortController();
  const slices = createSlices({ later: (task) => turns.push(task), now: () => time, signal: ending.signal });
  const done = [];
  function* steps(name, count, cost) {
    for (let step = 1; step <= count; step += 1) {
      time += cost;
      done.push(`${name}${step}`);
      yield;
    }
  }
  const turn = () => turns.shift()?.();
  return { slices, steps, done, turns, turn, ending };
}

test('short work is done in one turn, in order', () => {
  const { slices, steps, done, turns, turn } = setUp();
  slices.run(steps('a', 2, 0));
  slices.run(steps('b', 2, 0));
  assert.deepEqual(done, [], 'the page has its turn first');
  turn();
  assert.deepEqual(done, ['a1', 'a2', 'b1', 'b2']);
  assert.equal(turns.length, 0, 'nothing is left to be done');
});

test('long work gives the page its turn, and loses nothing', () => {
  const { slices, steps, done, turns, turn } = setUp();
  slices.run(steps('a', 10, 3));
  turn();
  assert.ok(done.length < 10, 'it was cut');
  assert.equal(turns.length, 1);
  while (turns.length) turn();
  assert.equal(done.length, 10);
});

test('work that is asked for while other work waits takes no turn of its own', () => {
  const { slices, steps, turns, turn, done } = setUp();
  slices.run(steps('a', 3, 100));
  turn();
  slices.run(steps('b', 1, 0));
  assert.equal(turns.length, 1);
  while (turns.length) turn();
  assert.deepEqual(done, ['a1', 'a2', 'a3', 'b1']);
});

test('nothing is done after the end', () => {
  const { slices, steps, done, turn, ending } = setUp();
  slices.run(steps('a', 3, 0));
  ending.abort();
  turn();
  assert.deepEqual(done, []);
});
