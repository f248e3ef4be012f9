/**
 * Gives back what visitors of a shared screen leave behind, however often that has to be asked for.
 *
 * A visitor who has gone is never shown again, whatever becomes of it here; should all fail, the locks end by themselves.
 * Invariant: a departure is forgotten only when the server has said that its seats are free of the visitor, when the
 * showtime is gone, or when the locks must have ended.
 * @module
 */

import { ApiError } from './api.js';
import { backoff } from './backoff.js';

/**
 * @typedef {object} Departure
 * @property {string} showtimeId
 * @property {string} userId
 * @property {string[]} seatIds those known
 * @property {number | null} lookAt milliseconds, when to ask what else there is: a request may have been on its way
 * @property {number} endsAt milliseconds, when the last lock must have ended by itself
 */

/**
 * @typedef {object} DeparturesParts
 * @property {Pick<import('./api.js').Api, 'unlock' | 'status'>} api
 * @property {import('./timers.js').Timers} timers
 * @property {() => number} random
 * @property {() => number} now
 * @property {(departures: Departure[]) => void} keep remembers them beyond a reload
 */

/** @typedef {ReturnType<typeof createDepartures>} Departures */

/** A request that was on its way when a visitor left has been carried out or given up by then. */
export const SETTLED_MS = 10_000;

/** @param {DeparturesParts} parts */
export function createDepartures({ api, timers, random, now, keep }) {
  /** @type {Map<Departure, { attempt: number, busy: boolean, timer: number | undefined }>} */
  const open = new Map();

  /** @param {Departure} departure */
  async function tryAgain(departure) {
    const state = open.get(departure);
    if (!state || state.busy) return;
    timers.clear(state.timer);
    if (now() >= departure.endsAt) return forget(departure);
    state.busy = true;
    const wait = await giveBack(departure, state.attempt);
    state.busy = false;
    state.attempt += 1;
    if (wait === null) forget(departure);
    else state.timer = timers.set(() => tryAgain(departure), wait);
  }

  /**
   * @param {Departure} departure
   * @param {number} attempt
   * @returns {Promise<number | null>} milliseconds after which to go on, null when nothing is left
   */
  async function giveBack(departure, attempt) {
    try {
      if (departure.seatIds.length) {
        departure.seatIds = (await unlocked(departure)) ? [] : await held(departure);
        if (departure.seatIds.length) return backoff(attempt, random);
      }
      if (departure.lookAt === null) return null;
      if (now() < departure.lookAt) return departure.lookAt - now();
      departure.seatIds = await held(departure);
      departure.lookAt = null;
      return departure.seatIds.length ? 0 : null;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return error.isFinal ? null : 500 + backoff(attempt, random);
    }
  }

  /**
   * @param {Departure} departure
   * @returns {Promise<boolean>} false when one is another's by now, and so none was given back
   */
  async function unlocked({ showtimeId, userId, seatIds }) {
    try {
      await api.unlock(showtimeId, { seats: seatIds, userId });
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.isFinal && error.code !== 'unknown_showtime') return false;
      throw error;
    }
  }

  /**
   * @param {Departure} departure
   * @returns {Promise<string[]>} the seats that the visitor holds
   */
  async function held({ showtimeId, userId }) {
    const { body } = await api.status(showtimeId, userId, null);
    // Without its store the server does not know of a lock that was made last.
    if (body?.stale) throw new ApiError({ code: 'store_unavailable', status: 503 });
    return (body?.seats ?? []).filter((seat) => seat.status === 'selected').map((seat) => seat.seatId);
  }

  /** @param {Departure} departure */
  function forget(departure) {
    open.delete(departure);
    keep([...open.keys()]);
  }

  return {
    /** @param {readonly Departure[]} departures */
    add(departures) {
      for (const departure of departures) open.set(departure, { attempt: 0, busy: false, timer: undefined });
      keep([...open.keys()]);
      for (const departure of departures) tryAgain(departure);
    },

    /** The network is back: asks at once. */
    wake() {
      for (const departure of open.keys()) tryAgain(departure);
    },

    get count() {
      return open.size;
    },
  };
}
