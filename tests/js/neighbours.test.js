/** The next seat in a direction, held against looking at every seat. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { nextSeat } from '../../static/js/model/neighbours.js';
import { chance } from './chance.js';

const STEPS = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] };

/** The cheapest of all seats by what neighbours are said to cost: a step sideways counts two and a half forward. */
function nextOfAll(seats, from, [stepX, stepY]) {
  const costs = seats.map((seat) => {
    const [dx, dy] = [seat.x - from.x, seat.y - from.y];
    const forward = dx * stepX + dy * stepY;
    const sideways = Math.abs(dx * stepY) + Math.abs(dy * stepX);
    return forward <= from.radius * 0.3 || sideways > forward * 2 ? Infinity : forward + sideways * 2.5;
  });
  const least = Math.min(...costs);
  return least === Infinity ? null : seats[costs.indexOf(least)];
}

/** Blocks of rows with wide aisles between them, and seats scattered about. */
function hall(seed) {
  const random = chance(seed);
  const places = [];
  for (let block = 0; block < 4; block += 1) {
    for (let at = 0; at < 80; at += 1) places.push([block * 900 + (at % 10) * 22, Math.floor(at / 10) * 25 + block * 130]);
  }
  for (let at = 0; at < 150; at += 1) places.push([random() * 3000, random() * 900]);
  return places.map(([x, y], index) => ({ index, x, y, radius: 10 }));
}

test('in every direction the next seat is the one that a look at all seats finds', () => {
  let found = 0;
  for (const seed of [3, 17]) {
    const seats = hall(seed);
    for (const from of seats) {
      for (const [direction, step] of Object.entries(STEPS)) {
        const expected = nextOfAll(seats, from, step);
        assert.equal(nextSeat(seats, from, direction), expected, `${direction} of ${from.index}`);
        if (expected) found += 1;
      }
    }
  }
  assert.ok(found > 2000);
});

test('a lone seat has no neighbour', () => {
  const [lone] = hall(1);
  for (const direction of Object.keys(STEPS)) assert.equal(nextSeat([lone], lone, direction), null);
});
