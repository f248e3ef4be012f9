/**
 * Notices that a showtime was replaced by one on other terms, such as other prices, on the same plan.
 *
 * No message tells that; but a replaced showtime has a new epoch, and then the showtime is asked for again. A store that was
 * restarted gives all showtimes new epochs at once, so those who look wait a random while first. Invariant: `changed` is
 * called at most once, and not after `stop`.
 * @module
 */

import { isSameOffer } from '../model/offer.js';
import { parsePosition } from '../model/position.js';
import { ApiError } from './api.js';
import { backoff } from './backoff.js';

/** @typedef {import('../model/wire.js').Showtime} Showtime */

const SPREAD_MS = 10_000;

/**
 * @param {object} parts
 * @param {Showtime} parts.showtime as it is shown
 * @param {() => Promise<Showtime>} parts.ask
 * @param {import('./timers.js').Timers} parts.timers
 * @param {() => number} parts.random
 * @param {() => void} parts.changed
 */
export function createOfferWatch({ showtime, ask, timers, random, changed }) {
  let epoch = epochOf(showtime.position);
  let stopped = false;
  let attempt = 0;
  /** @type {number | undefined} */
  let timer;

  async function look() {
    try {
      const now = await ask();
      if (stopped || isSameOffer(showtime, now)) return;
      stop();
      changed();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (!stopped && !error.isFinal) timer = timers.set(look, backoff(attempt, random));
      attempt += 1;
    }
  }

  function stop() {
    stopped = true;
    timers.clear(timer);
  }

  return {
    stop,

    /**
     * The map is at this position now.
     * @param {string | null} position
     */
    at(position) {
      const last = epoch;
      epoch = epochOf(position) ?? last;
      if (stopped || last === null || epoch === last) return;
      timers.clear(timer);
      attempt = 0;
      timer = timers.set(look, random() * SPREAD_MS);
    },
  };
}

/** @param {string | null | undefined} position */
function epochOf(position) {
  return parsePosition(position ?? null)?.epoch ?? null;
}
