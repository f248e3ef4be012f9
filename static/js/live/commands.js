/**
 * Lock, unlock and extend: the wish is shown at once, the answer confirms it or rolls it back.
 *
 * Invariants: a command never rejects; of two commands for one seat the second is sent when the first was answered;
 * after `stop` answers change and announce nothing.
 * @module
 */

import { confirmLock, confirmUnlock, forget, requestLock, requestUnlock, rollBack } from '../model/mine.js';
import { ApiError } from './api.js';

/** @typedef {'lock' | 'unlock' | 'extend'} Action */
/** @typedef {import('../model/mine.js').Effect} Effect */
/** @typedef {{ ok: true } | { ok: false, error: ApiError }} Outcome */

/**
 * @typedef {object} CommandParts
 * @property {string} showtimeId
 * @property {string} userId
 * @property {import('./api.js').Api} api
 * @property {import('../model/time.js').ServerClock} clock
 * @property {import('../model/mine.js').Mine} mine
 * @property {import('../model/replica.js').Replica} replica
 * @property {ReturnType<typeof import('./losses.js').createLosses>} losses
 * @property {(effect: Effect) => void} changed
 * @property {(action: 'lock' | 'unlock', seatIds: string[]) => void} succeeded
 * @property {(action: Action, seatIds: string[], error: ApiError) => void} refused
 * @property {() => void} reconcile asks the server whose the seats are
 */

/** @param {CommandParts} parts */
export function createCommands(parts) {
  const { showtimeId, userId, api, clock, mine, replica, losses, changed } = parts;
  const inTurn = createTurns();
  /** Seats whose last request got no answer: what happened to them is not known. @type {Set<string>} */
  const unsure = new Set();
  let stopped = false;

  /**
   * @param {string[]} wished
   * @returns {Promise<Outcome>}
   */
  function lock(wished) {
    return inTurn(wished, () => {
      if (stopped) return left();
      const seatIds = wished.filter((id) => mine.seats.get(id)?.phase !== 'held');
      if (!seatIds.length) return done();
      losses.forget(seatIds);
      show(() => requestLock(mine, seatIds), seatIds);
      return settle('lock', seatIds, async () => {
        const answer = await api.lock(showtimeId, { seats: seatIds, userId });
        return () => {
          clock.observe(answer.serverTime);
          changed(confirmLock(mine, answer));
          parts.succeeded('lock', seatIds);
        };
      });
    });
  }

  /**
   * Seats that wait for their lock's answer are given back after it, also when the room has been left by then.
   * @param {string[]} seatIds
   * @returns {Promise<Outcome>}
   */
  function unlock(seatIds) {
    return inTurn(seatIds, () => {
      if (!seatIds.length) return done();
      if (!stopped) show(() => requestUnlock(mine, seatIds), seatIds);
      return settle('unlock', seatIds, async () => {
        const answer = await api.unlock(showtimeId, { seats: seatIds, userId });
        return () => {
          clock.observe(answer.serverTime);
          show(() => confirmUnlock(mine, seatIds, answer.position, replica.position), seatIds);
          parts.succeeded('unlock', seatIds);
        };
      });
    });
  }

  /**
   * Asks for a new deadline for every seat held.
   * @returns {Promise<Outcome>}
   */
  function extend() {
    return inTurn([...mine.seats.keys()], () => {
      const seatIds = [...mine.seats].filter(([, own]) => own.phase === 'held').map(([id]) => id);
      if (!seatIds.length) return done();
      return settle('extend', seatIds, async () => {
        const answer = await api.extend(showtimeId, { seats: seatIds, userId });
        return () => {
          clock.observe(answer.serverTime);
          changed(confirmLock(mine, answer));
        };
      });
    });
  }

  /**
   * @param {() => void} change
   * @param {string[]} seatIds
   */
  function show(change, seatIds) {
    change();
    changed({ changed: seatIds, lost: [] });
  }

  /**
   * @param {Action} action
   * @param {string[]} seatIds
   * @param {() => Promise<() => void>} send returns what takes the answer in
   * @returns {Promise<Outcome>}
   */
  async function settle(action, seatIds, send) {
    try {
      const take = await send();
      for (const id of seatIds) unsure.delete(id);
      if (!stopped) take();
      return { ok: true };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (!stopped) fail(action, seatIds, error);
      return { ok: false, error };
    }
  }

  /**
   * @param {Action} action
   * @param {string[]} seatIds
   * @param {ApiError} error
   */
  function fail(action, seatIds, error) {
    changed(rollBack(mine, seatIds));
    if (error.code === 'not_holder' || error.code === 'lock_lost') {
      const gone = (error.problem.seats ?? []).filter(({ seatId }) => mine.seats.has(seatId));
      forget(mine, gone.map(({ seatId }) => seatId));
      losses.add(gone);
      changed({ changed: gone.map(({ seatId }) => seatId), lost: [] });
    }
    parts.refused(action, seatIds, error);
    if (error.isRefusal) return;
    for (const id of seatIds) unsure.add(id);
    parts.reconcile();
  }

  /**
   * @template {unknown[]} Args
   * @param {(...args: Args) => Promise<Outcome>} command
   * @returns {(...args: Args) => Promise<Outcome>}
   */
  function orLeft(command) {
    return (...args) => (stopped ? left() : command(...args));
  }

  return {
    lock: orLeft(lock),
    unlock: orLeft(unlock),
    extend: orLeft(extend),
    stop() {
      stopped = true;
    },
    /** Whether any seat had a request without an answer of which nothing was heard since. */
    isUnsure: () => unsure.size > 0,
    /**
     * Says whether any of these seats had a request without an answer, and forgets that they had.
     * @param {string[]} seatIds
     */
    takeUnsure: (seatIds) => seatIds.filter((id) => unsure.delete(id)).length > 0,
  };
}

/** @returns {Promise<Outcome>} */
async function done() {
  return { ok: true };
}

/** @returns {Promise<Outcome>} */
async function left() {
  return { ok: false, error: new ApiError({ code: 'room_left' }) };
}

/** Lets commands for the same seat wait for each other; the first one starts at once, so that it shows at once. */
function createTurns() {
  /** @type {Map<string, Promise<unknown>>} */
  const last = new Map();

  /**
   * @template Result
   * @param {string[]} seatIds
   * @param {() => Promise<Result>} command
   * @returns {Promise<Result>}
   */
  return function inTurn(seatIds, command) {
    const before = seatIds.flatMap((id) => last.get(id) ?? []);
    const turn = before.length ? Promise.allSettled(before).then(command) : command();
    for (const id of seatIds) last.set(id, turn);
    turn.finally(() => {
      for (const id of seatIds) if (last.get(id) === turn) last.delete(id);
    });
    return turn;
  };
}
