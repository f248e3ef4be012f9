/** The arithmetic behind the map: view boxes, neighbours, clocks. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { nextSeat, seatAt } from '../../static/js/model/neighbours.js';
import { countdown, createServerClock, timeLeft } from '../../static/js/model/time.js';
import { fit, keepOver, reframe, reveal, zoom } from '../../static/js/model/viewbox.js';

const content = { x: 0, y: 0, width: 100, height: 100 };
const seats = [[0, 0], [30, 0], [60, 0], [5, 30], [30, 31], [200, 60]].map(([x, y], index) => ({ index, x, y, radius: 10 }));

test('the fitted box holds the content, centred, in the proportions of the frame', () => {
  const box = fit(content, { width: 400, height: 200 });
  assert.equal(box.width / box.height, 2);
  assert.ok(box.y < 0 && box.y + box.height > 100);
  assert.equal(box.x + box.width / 2, 50);
});

test('the point under the pointer stays where it is while zooming', () => {
  const box = zoom({ x: 0, y: 0, width: 100, height: 50 }, 2, { x: 20, y: 10 }, { least: 1, most: 1000 });
  assert.deepEqual(box, { x: 10, y: 5, width: 50, height: 25 });
});

test('zooming ends at its limits', () => {
  const box = { x: 0, y: 0, width: 100, height: 50 };
  assert.equal(zoom(box, 1000, { x: 0, y: 0 }, { least: 20, most: 200 }).width, 20);
  assert.equal(zoom(box, 0.001, { x: 0, y: 0 }, { least: 20, most: 200 }).width, 200);
});

test('the content cannot be pushed out of sight: all of it is seen where there is room, an edge of it when looked at closely', () => {
  assert.deepEqual(keepOver({ x: 500, y: -500, width: 150, height: 150 }, content), { x: 0, y: -50, width: 150, height: 150 });
  assert.deepEqual(keepOver({ x: 500, y: 7, width: 100, height: 100 }, content), { x: 0, y: 0, width: 100, height: 100 });
  const close = keepOver({ x: 500, y: -500, width: 10, height: 10 }, content);
  assert.ok(close.x < 100 && close.x + 10 > 100 && close.y < 0 && close.y + 10 > 0);
});

test('a point is revealed with the least movement', () => {
  const box = { x: 0, y: 0, width: 100, height: 100 };
  assert.deepEqual(reveal(box, { x: 50, y: 50 }, 10), box);
  assert.equal(reveal(box, { x: 120, y: 50 }, 10).x, 30);
});

test('a frame of another size keeps middle and scale', () => {
  const box = reframe({ x: 0, y: 0, width: 100, height: 100 }, { width: 200, height: 200 }, { width: 400, height: 200 });
  assert.deepEqual(box, { x: -50, y: 0, width: 200, height: 100 });
});

test('a tap finds the nearest seat within reach', () => {
  assert.equal(seatAt(seats, { x: 12, y: 2 }, 5).index, 0);
  assert.equal(seatAt(seats, { x: 100, y: 100 }, 5), null);
});

test('arrows go to the seat that a person would call the next one', () => {
  assert.equal(nextSeat(seats, seats[0], 'right').index, 1);
  assert.equal(nextSeat(seats, seats[0], 'down').index, 3);
  assert.equal(nextSeat(seats, seats[4], 'up').index, 1);
  assert.equal(nextSeat(seats, seats[0], 'left'), null);
});

test("the server's clock is followed, and the least delayed observation counts", () => {
  let local = 1_000_000;
  const clock = createServerClock(() => local);
  assert.equal(clock.now(), 1_000_000);
  clock.observe(new Date(1_000_000 + 5_000 - 300).toISOString());
  clock.observe(new Date(1_000_000 + 5_000 - 20).toISOString());
  clock.observe('nonsense');
  local += 1_000;
  assert.equal(clock.now(), 1_001_000 + 4_980);
});

test('time left never falls below zero, and a lock may have none', () => {
  assert.equal(timeLeft('1970-01-01T00:00:10.000Z', 4_000), 6_000);
  assert.equal(timeLeft('1970-01-01T00:00:10.000Z', 14_000), 0);
  assert.equal(timeLeft(null, 0), null);
});

test('a countdown says zero only when it is over', () => {
  assert.equal(countdown(900_000), '15:00');
  assert.equal(countdown(59_001), '1:00');
  assert.equal(countdown(1), '0:01');
  assert.equal(countdown(0), '0:00');
  assert.equal(countdown(3_661_000), '1:01:01');
});
