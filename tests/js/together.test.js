/** Seats side by side: where aisles are, what is suggested, in which order, and what becomes of it when seats go. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import test from 'node:test';
import { focusOf } from '../../static/js/model/focus.js';
import { readPlan } from '../../static/js/model/plan.js';
import { segmentsOf } from '../../static/js/model/segments.js';
import { createTogether } from '../../static/js/model/together.js';

const REAL_PLANS = new URL('../../../shared/plans/', import.meta.url);
const every = () => true;

/** A plan of rows, each a list of places along x or of points; the numbers of rows and seats say nothing. */
function planOf(rows, areas = []) {
  const raw = rows.map((row, r) => ({
    row_number: 'same',
    seats: row.map((place, s) => ({
      seat_guid: `${r}-${s}`,
      seat_number: '7',
      position: typeof place === 'number' ? { x: place, y: r * 40 } : place,
      category: place.category ?? 'Stalls',
    })),
  }));
  return readPlan({ categories: [{ name: 'Stalls' }, { name: 'Box' }], zones: [{ rows: raw, areas }] });
}

const ids = (seats) => seats.map(({ id }) => id).join(' ');
const segments = (rows) => segmentsOf(planOf(rows)).map(ids);

function searchIn(plan, wish, prices = { Stalls: 20, Box: 30 }) {
  const ground = { segments: segmentsOf(plan), priceOf: (seat) => prices[seat.category] ?? null, focus: focusOf(plan) };
  return createTogether(ground)({ count: 2, order: 'nearest', isFree: every, matches: every, ...wish });
}

const suggested = (search) => search.suggestions().map(({ seats }) => ids(seats));

test('a gap clearly wider than the row\'s pitch is an aisle', () => {
  assert.deepEqual(segments([[0, 25, 50, 100, 125, 150]]), ['0-0 0-1 0-2', '0-3 0-4 0-5']);
  assert.deepEqual(segments([[0, 25, 50, 88, 113, 138]]), ['0-0 0-1 0-2 0-3 0-4 0-5']);
});

test('each row has a pitch of its own, and rows of one number stay apart', () => {
  assert.deepEqual(segments([[0, 60, 120, 180], [0, 25, 50, 110]]), ['0-0 0-1 0-2 0-3', '1-0 1-1 1-2', '1-3']);
});

test('a row of two seats with an aisle between them is told by the pitch of the plan', () => {
  assert.deepEqual(segments([[0, 25, 50, 75], [0, 200]]), ['0-0 0-1 0-2 0-3', '1-0', '1-1']);
});

test('seats listed out of order are neighbours where they stand side by side', () => {
  assert.deepEqual(segments([[50, 0, 25, 75, 150, 175]]), ['0-1 0-2 0-0 0-3', '0-4 0-5']);
});

test('a curved row is followed along its curve', () => {
  const arc = Array.from({ length: 20 }, (_, s) => ({ x: 300 * Math.cos((s * Math.PI) / 13), y: 300 * Math.sin((s * Math.PI) / 13) }));
  assert.equal(segments([arc]).length, 1);
});

test('people look at the largest area without a seat, else at the middle', () => {
  const rectangle = (x, y, width, height) => ({ shape: 'rectangle', position: { x, y }, rectangle: { width, height } });
  const floor = rectangle(-50, -50, 500, 500);
  const stage = rectangle(0, -300, 100, 20);
  assert.deepEqual(focusOf(planOf([[0, 25, 50]], [rectangle(0, 900, 10, 10), floor, stage])), { x: 50, y: -290 });
  assert.deepEqual(focusOf(planOf([[0, 20], [0, 20]])), { x: 10, y: 20 });
  assert.deepEqual(focusOf(readPlan({})), { x: 0, y: 0 });
});

test('the nearest comes first, and nobody is left alone if that can be', () => {
  assert.deepEqual(suggested(searchIn(planOf([[0, 25, 50, 75, 100]]), {})), ['0-0 0-1', '0-3 0-4']);
  assert.deepEqual(suggested(searchIn(planOf([[0, 25, 50, 75]]), { count: 3 })), ['0-0 0-1 0-2']);
  assert.deepEqual(suggested(searchIn(planOf([[0, 25, 50, 75, 100, 125]]), {})), ['0-2 0-3', '0-0 0-1', '0-4 0-5']);
});

test('a party sits in one category rather than nearer', () => {
  const row = [0, 25, 50, 75, 100, 125, 150].map((x) => ({ x, y: 0, category: x < 100 ? 'Stalls' : 'Box' }));
  const search = searchIn(planOf([row]), { count: 3, isFree: (index) => index < 6 });
  assert.deepEqual(suggested(search), ['0-0 0-1 0-2', '0-3 0-4 0-5']);
});

