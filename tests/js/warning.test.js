/** Warnings of locks that end: when, of which seats, and whether an extension can still help; and what a countdown shows. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { firstDeadline, untilNextSecond, wholeSeconds } from '../../static/js/model/countdown.js';
import { leadOf, warningAt } from '../../static/js/model/warning.js';

const NOW = Date.parse('2026-11-22T18:00:00.000Z');
const RULES = { lockSeconds: 900, extendCapSeconds: 7200 };

const iso = (at) => new Date(at).toISOString();
const held = (seatId, seconds, more = {}) => ({ seatId, phase: 'held', expiresAt: iso(NOW + seconds * 1000), ...more });
const ids = (seats) => seats.map(({ seatId }) => seatId);
const at = (own, seconds, rules = RULES) => warningAt(own, NOW + seconds * 1000, rules);

test('a warning comes two minutes before the end, or at a quarter of a shorter lock', () => {
  assert.equal(leadOf({ lockSeconds: 900 }), 120_000);
  assert.equal(leadOf({ lockSeconds: 60 }), 15_000);
  assert.deepEqual(ids(at([held('A', 900)], 779.999).due), []);
  assert.deepEqual(ids(at([held('A', 900)], 780).due), ['A']);
  assert.equal(at([held('A', 900)], 0).wakeAt, NOW + 780_000);
});

test('at the deadline a seat is over and no longer due', () => {
  assert.deepEqual(ids(at([held('A', 900)], 899.999).due), ['A']);
  const end = at([held('A', 900)], 900);
  assert.deepEqual([ids(end.due), ids(end.over), end.deadline, end.wakeAt], [[], ['A'], null, null]);
});

test('an extension ends the warning', () => {
  assert.deepEqual(ids(at([held('A', 900)], 800).due), ['A']);
  const extended = at([held('A', 1700)], 800);
  assert.deepEqual([extended.due, extended.wakeAt], [[], NOW + 1_580_000]);
});

test('seats with other deadlines have their own warning, the first to end first', () => {
  const own = [held('C', 1200), held('B', 900), held('A', 930)];
  const first = at(own, 820);
  assert.deepEqual([ids(first.due), first.deadline, first.wakeAt], [['B', 'A'], NOW + 900_000, NOW + 900_000]);
  const between = at([own[0]], 940);
  assert.deepEqual([ids(between.due), between.wakeAt], [[], NOW + 1_080_000]);
  assert.deepEqual(ids(at([own[0]], 1080).due), ['C']);
});

test('a page that slept over a deadline wakes to what is over and what is due now', () => {
  const woken = at([held('A', 900), held('B', 1000), held('C', 5000)], 950);
  assert.deepEqual([ids(woken.over), ids(woken.due), woken.wakeAt], [['A'], ['B'], NOW + 1_000_000]);
});

test('seats that are being locked or given back, and locks without an end, are not warned of', () => {
  const own = [held('A', 60, { phase: 'locking' }), held('B', 60, { phase: 'unlocking' }), held('C', 0, { expiresAt: null })];
  assert.deepEqual(at(own, 0), { due: [], final: [], over: [], deadline: null, wakeAt: null });
});

test('a seat at its cap cannot be kept longer', () => {
  const seat = (seconds, lockedAgo) => [held('A', seconds, { lockedAt: iso(NOW + seconds * 1000 - lockedAgo * 1000) })];
  assert.deepEqual(ids(at(seat(100, 7200), 0).final), ['A']);
  assert.deepEqual(ids(at(seat(100, 7199.5), 0).final), ['A']);
  assert.deepEqual(ids(at(seat(100, 7190), 0).final), []);
  assert.deepEqual(ids(at([held('A', 100)], 0).final), [], 'unknown first lock');
  assert.deepEqual(ids(at(seat(100, 7200), 0, { lockSeconds: 900 }).final), [], 'no cap');
});

test('a countdown never shows more than there is', () => {
  assert.equal(wholeSeconds(900_000), '15:00');
  assert.equal(wholeSeconds(899_999), '14:59');
  assert.equal(wholeSeconds(999), '0:00');
  for (let left = 20_000; left > 0; left -= 7) {
    const deadline = iso(NOW + left);
    const wait = untilNextSecond([deadline, null], NOW);
    const shown = (rest) => wholeSeconds(Math.max(0, rest));
    if (left >= 1000) assert.notEqual(shown(left - wait), shown(left));
    assert.equal(shown(left - (left % 1000)), shown(left));
    assert.ok(wait > 0 && wait <= 1002);
  }
});

test('what has no end or is over does not count down', () => {
  assert.equal(untilNextSecond([null, iso(NOW)], NOW), null);
  assert.equal(firstDeadline([]), null);
  assert.equal(firstDeadline([{ expiresAt: null }, held('A', 9), held('B', 3)]), iso(NOW + 3000));
});
