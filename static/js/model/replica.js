/**
 * The client's copy of a showtime's seats, kept equal to the server's by snapshots and diffs.
 *
 * It knows nothing of the visitor's own seats, of transports or of the clock. Invariant: `states` and `locks`
 * are exactly what the server had at `position`; a message that would break this changes nothing and is
 * reported as a gap. The same cases (`tests/fixtures/replica.json`) bind the server's reducer.
 * @module
 */

import { comparePositions } from './position.js';

/** @typedef {import('./wire.js').StateLetter} StateLetter */
/** @typedef {import('./wire.js').SeatStatus} SeatStatus */

/**
 * @typedef {object} Replica
 * @property {readonly string[]} seatIds in plan order
 * @property {ReadonlyMap<string, number>} indexOf
 * @property {string | null} position null until the first snapshot
 * @property {StateLetter[]} states
 * @property {Map<number, string | null>} locks deadlines by seat index
 * @property {{ since: string | null } | null} stale set while the server cannot reach its store
 */

/**
 * @typedef {{ kind: 'replaced' }
 *   | { kind: 'patched', changed: number[] }
 *   | { kind: 'seen' }
 *   | { kind: 'status' }
 *   | { kind: 'gap', resumable: boolean }} Outcome
 * After a gap the caller subscribes again, with `since` where the gap is resumable.
 */

/** @type {Record<SeatStatus, StateLetter>} */
const LETTERS = { available: 'a', locked: 'l', occupied: 'o', blocked: 'b' };

/** @type {Record<StateLetter, SeatStatus>} */
const STATUSES = { a: 'available', l: 'locked', o: 'occupied', b: 'blocked' };

/**
 * Makes an empty replica; nothing is for sale until a snapshot says so.
 * @param {readonly string[]} seatIds
 * @returns {Replica}
 */
export function createReplica(seatIds) {
  return {
    seatIds,
    indexOf: new Map(seatIds.map((id, index) => [id, index])),
    position: null,
    states: seatIds.map(() => 'b'),
    locks: new Map(),
    stale: null,
  };
}

/**
 * Takes in one message of the server.
 * @param {Replica} replica
 * @param {import('./wire.js').Snapshot | import('./wire.js').Diff | import('./wire.js').StoreStatus} message
 * @returns {Outcome}
 */
export function applyMessage(replica, message) {
  switch (message.type) {
    case 'snapshot':
      return replace(replica, message);
    case 'diff':
      return patch(replica, message);
    case 'status':
      replica.stale = message.stale ? { since: message.since ?? null } : null;
      return { kind: 'status' };
  }
}

/**
 * Names the state of a seat as the server has it.
 * @param {Replica} replica
 * @param {number} index
 * @returns {SeatStatus}
 */
export function statusAt(replica, index) {
  return STATUSES[replica.states[index]];
}

/**
 * Turns the answer of the status endpoint into the snapshot that it amounts to; the caller's own locks are locks.
 * @param {import('./wire.js').StatusAnswer} answer
 * @returns {import('./wire.js').Snapshot}
 */
export function snapshotOfStatus(answer) {
  let states = '';
  /** @type {[number, string | null][]} */
  const locks = [];
  answer.seats.forEach((seat, index) => {
    const letter = seat.status === 'selected' ? 'l' : LETTERS[seat.status];
    states += letter;
    if (letter === 'l') locks.push([index, seat.expiresAt ?? null]);
  });
  const { showtimeId, position, plan } = answer;
  return { type: 'snapshot', showtimeId, position, plan, states, locks };
}

/**
 * @param {Replica} replica
 * @param {import('./wire.js').Snapshot} snapshot
 * @returns {Outcome}
 */
function replace(replica, snapshot) {
  if (snapshot.states.length !== replica.seatIds.length) return { kind: 'gap', resumable: false };
  replica.states = /** @type {StateLetter[]} */ (Array.from(snapshot.states));
  replica.locks = new Map(snapshot.locks);
  replica.position = snapshot.position;
  return { kind: 'replaced' };
}

/**
 * @param {Replica} replica
 * @param {import('./wire.js').Diff} diff
 * @returns {Outcome}
 */
function patch(replica, diff) {
  const ahead = comparePositions(diff.position, replica.position);
  if (ahead !== null && ahead <= 0) return { kind: 'seen' };
  if (diff.prev !== replica.position || ahead === null) return { kind: 'gap', resumable: true };
  if (diff.changes.some((change) => !replica.indexOf.has(change.seatId))) return { kind: 'gap', resumable: false };

  /** @type {Set<number>} */
  const changed = new Set();
  for (const change of diff.changes) {
    const index = /** @type {number} */ (replica.indexOf.get(change.seatId));
    replica.states[index] = LETTERS[change.status];
    if (change.status === 'locked') replica.locks.set(index, change.expiresAt ?? null);
    else replica.locks.delete(index);
    changed.add(index);
  }
  replica.position = diff.position;
  return { kind: 'patched', changed: [...changed] };
}