test('by price, the cheapest or the dearest come first and those without a price last', () => {
  const plan = planOf([['Stalls', 'Stalls', 'Free', 'Free', 'Box', 'Box'].map((category, s) => ({ x: s * 25, y: 0, category }))]);
  assert.deepEqual(suggested(searchIn(plan, { order: 'cheapest' })), ['0-0 0-1', '0-4 0-5', '0-2 0-3']);
  assert.deepEqual(suggested(searchIn(plan, { order: 'dearest' })), ['0-4 0-5', '0-0 0-1', '0-2 0-3']);
  assert.deepEqual(searchIn(plan, { order: 'cheapest' }).suggestions().map(({ sum }) => sum), [40, 60, null]);
});

test('equal sums are equal, however the prices are written', () => {
  const plan = planOf([[0, 25, 50, 75, 100, 125]]);
  const sums = searchIn(plan, { order: 'cheapest' }, { Stalls: 0.1 }).suggestions().map(({ sum }) => sum);
  assert.deepEqual(sums, [0.2, 0.2, 0.2]);
});

test('a suggestion goes with its seat, others come, and the rest stays', () => {
  const taken = new Set();
  const search = searchIn(planOf([[0, 25, 50, 75, 100, 125], [0, 25]]), { isFree: (index) => !taken.has(index) });
  assert.deepEqual(suggested(search), ['0-2 0-3', '0-0 0-1', '0-4 0-5', '1-0 1-1']);
  taken.add(3);
  search.refresh([3]);
  assert.deepEqual(suggested(search), ['0-4 0-5', '1-0 1-1', '0-1 0-2']);
  taken.clear();
  search.refresh([3]);
  assert.deepEqual(suggested(search), ['0-2 0-3', '0-0 0-1', '0-4 0-5', '1-0 1-1']);
});

const realPlans = existsSync(REAL_PLANS) ? readdirSync(REAL_PLANS).filter((name) => name.endsWith('.json')) : [];
const hall = planOf(Array.from({ length: 12 }, () => Array.from({ length: 30 }, (_, s) => s * 25 + (s > 9 ? 40 : 0))));
const plans = [['a hall with an aisle', hall], ...realPlans.map((name) => [name, readPlan(JSON.parse(readFileSync(new URL(name, REAL_PLANS), 'utf8')))])];

for (const [name, plan] of plans) {
  test(`every seat of ${name} is in one segment`, () => {
    const seen = segmentsOf(plan).flat().map(({ index }) => index);
    assert.deepEqual(seen.sort((a, b) => a - b), plan.seats.map(({ index }) => index));
  });

  test(`what is suggested in ${name} is free, of one row, side by side, and shared with no other suggestion`, () => {
    const rowOf = new Map(plan.rows.flatMap((row) => row.seats.map((seat) => [seat.index, row])));
    const dice = diceFrom(11);
    for (const count of [1, 2, 3, 5, 8]) {
      const free = plan.seats.map(() => dice() < 0.8);
      const search = searchIn(plan, { count, isFree: (index) => free[index], matches: (seat) => seat.index % 97 !== 0 });
      for (let round = 0; round < 5; round += 1) {
        checkSuggestions(search.suggestions(), { count, free, rowOf });
        const changed = Array.from({ length: 40 }, () => Math.floor(dice() * free.length));
        for (const index of changed) free[index] = !free[index];
        search.refresh(changed);
      }
      const again = searchIn(plan, { count, isFree: (index) => free[index], matches: (seat) => seat.index % 97 !== 0 });
      assert.deepEqual(suggested(search), suggested(again));
    }
  });
}

function checkSuggestions(suggestions, { count, free, rowOf }) {
  const seen = new Set();
  for (const { seats } of suggestions) {
    assert.equal(seats.length, count);
    assert.equal(new Set(seats.map((seat) => rowOf.get(seat.index))).size, 1);
    for (const seat of seats) {
      assert.ok(free[seat.index] && seat.index % 97 !== 0 && !seen.has(seat.index));
      seen.add(seat.index);
    }
    for (let place = 1; place < count; place += 1) {
      const gap = Math.hypot(seats[place].x - seats[place - 1].x, seats[place].y - seats[place - 1].y);
      assert.ok(gap <= 1.6 * pitchOf(rowOf.get(seats[place].index).seats) + 1e-6, 'an aisle runs through a suggestion');
    }
  }
}

function pitchOf(seats) {
  const gaps = seats.map((seat) => Math.min(...seats.filter((other) => other !== seat).map((other) => Math.hypot(other.x - seat.x, other.y - seat.y))));
  return gaps.sort((a, b) => a - b)[(gaps.length - 1) >> 1];
}

/** Numbers from 0 to 1 that are the same in every run. */
function diceFrom(seed) {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return state / 4294967296;
  };
}
