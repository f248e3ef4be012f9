/**
 * Lock, unlock and extend: the wish is shown at once, the answer confirms it or rolls it back.
 * @module
 */

import { confirmLock, confirmUnlock, forget, requestLock, requestUnlock, rollBack } from '../model/mine.js';
import { ApiError } from './api.js';

/** @typedef {'lock' | 'unlock' | 'extend'} Action */
/** @typedef {import('../model/mine.js').Effect} Effect */

/**
 * @typedef {object} CommandParts
 * @property {string} showtimeId
 * @property {string} userId
 * @property {import('./api.js').Api} api
 * @property {import('../model/time.js').ServerClock} clock
 * @property {import('../model/mine.js').Mine} mine
 * @property {import('../model/replica.js').Replica} replica
 * @property {(effect: Effect) => void} changed
 * @property {(notice: import('./room.js').Notice) => void} noticed
 * @property {() => void} reconcile asks the server whose the seats are
 */

/** @param {CommandParts} parts */
export function createCommands(parts) {
  const { showtimeId, userId, api, clock, mine, replica, changed, noticed } = parts;
  /** Seats whose last request got no answer: what happened to them is not known. @type {Set<string>} */
  const unsure = new Set();

  /** @param {string[]} seatIds */
  async function lock(seatIds) {
    requestLock(mine, seatIds);
    changed({ changed: seatIds, lost: [] });
    try {
      const answer = await api.lock(showtimeId, { seats: seatIds, userId });
      clock.observe(answer.serverTime);
      changed(confirmLock(mine, answer));
    } catch (error) {
      fail('lock', seatIds, error);
    }
  }

  /** @param {string[]} seatIds */
  async function unlock(seatIds) {
    requestUnlock(mine, seatIds);
    changed({ changed: seatIds, lost: [] });
    try {
      const answer = await api.unlock(showtimeId, { seats: seatIds, userId });
      confirmUnlock(mine, seatIds, answer.position, replica.position);
      changed({ changed: seatIds, lost: [] });
    } catch (error) {
      fail('unlock', seatIds, error);
    }
  }

  /** Asks for a new deadline for every seat held. */
  async function extend() {
    const seatIds = [...mine.seats].filter(([, own]) => own.phase === 'held').map(([id]) => id);
    if (!seatIds.length) return;
    try {
      const answer = await api.extend(showtimeId, { seats: seatIds, userId });
      clock.observe(answer.serverTime);
      changed(confirmLock(mine, answer));
    } catch (error) {
      fail('extend', seatIds, error);
    }
  }

  /**
   * @param {Action} action
   * @param {string[]} seatIds
   * @param {unknown} error
   */
  function fail(action, seatIds, error) {
    if (!(error instanceof ApiError)) throw error;
    changed(rollBack(mine, seatIds));
    if (error.code === 'not_holder' || error.code === 'lock_lost') {
      const gone = (error.problem.seats ?? []).map((seat) => seat.seatId);
      forget(mine, gone);
      changed({ changed: gone, lost: [] });
    }
    noticed({ kind: 'failed', action, seatIds, error });
    if (error.isRefusal) return;
    for (const id of seatIds) unsure.add(id);
    parts.reconcile();
  }

  return {
    lock,
    unlock,
    extend,
    /**
     * Says whether any of these seats had a request without an answer, and forgets that they had.
     * @param {string[]} seatIds
     */
    takeUnsure: (seatIds) => seatIds.filter((id) => unsure.delete(id)).length > 0,
  };
}
