/** How much is drawn at which size. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { canBeAimedAt, detailAt, showsNumbers } from '../../static/js/model/detail.js';

const arena = { seats: 20_000, sections: 80 };
const ORDER = ['blocks', 'dots', 'seats'];

test('a larger seat never gets less detail', () => {
  const steps = Array.from({ length: 400 }, (_, at) => ORDER.indexOf(detailAt(at / 10, arena)));
  assert.deepEqual(steps, [...steps].sort((a, b) => a - b));
  assert.deepEqual([...new Set(steps)], [0, 1, 2]);
});

test('a small plan and a plan of one section are never drawn as blocks', () => {
  assert.equal(detailAt(0.1, { seats: 800, sections: 5 }), 'dots');
  assert.equal(detailAt(0.1, { seats: 20_000, sections: 1 }), 'dots');
});

test('numbers are shown only in seats that are drawn as such', () => {
  for (let radius = 0; radius < 40; radius += 0.1) if (showsNumbers(radius)) assert.equal(detailAt(radius, arena), 'seats');
});

test('what a finger can aim at, a mouse can too, and blocks neither', () => {
  for (let radius = 0; radius < 40; radius += 0.1) {
    if (canBeAimedAt(radius, 'touch')) assert.ok(canBeAimedAt(radius, 'mouse'));
    if (detailAt(radius, arena) === 'blocks') assert.ok(!canBeAimedAt(radius, 'mouse'));
  }
});
