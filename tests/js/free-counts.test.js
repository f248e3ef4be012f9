/** How many seats are free, kept up to date. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { createFreeCounts } from '../../static/js/model/free-counts.js';

const PLAN = {
  seats: ['Stalls', 'Box', 'Stalls', 'Nowhere'].map((category) => ({ category })),
  categories: [{ name: 'Stalls', color: '#111' }, { name: 'Box', color: '#222' }],
};

function counting(statuses) {
  const counts = createFreeCounts(PLAN, (index) => statuses[index]);
  counts.update('all');
  return counts;
}

test('free seats are counted in all and by category, one of no known category in all only', () => {
  const { known, free, seats, categories } = counting(['available', 'available', 'locked', 'available']).get();
  assert.deepEqual({ known, free, seats }, { known: true, free: 3, seats: 4 });
  assert.deepEqual(categories, [
    { name: 'Stalls', color: '#111', free: 1, seats: 2 },
    { name: 'Box', color: '#222', free: 1, seats: 1 },
  ]);
});

test('nothing is known until the server has said something', () => {
  const statuses = ['unknown', 'unknown', 'unknown', 'unknown'];
  const counts = counting(statuses);
  assert.deepEqual([counts.get().known, counts.get().free], [false, 0]);
  statuses.fill('occupied');
  counts.update('all');
  assert.deepEqual([counts.get().known, counts.get().free], [true, 0]);
});

test('after any changes that were named the counts equal a fresh count', () => {
  const states = ['available', 'locked', 'occupied', 'blocked', 'selected', 'pending', 'lost'];
  const statuses = ['available', 'available', 'available', 'available'];
  const counts = counting(statuses);
  for (let step = 0; step < 200; step += 1) {
    const index = (step * 7) % 4;
    statuses[index] = states[(step * 5 + (step >> 2)) % states.length];
    counts.update(step % 3 ? [index] : [index, index]);
    assert.deepEqual(counts.get(), counting(statuses).get());
  }
});
