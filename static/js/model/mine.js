/**
 * The visitor's own seats: what was asked for, what is held, what was lost.
 *
 * It sends nothing; whoever asks the server reports request and answer here. An answer and the diff that
 * tells the same change may arrive in either order, so every entry remembers the position its state was
 * confirmed at, and older news is ignored.
 * @module
 */

import { isBefore } from './position.js';

/** @typedef {import('./wire.js').SeatStatus} SeatStatus */

/**
 * @typedef {object} OwnSeat
 * @property {'locking' | 'held' | 'unlocking' | 'freed'} phase `freed` until the map's position has caught up
 * @property {string | null} expiresAt
 * @property {string | null} lockedAt when the lock was made first, as extensions are counted from then
 * @property {import('./wire.js').Amount} price
 * @property {string | null} at the position that confirmed this state
 * @property {{ position: string, status: SeatStatus } | null} seen news that came while an answer was awaited
 */

/**
 * @typedef {object} Mine
 * @property {Map<string, OwnSeat>} seats by seat id
 * @property {Map<string, string>} ended the position at which a seat was last given back or lost
 */

/** @typedef {'expired' | 'released' | 'occupied' | 'blocked' | 'taken'} LossReason */
/** @typedef {{ seatId: string, reason: LossReason }} Loss */
/** @typedef {{ changed: string[], lost: Loss[] }} Effect which seats look different now, and which were lost */

/** A release this close before the deadline counts as its expiry. */
const EXPIRY_SLACK_MS = 1000;

/** @returns {Mine} */
export function createMine() {
  return { seats: new Map(), ended: new Map() };
}

/**
 * Notes that locks are being asked for.
 * @param {Mine} mine
 * @param {string[]} seatIds
 */
export function requestLock(mine, seatIds) {
  for (const id of seatIds) {
    mine.seats.set(id, { phase: 'locking', expiresAt: null, lockedAt: null, price: null, at: null, seen: null });
  }
}

/**
 * Notes that locks are being given back.
 * @param {Mine} mine
 * @param {string[]} seatIds
 */
export function requestUnlock(mine, seatIds) {
  for (const id of seatIds) {
    const own = mine.seats.get(id);
    if (own) Object.assign(own, { phase: 'unlocking', seen: null });
  }
}

/**
 * Takes in the success of a lock or an extension.
 * @param {Mine} mine
 * @param {import('./wire.js').LockAnswer} answer
 * @returns {Effect}
 */
export function confirmLock(mine, answer) {
  const effect = noEffect();
  for (const seat of answer.seats) {
    const own = mine.seats.get(seat.seatId);
    if (isBefore(answer.position, own?.at) || isBefore(answer.position, mine.ended.get(seat.seatId))) continue;
    const seen = own?.seen;
    if (seen && seen.status !== 'locked' && isBefore(answer.position, seen.position)) {
      const end = { position: seen.position, reason: reasonOf(seen.status, true) };
      lose(mine, seat.seatId, end, effect);
      continue;
    }
    hold(mine, seat, answer.position);
    effect.changed.push(seat.seatId);
  }
  return effect;
}

/**
 * Takes in the success of an unlock. The seats stay as `freed` until the map has caught up with the answer.
 * @param {Mine} mine
 * @param {string[]} seatIds those that were given back
 * @param {string} position the answer's
 * @param {string | null} mapPosition where the map is
 */
export function confirmUnlock(mine, seatIds, position, mapPosition) {
  for (const id of seatIds) {
    const own = mine.seats.get(id);
    if (!own) continue;
    mine.ended.set(id, position);
    if (isBefore(mapPosition, position)) Object.assign(own, { phase: 'freed', at: position, seen: null });
    else mine.seats.delete(id);
  }
}

/**
 * Rolls back what was asked for: a lock never was, an unlock did not happen.
 * @param {Mine} mine
 * @param {string[]} seatIds
 * @returns {Effect}
 */
export function rollBack(mine, seatIds) {
  const effect = noEffect();
  for (const id of seatIds) {
    const own = mine.seats.get(id);
    if (!own) continue;
    effect.changed.push(id);
    if (own.phase === 'locking') mine.seats.delete(id);
    if (own.phase !== 'unlocking') continue;
    own.phase = 'held';
    const seen = own.seen;
    if (!seen || seen.status === 'locked') continue;
    lose(mine, id, { position: seen.position, reason: reasonOf(seen.status, true) }, effect);
  }
  return effect;
}

/**
 * Drops seats that an answer said are not the visitor's any more.
 * @param {Mine} mine
 * @param {string[]} seatIds
 */
export function forget(mine, seatIds) {
  for (const id of seatIds) mine.seats.delete(id);
}

