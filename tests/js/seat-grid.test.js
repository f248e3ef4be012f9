/** Seats by place, held against looking at every seat. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { createSeatGrid } from '../../static/js/model/seat-grid.js';
import { chance } from './chance.js';

const random = chance(7);
const seats = Array.from({ length: 800 }, (_, index) => ({ index, x: random() * 900 - 300, y: random() * 200, radius: 4 + random() * 8 }));
const grid = createSeatGrid(seats);

test('the nearest seat is the one that a look at all seats finds', () => {
  let found = 0;
  for (let round = 0; round < 500; round += 1) {
    const point = { x: random() * 1000 - 350, y: random() * 260 - 30 };
    const reach = random() * 12;
    const distance = (seat) => Math.hypot(seat.x - point.x, seat.y - point.y) - seat.radius;
    const expected = seats.filter((seat) => distance(seat) <= reach).sort((a, b) => distance(a) - distance(b))[0] ?? null;
    assert.equal(grid.nearest(point, reach), expected);
    if (expected) found += 1;
  }
  assert.ok(found > 100);
});

test('a box holds the seats whose centres are in it', () => {
  for (let round = 0; round < 200; round += 1) {
    const box = { x: random() * 900 - 400, y: random() * 200 - 50, width: random() * 400, height: random() * 100 };
    const inside = seats.filter((s) => s.x >= box.x && s.x <= box.x + box.width && s.y >= box.y && s.y <= box.y + box.height);
    const found = grid.within(box).sort((a, b) => a.index - b.index);
    assert.deepEqual(found, inside);
  }
});

test('a plan without seats has none anywhere', () => {
  assert.equal(createSeatGrid([]).nearest({ x: 0, y: 0 }, 100), null);
});
