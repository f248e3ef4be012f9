/** Where the map looks, by a clock of the test's own. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { createCamera } from '../../static/js/view/map/camera.js';

const content = { x: 0, y: 0, width: 2000, height: 1000 };
const frame = { width: 400, height: 300 };
const seat = { x: 1500, y: 700, radius: 10 };

function camera({ still = false } = {}) {
  let moves = 0;
  const made = createCamera({ content, radius: 10, still: () => still, moved: () => (moves += 1) });
  made.resize(frame);
  return { ...made, moves: () => moves };
}

/** Steps until the camera rests, a frame at a time. */
function rest({ step }) {
  let now = 1000;
  while (step(now)) {
    now += 16;
    assert.ok(now < 20_000, 'the camera comes to rest');
  }
  return now - 1000;
}

test('at first the whole plan is seen, and again after the frame changed', () => {
  const made = camera();
  for (const size of [frame, { width: 300, height: 800 }]) {
    made.resize(size);
    const { x, y, width, height } = made.view();
    assert.ok(x <= 0 && y <= 0 && x + width >= 2000 && y + height >= 1000);
    assert.ok(Math.abs(width / height - size.width / size.height) < 1e-9);
  }
});

test('a view that was chosen keeps its middle and scale when the frame changes', () => {
  const made = camera();
  made.zoom(4, seat);
  const middle = made.toPlan(200, 150);
  const scale = made.scale();
  made.resize({ width: 600, height: 200 });
  assert.ok(Math.abs(made.scale() - scale) < 1e-9);
  assert.ok(Math.hypot(made.toPlan(300, 100).x - middle.x, made.toPlan(300, 100).y - middle.y) < 1e-6);
});

test('what is under the fingers stays there while zooming, whole or part of a glide', () => {
  const made = camera();
  const before = made.toFrame(seat);
  made.zoom(3, seat);
  assert.ok(Math.hypot(made.toFrame(seat).x - before.x, made.toFrame(seat).y - before.y) < 1e-6);
  made.zoom(2, seat, true);
  made.step(1000);
  made.step(1080);
  assert.ok(made.isGliding());
  assert.ok(Math.hypot(made.toFrame(seat).x - before.x, made.toFrame(seat).y - before.y) < 1e-6);
});

test('a glide arrives where it was said to go, in a fifth of a second', () => {
  const made = camera();
  made.show({ x: 1400, y: 600, width: 200, height: 150 }, true);
  const destination = made.destination();
  assert.notDeepEqual(made.view(), destination);
  assert.ok(rest(made) <= 216);
  assert.deepEqual(made.view(), destination);
});

test('with reduced motion nothing glides and nothing is carried on', () => {
  const made = camera({ still: true });
  made.show({ x: 1400, y: 600, width: 200, height: 150 }, true);
  assert.deepEqual(made.view(), made.destination());
  const { x } = made.view();
  made.flick(-2, 0);
  assert.equal(rest(made), 0);
  assert.equal(made.view().x, x);
});

test('a flick goes on in its direction, ever slower, and a touch ends it', () => {
  const made = camera();
  made.zoom(6, { x: 1000, y: 500 });
  const start = made.view().x;
  made.flick(-1, 0);
  made.step(1000);
  made.step(1016);
  const first = made.view().x - start;
  made.step(1032);
  const second = made.view().x - start - first;
  assert.ok(first > second && second > 0);
  made.halt();
  assert.equal(made.step(1048), false);
});

test('a corner of the plan stays in view however far it is pushed, and all of it where there is room', () => {
  const made = camera();
  made.zoom(5);
  made.pan(-100_000, 100_000);
  const corner = made.toFrame({ x: 2000, y: 0 });
  assert.ok(corner.x > 0 && corner.x < frame.width && corner.y > 0 && corner.y < frame.height);
  made.zoom(0.01);
  const { x, y, width, height } = made.view();
  assert.ok(x <= 0 && y <= 0 && x + width >= 2000 && y + height >= 1000);
});

test('a seat that is revealed is in the frame and large enough to be read; one that is so already moves nothing', () => {
  const made = camera();
  made.reveal(seat, false);
  const { x, y } = made.toFrame(seat);
  assert.ok(x > 0 && y > 0 && x < frame.width && y < frame.height);
  assert.ok(seat.radius * made.scale() >= 9);
  const moves = made.moves();
  made.reveal(seat, false);
  assert.equal(made.moves(), moves);
});