/**
 * Takes in a diff that the map has applied.
 * @param {Mine} mine
 * @param {import('./wire.js').Diff} diff
 * @param {number} now milliseconds on the server's clock
 * @returns {Effect}
 */
export function observeDiff(mine, diff, now) {
  const effect = dropFreed(mine, diff.position);
  const last = new Map(diff.changes.map((change) => [change.seatId, change]));
  for (const [seatId, change] of last) {
    const own = mine.seats.get(seatId);
    if (!own || isBefore(diff.position, own.at)) continue;
    if (own.phase === 'held') observeHeld(mine, own, change, diff.position, now, effect);
    else own.seen = { position: diff.position, status: change.status };
  }
  return effect;
}

/**
 * Takes in the status answer for this visitor: what it calls `selected` is held, what it does not is lost.
 * @param {Mine} mine
 * @param {import('./wire.js').StatusAnswer} answer
 * @param {number} now milliseconds on the server's clock
 * @returns {Effect}
 */
export function observeStatus(mine, answer, now) {
  const effect = dropFreed(mine, answer.position);
  for (const seat of answer.seats) {
    const own = mine.seats.get(seat.seatId);
    if (!own && seat.status !== 'selected') continue;
    if (own && (own.phase !== 'held' || isBefore(answer.position, own.at))) continue;
    if (isBefore(answer.position, mine.ended.get(seat.seatId))) continue;
    if (seat.status === 'selected') {
      hold(mine, seat, answer.position);
      if (own?.expiresAt !== (seat.expiresAt ?? null)) effect.changed.push(seat.seatId);
      continue;
    }
    const reason = reasonOf(seat.status, isNearlyOver(own?.expiresAt ?? null, now));
    lose(mine, seat.seatId, { position: answer.position, reason }, effect);
  }
  return effect;
}

/**
 * @param {Mine} mine
 * @param {OwnSeat} own
 * @param {import('./wire.js').SeatChange} change
 * @param {string} position
 * @param {number} now
 * @param {Effect} effect
 */
function observeHeld(mine, own, change, position, now, effect) {
  const deadline = change.expiresAt ?? null;
  if (change.status !== 'locked') {
    const reason = reasonOf(change.status, isNearlyOver(own.expiresAt, now));
    lose(mine, change.seatId, { position, reason }, effect);
    return;
  }
  if (deadline === own.expiresAt) return;
  // A new deadline before the old one has passed is an extension; after it, somebody else's lock.
  if (own.expiresAt !== null && now >= Date.parse(own.expiresAt)) {
    lose(mine, change.seatId, { position, reason: 'taken' }, effect);
    return;
  }
  Object.assign(own, { expiresAt: deadline, at: position });
  effect.changed.push(change.seatId);
}

/**
 * @param {Mine} mine
 * @param {string} position where the map is now
 * @returns {Effect}
 */
function dropFreed(mine, position) {
  const effect = noEffect();
  for (const [id, own] of mine.seats) {
    if (own.phase !== 'freed' || isBefore(position, own.at)) continue;
    mine.seats.delete(id);
    effect.changed.push(id);
  }
  return effect;
}

/**
 * @param {Mine} mine
 * @param {{ seatId: string, expiresAt?: string | null, lockedAt?: string | null, price?: import('./wire.js').Amount }} seat
 * @param {string} position
 */
function hold(mine, seat, position) {
  const { seatId, expiresAt = null, lockedAt = null, price = null } = seat;
  mine.seats.set(seatId, { phase: 'held', expiresAt, lockedAt, price, at: position, seen: null });
}

/**
 * @param {Mine} mine
 * @param {string} seatId
 * @param {{ position: string, reason: LossReason }} end
 * @param {Effect} effect
 */
function lose(mine, seatId, end, effect) {
  mine.seats.delete(seatId);
  mine.ended.set(seatId, end.position);
  effect.changed.push(seatId);
  effect.lost.push({ seatId, reason: end.reason });
}

/**
 * @param {SeatStatus | 'selected'} status
 * @param {boolean} over whether the deadline has passed, or nearly
 * @returns {LossReason}
 */
function reasonOf(status, over) {
  if (status === 'occupied' || status === 'blocked') return status;
  if (status === 'locked') return 'taken';
  return over ? 'expired' : 'released';
}

/**
 * @param {string | null} expiresAt
 * @param {number} now
 */
function isNearlyOver(expiresAt, now) {
  return expiresAt !== null && now >= Date.parse(expiresAt) - EXPIRY_SLACK_MS;
}

/** @returns {Effect} */
function noEffect() {
  return { changed: [], lost: [] };
}
