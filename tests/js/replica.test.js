/** The reducer against the cases that the server's reducer is held to as well. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { applyMessage, createReplica, snapshotOfStatus, statusAt } from '../../static/js/model/replica.js';

const cases = JSON.parse(readFileSync(new URL('../fixtures/replica.json', import.meta.url), 'utf8'));

for (const { name, seats, start, messages, expect } of cases) {
  test(name, () => {
    const replica = createReplica(seats);
    Object.assign(replica, { position: start.position, states: Array.from(start.states), locks: new Map(start.locks) });
    const gap = messages.some((message) => applyMessage(replica, message).kind === 'gap');
    const { position, states } = replica;
    const locks = [...replica.locks].sort((a, b) => a[0] - b[0]);
    assert.deepEqual({ position, states: states.join(''), locks, gap }, expect);
  });
}

test('a fresh replica takes a snapshot and nothing else', () => {
  const replica = createReplica(['A-1']);
  const diff = { type: 'diff', showtimeId: 's', prev: 'e1-1', position: 'e1-2', changes: [] };
  assert.equal(applyMessage(replica, diff).kind, 'gap');
  assert.equal(applyMessage(replica, { type: 'snapshot', showtimeId: 's', position: 'e1-1', plan: '', states: 'o', locks: [] }).kind, 'replaced');
  assert.equal(statusAt(replica, 0), 'occupied');
});

test('a snapshot of another number of seats is refused', () => {
  const replica = createReplica(['A-1']);
  const outcome = applyMessage(replica, { type: 'snapshot', showtimeId: 's', position: 'e1-1', plan: '', states: 'oo', locks: [] });
  assert.deepEqual(outcome, { kind: 'gap', resumable: false });
});

test('a status message sets and clears staleness and leaves the seats alone', () => {
  const replica = createReplica(['A-1']);
  applyMessage(replica, { type: 'status', showtimeId: 's', stale: true, since: '2026-11-22T12:03:11.000Z' });
  assert.deepEqual(replica.stale, { since: '2026-11-22T12:03:11.000Z' });
  applyMessage(replica, { type: 'status', showtimeId: 's', stale: false });
  assert.equal(replica.stale, null);
});

test("a status answer amounts to a snapshot in which the caller's own seats are locked", () => {
  const seats = [
    { seatId: 'A-1', status: 'selected', expiresAt: '2026-11-22T17:15:00.000Z' },
    { seatId: 'A-2', status: 'locked' },
    { seatId: 'A-3', status: 'blocked' },
  ];
  const snapshot = snapshotOfStatus({ showtimeId: 's', position: 'e1-3', plan: 'p', seats });
  assert.equal(snapshot.states, 'llb');
  assert.deepEqual(snapshot.locks, [[0, '2026-11-22T17:15:00.000Z'], [1, null]]);
});
