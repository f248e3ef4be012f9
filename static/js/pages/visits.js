/**
 * The visits at a shared screen, one after the other: who the visitor is to the server, and what has to be given back
 * when the visit ends.
 *
 * It draws nothing. Invariants: no visitor bears the name of one before; what a visitor locked is on the list of
 * departures before the next visit begins, also when the page was loaded anew in between.
 * @module
 */

import { SETTLED_MS } from '../live/departures.js';

/** @typedef {import('../client.js').SeatClient} SeatClient */
/** @typedef {import('../live/departures.js').Departure} Departure */
/** @typedef {{ lockSeconds: number, seatIds: Set<string> }} Stake what a visitor may hold in one showtime */
/** @typedef {{ userId: string, lockSeconds: Record<string, number> }} KeptVisit */
/** @typedef {{ visit: KeptVisit | null, departures: Departure[] }} Kept */
/** @typedef {ReturnType<typeof createVisits>} Visits */

/**
 * @param {object} parts
 * @param {SeatClient} parts.house whose connection all visitors share
 * @param {() => string} parts.freshUser
 * @param {() => number} parts.now
 * @param {(departures: Departure[]) => void} parts.depart
 * @param {(visit: KeptVisit | null) => void} parts.keep remembers the visit beyond a reload
 */
export function createVisits({ house, freshUser, now, depart, keep }) {
  /** @type {Map<string, Stake>} */
  const stakes = new Map();
  let client = house.as(freshUser());

  /**
   * @param {string} userId
   * @param {string} showtimeId
   * @param {number} lockSeconds
   * @param {string[]} seatIds
   * @param {number} lookAt
   * @returns {Departure}
   */
  function departure(userId, showtimeId, lockSeconds, seatIds, lookAt) {
    return { showtimeId, userId, seatIds, lookAt, endsAt: now() + lockSeconds * 1_000 + SETTLED_MS };
  }

  return {
    /** The visitor's own client. */
    get client() {
      return client;
    },

    /**
     * The visitor may ask for seats of a showtime from now on.
     * @param {import('../model/wire.js').Showtime} showtime
     */
    enter({ showtimeId, lockSeconds }) {
      if (stakes.has(showtimeId)) return;
      stakes.set(showtimeId, { lockSeconds, seatIds: new Set() });
      keep({ userId: client.userId, lockSeconds: Object.fromEntries([...stakes].map(([id, stake]) => [id, stake.lockSeconds])) });
    },

    /**
     * @param {string} showtimeId
     * @param {readonly string[]} seatIds
     * @param {boolean} held
     */
    holds(showtimeId, seatIds, held) {
      for (const id of seatIds) {
        if (held) stakes.get(showtimeId)?.seatIds.add(id);
        else stakes.get(showtimeId)?.seatIds.delete(id);
      }
    },

    /** @param {string} showtimeId @returns {ReadonlySet<string>} as far as is known here */
    seatsIn: (showtimeId) => stakes.get(showtimeId)?.seatIds ?? new Set(),

    /** The visitor has gone: the next one is another, and knows nothing of this one. */
    end() {
      const { userId } = client;
      // Its rooms end first, so that nothing is asked for after the list is made.
      client.close();
      depart([...stakes].map(([id, { lockSeconds, seatIds }]) => departure(userId, id, lockSeconds, [...seatIds], now() + SETTLED_MS)));
      stakes.clear();
      keep(null);
      client = house.as(freshUser());
    },

    /**
     * Ends a visit that the page was loaded anew in.
     * @param {KeptVisit | null} visit
     */
    endEarlier(visit) {
      if (!visit) return;
      // What was on its way when the page went lands later.
      const looks = [now(), now() + SETTLED_MS];
      depart(Object.entries(visit.lockSeconds).flatMap(([id, lockSeconds]) => looks.map((lookAt) => departure(visit.userId, id, lockSeconds, [], lookAt))));
      keep(null);
    },
  };
}
