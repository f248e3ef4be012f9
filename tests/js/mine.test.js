/** The visitor's own seats under answers and news in any order. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { confirmLock, confirmUnlock, createMine, observeDiff, observeStatus, requestLock, requestUnlock, rollBack } from '../../static/js/model/mine.js';
import { shownStatus } from '../../static/js/model/shown.js';

const DEADLINE = '2026-11-22T17:15:00.000Z';
const LATER = '2026-11-22T17:30:00.000Z';
const BEFORE = Date.parse(DEADLINE) - 60_000;
const AFTER = Date.parse(DEADLINE) + 5;

const answer = (position, expiresAt = DEADLINE) => ({ position, serverTime: '', seats: [{ seatId: 'A-1', expiresAt, price: 42 }] });
const diff = (position, status, expiresAt) => ({ type: 'diff', prev: 'e1-0', position, changes: [{ seatId: 'A-1', status, expiresAt }] });
const status = (position, seat) => ({ position, seats: [{ seatId: 'A-1', ...seat }] });

function holding() {
  const mine = createMine();
  requestLock(mine, ['A-1']);
  confirmLock(mine, answer('e1-5'));
  return mine;
}

const phase = (mine) => mine.seats.get('A-1')?.phase;

test('a lock is pending until it is confirmed, then selected', () => {
  const mine = createMine();
  requestLock(mine, ['A-1']);
  assert.equal(shownStatus('available', mine.seats.get('A-1')), 'pending');
  assert.deepEqual(confirmLock(mine, answer('e1-5')), { changed: ['A-1'], lost: [] });
  assert.equal(shownStatus('available', mine.seats.get('A-1')), 'selected');
});

test('a refused lock leaves no trace', () => {
  const mine = createMine();
  requestLock(mine, ['A-1']);
  assert.deepEqual(rollBack(mine, ['A-1']).changed, ['A-1']);
  assert.equal(phase(mine), undefined);
});

test('the diff of our own lock may come before or after its answer', () => {
  const late = holding();
  assert.deepEqual(observeDiff(late, diff('e1-5', 'locked', DEADLINE), BEFORE), { changed: [], lost: [] });
  const early = createMine();
  requestLock(early, ['A-1']);
  observeDiff(early, diff('e1-5', 'locked', DEADLINE), BEFORE);
  confirmLock(early, answer('e1-5'));
  assert.equal(phase(late), 'held');
  assert.equal(phase(early), 'held');
});

test('news older than the answer is no loss', () => {
  const mine = holding();
  assert.deepEqual(observeDiff(mine, diff('e1-4', 'available'), BEFORE).lost, []);
  assert.equal(phase(mine), 'held');
});

test('a lock that ended before its answer arrived is lost on arrival', () => {
  const mine = createMine();
  requestLock(mine, ['A-1']);
  observeDiff(mine, diff('e1-9', 'available'), AFTER);
  assert.deepEqual(confirmLock(mine, answer('e1-5')).lost, [{ seatId: 'A-1', reason: 'expired' }]);
  assert.equal(phase(mine), undefined);
});

test('a release is an expiry at the deadline and a release before it', () => {
  assert.equal(observeDiff(holding(), diff('e1-6', 'available'), AFTER).lost[0].reason, 'expired');
  assert.equal(observeDiff(holding(), diff('e1-6', 'available'), BEFORE).lost[0].reason, 'released');
});

test('a sale and a block are losses with their reason', () => {
  assert.equal(observeDiff(holding(), diff('e1-6', 'occupied'), BEFORE).lost[0].reason, 'occupied');
  assert.equal(observeDiff(holding(), diff('e1-6', 'blocked'), BEFORE).lost[0].reason, 'blocked');
});

test('a new deadline before the old one is an extension, after it somebody else', () => {
  const mine = holding();
  observeDiff(mine, diff('e1-6', 'locked', LATER), BEFORE);
  assert.equal(mine.seats.get('A-1').expiresAt, LATER);
  assert.equal(observeDiff(holding(), diff('e1-6', 'locked', LATER), AFTER).lost[0].reason, 'taken');
});

test('a seat given back shows free at once and until the map has caught up', () => {
  const mine = holding();
  requestUnlock(mine, ['A-1']);
  assert.equal(shownStatus('locked', mine.seats.get('A-1')), 'pending');
  confirmUnlock(mine, ['A-1'], 'e1-7', 'e1-6');
  assert.equal(shownStatus('locked', mine.seats.get('A-1')), 'available');
  observeDiff(mine, { position: 'e1-6', changes: [] }, BEFORE);
  assert.equal(phase(mine), 'freed');
  observeDiff(mine, diff('e1-7', 'available'), BEFORE);
  assert.equal(phase(mine), undefined);
});

test('a seat given back on a map that has caught up is forgotten', () => {
  const mine = holding();
  requestUnlock(mine, ['A-1']);
  observeDiff(mine, diff('e1-7', 'available'), BEFORE);
  confirmUnlock(mine, ['A-1'], 'e1-7', 'e1-7');
  assert.equal(phase(mine), undefined);
});

test('a refused unlock leaves the seat held, unless it was lost meanwhile', () => {
  const kept = holding();
  requestUnlock(kept, ['A-1']);
  rollBack(kept, ['A-1']);
  assert.equal(phase(kept), 'held');
  const lost = holding();
  requestUnlock(lost, ['A-1']);
  observeDiff(lost, diff('e1-8', 'occupied'), BEFORE);
  assert.equal(rollBack(lost, ['A-1']).lost[0].reason, 'occupied');
});

test('a status answer restores what it calls selected', () => {
  const mine = createMine();
  assert.deepEqual(observeStatus(mine, status('e1-5', { status: 'selected', expiresAt: DEADLINE, price: 42 }), BEFORE).changed, ['A-1']);
  assert.deepEqual(mine.seats.get('A-1'), { phase: 'held', expiresAt: DEADLINE, lockedAt: null, price: 42, at: 'e1-5', seen: null });
});

test('a status answer takes away what it does not call selected', () => {
  assert.deepEqual(observeStatus(holding(), status('e1-6', { status: 'available' }), AFTER).lost, [{ seatId: 'A-1', reason: 'expired' }]);
  assert.deepEqual(observeStatus(holding(), status('e1-6', { status: 'locked' }), AFTER).lost, [{ seatId: 'A-1', reason: 'taken' }]);
});

test('an older status answer takes nothing away and brings nothing back', () => {
  const kept = holding();
  observeStatus(kept, status('e1-4', { status: 'available' }), BEFORE);
  assert.equal(phase(kept), 'held');
  const givenBack = holding();
  requestUnlock(givenBack, ['A-1']);
  confirmUnlock(givenBack, ['A-1'], 'e1-7', 'e1-7');
  observeStatus(givenBack, status('e1-6', { status: 'selected', expiresAt: DEADLINE }), BEFORE);
  assert.equal(phase(givenBack), undefined);
});

test('a status answer leaves alone what is still being asked for', () => {
  const mine = createMine();
  requestLock(mine, ['A-1']);
  assert.deepEqual(observeStatus(mine, status('e1-6', { status: 'selected', expiresAt: DEADLINE }), BEFORE), { changed: [], lost: [] });
  assert.equal(phase(mine), 'locking');
});

test('when a seat was locked first is known from answers, and stays known beyond an extension', () => {
  const lockedAt = '2026-11-22T17:00:00.000Z';
  const mine = createMine();
  requestLock(mine, ['A-1']);
  assert.equal(mine.seats.get('A-1').lockedAt, null);
  confirmLock(mine, { position: 'e1-5', serverTime: '', seats: [{ seatId: 'A-1', lockedAt, expiresAt: DEADLINE }] });
  observeDiff(mine, diff('e1-6', 'locked', LATER), BEFORE);
  assert.deepEqual([mine.seats.get('A-1').lockedAt, mine.seats.get('A-1').expiresAt], [lockedAt, LATER]);

  const restored = createMine();
  observeStatus(restored, status('e1-5', { status: 'selected', lockedAt, expiresAt: DEADLINE }), BEFORE);
  assert.equal(restored.seats.get('A-1').lockedAt, lockedAt);
});
