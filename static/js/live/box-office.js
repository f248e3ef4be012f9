/**
 * What the box office asks of the server: facts about seats, bookings, refunds, blocks.
 *
 * It words nothing and keeps nothing. Invariants: what got no clear answer is asked again in the same words, which the
 * server makes once however often it hears them; as long as there is no clear answer the outcome is `unknown`, never
 * done and never refused; and what was so before is not said to be done, unless an attempt of ours may have done it.
 * @module
 */

import { ApiError } from './api.js';
import { backoff } from './backoff.js';

/** @typedef {import('../model/wire.js').SeatFacts} SeatFacts */

/**
 * @typedef {{ state: 'done', replayed: boolean, already: string[] }
 *   | { state: 'refused', error: ApiError, kept: boolean }
 *   | { state: 'unknown', error: ApiError, again: () => Promise<DeskOutcome> }} DeskOutcome
 * `already`: seats that others had brought there before, so that nothing was done to them;
 * `kept`: seats locked on the way could not be given back and stay locked until their time is up;
 * `again`: asks once more, in the same words
 */

/**
 * @typedef {object} BoxOfficeParts
 * @property {Pick<import('./api.js').Api, 'seatFacts' | 'lock' | 'unlock' | 'book' | 'release' | 'block' | 'unblock'>} api
 * @property {import('./timers.js').Timers} timers
 * @property {() => number} random
 * @property {() => string} freshUser a holder's name that nobody has
 */

/** @typedef {ReturnType<typeof createBoxOffice>} BoxOffice */

const ATTEMPTS = 4;
/** What is asked for in one address: proxies cut off or refuse those that are longer than some thousand characters. */
const PORTION = { seats: 100, characters: 4_000 };

/** @param {BoxOfficeParts} parts */
export function createBoxOffice({ api, timers, random, freshUser }) {
  /** @param {number} milliseconds */
  const pause = (milliseconds) => new Promise((done) => timers.set(() => done(undefined), milliseconds));

  /**
   * Asks until there is a clear answer, or too often.
   * @template Body
   * @param {() => Promise<Body>} request
   * @param {boolean} [unsure] whether an attempt before these may have changed something
   * @returns {Promise<{ body: Body, unsure: boolean } | { error: ApiError, clear: boolean }>}
   */
  async function insist(request, unsure = false) {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return { body: await request(), unsure };
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        // That this attempt changed nothing says nothing about an earlier one.
        const clear = error.isFinal || (error.isRefusal && !unsure);
        if (clear || attempt + 1 >= ATTEMPTS) return { error, clear };
        unsure ||= !error.isRefusal;
        await pause(error.retryAfterSeconds ? error.retryAfterSeconds * 1_000 : backoff(attempt, random));
      }
    }
  }

  /**
   * @template Body
   * @param {readonly string[]} seats
   * @param {() => Promise<Body>} request
   * @param {(body: Body) => readonly string[]} changed the seats that the answer says were changed
   * @param {boolean} [unsure] see `insist`
   * @returns {Promise<DeskOutcome>}
   */
  async function change(seats, request, changed, unsure) {
    const got = await insist(request, unsure);
    if ('body' in got) {
      const done = new Set(got.unsure ? seats : changed(got.body));
      return { state: 'done', replayed: isReplay(got.body), already: seats.filter((id) => !done.has(id)) };
    }
    if (got.clear) return { state: 'refused', error: got.error, kept: false };
    return { state: 'unknown', error: got.error, again: () => change(seats, request, changed, true) };
  }

  /**
   * Turns locks into a booking; gives them back when the booking is refused.
   * @param {string} showtimeId
   * @param {{ seats: string[], userId: string, bookingId: string }} body
   * @returns {Promise<DeskOutcome>}
   */
  async function bookLocked(showtimeId, body) {
    const outcome = await change(body.seats, () => api.book(showtimeId, body), () => body.seats);
    if (outcome.state === 'unknown') return { ...outcome, again: () => bookLocked(showtimeId, body) };
    if (outcome.state === 'refused') return { ...outcome, kept: !(await giveBack(showtimeId, body)) };
    return outcome;
  }

  /**
   * @param {string} showtimeId
   * @param {{ seats: string[], userId: string }} locks
   * @returns {Promise<boolean>} whether none is left
   */
  async function giveBack(showtimeId, { seats, userId }) {
    const got = await insist(() => api.unlock(showtimeId, { seats, userId }));
    // A seat that is another's by now is not ours either.
    return 'body' in got || got.error.isFinal;
  }

  return {
    /**
     * What is known of seats, asked for in portions, each of an instant of its own; refused like any other request.
     * @param {string} showtimeId
     * @param {readonly string[]} seatIds
     * @returns {Promise<SeatFacts[]>}
     */
    async facts(showtimeId, seatIds) {
      const facts = [];
      for (const portion of portionsOf(seatIds)) facts.push(...(await api.seatFacts(showtimeId, portion)).seats);
      return facts;
    },

    /**
     * Locks the seats for a holder of its own and books them, all or none.
     * @param {string} showtimeId
     * @param {{ seats: string[], bookingId: string }} booking
     * @returns {Promise<DeskOutcome>}
     */
    async book(showtimeId, { seats, bookingId }) {
      const locks = { seats, userId: freshUser() };
      const got = await insist(() => api.lock(showtimeId, locks));
      if ('body' in got) return bookLocked(showtimeId, { ...locks, bookingId });
      // Nothing is booked for certain. A lock that may have been made goes.
      const kept = !got.clear && !(await giveBack(showtimeId, locks));
      return { state: 'refused', error: got.error, kept };
    },

    /**
     * Refunds seats of one booking.
     * @param {string} showtimeId
     * @param {{ seats: string[], bookingId: string }} refund
     */
    release: (showtimeId, refund) => change(refund.seats, () => api.release(showtimeId, refund), ({ released }) => released),

    /**
     * @param {string} showtimeId
     * @param {{ seats: string[], reason?: string }} block
     */
    block: (showtimeId, block) => change(block.seats, () => api.block(showtimeId, block), ({ changed }) => changed),

    /**
     * @param {string} showtimeId
     * @param {{ seats: string[] }} unblock
     */
    unblock: (showtimeId, unblock) => change(unblock.seats, () => api.unblock(showtimeId, unblock), ({ changed }) => changed),
  };
}

/**
 * @param {readonly string[]} seatIds
 * @returns {string[][]}
 */
function portionsOf(seatIds) {
  /** @type {string[][]} */
  const portions = [];
  let room = 0;
  for (const id of seatIds) {
    const length = encodeURIComponent(id).length + 1;
    if (room < length || portions[portions.length - 1].length >= PORTION.seats) {
      portions.push([]);
      room = PORTION.characters;
    }
    portions[portions.length - 1].push(id);
    room -= length;
  }
  return portions;
}

/** @param {unknown} body */
function isReplay(body) {
  return typeof body === 'object' && body !== null && 'replayed' in body && body.replayed === true;
}
