/**
 * Asks the server which seats are the visitor's when that is not known: at the start, after waking, after a snapshot,
 * after a request without an answer.
 *
 * Invariants: at most one question is under way; one that was not answered is put again until it is, or until
 * something else brought the answer. While the server cannot reach its store, its answer says nothing of a request that
 * got none.
 * @module
 */

import { observeStatus } from '../model/mine.js';
import { comparePositions } from '../model/position.js';
import { ApiError } from './api.js';
import { backoff } from './backoff.js';

/** @typedef {import('../model/wire.js').StatusAnswer} StatusAnswer */

/**
 * @typedef {object} ReconcilerParts
 * @property {import('./timers.js').Timers} timers
 * @property {() => number} random
 * @property {import('../model/time.js').ServerClock} clock
 * @property {import('../model/mine.js').Mine} mine
 * @property {boolean} restore whether the visitor may hold seats from before
 * @property {(etag: null) => Promise<import('./poller.js').Polled>} ask
 * @property {() => boolean} unsure whether a request about a seat got no answer
 * @property {(answer: StatusAnswer) => void} received shows the map of the answer too, and has it taken
 * @property {(effect: import('../model/mine.js').Effect, seatIds: string[]) => void} found
 * @property {(position: string, seatIds: string[]) => boolean} outdated whether the map knows better than an answer that
 *   calls these seats the visitor's
 */

/** @param {ReconcilerParts} parts */
export function createReconciler({ timers, random, clock, mine, restore, ask, unsure, received, found, outdated }) {
  /** The position at which the own seats were last known. @type {string | null} */
  let known = null;
  let asking = false;
  /** Whether there is reason to ask again that the answer under way does not know of. */
  let again = false;
  let stopped = false;
  let attempt = 0;
  /** @type {number | undefined} */
  let retry;

  async function now() {
    timers.clear(retry);
    again = asking;
    if (asking || stopped) return;
    asking = true;
    try {
      const { body } = await ask(null);
      if (body && !stopped) received(body);
    } catch (error) {
      if (!(error instanceof ApiError && error.isFinal)) askLater();
    }
    asking = false;
    if (again) now();
  }

  function askLater() {
    if (!stopped) retry = timers.set(now, backoff(attempt, random));
    attempt += 1;
  }

  /** @param {StatusAnswer} answer */
  function take(answer) {
    timers.clear(retry);
    if (answer.stale && unsure()) askLater();
    else attempt = 0;
    known = answer.position;
    const held = new Set([...mine.seats].filter(([, own]) => own.phase === 'held').map(([id]) => id));
    const effect = observeStatus(mine, answer, clock.now());
    const isNew = (/** @type {string} */ id) => !held.has(id) && mine.seats.get(id)?.phase === 'held';
    const seatIds = effect.changed.filter(isNew);
    found(effect, seatIds);
    // News that came before the answer was about nobody's seats then.
    if (outdated(answer.position, seatIds)) now();
  }

  return {
    now,
    take,
    start() {
      if (restore) now();
    },
    /**
     * The map went on to a position without telling each change on the way.
     * @param {string} position
     */
    skipped(position) {
      const order = comparePositions(position, known);
      if (mine.seats.size && (order === null || order > 0)) now();
    },
    stop() {
      stopped = true;
      timers.clear(retry);
    },
  };
}
