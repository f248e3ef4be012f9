/**
 * What a kiosk remembers of its visits across a reload: in the tab's storage, where there is one.
 *
 * Without storage a reload leaves the locks of a visit to their deadlines.
 * @module
 */

/** @typedef {import('./visits.js').Kept} Kept */

const KEY = 'seatcast.kiosk';

/** @param {() => Pick<Storage, 'getItem' | 'setItem'>} storage may throw where storage is forbidden */
export function createVisitMemory(storage) {
  const kept = read();

  /** @returns {Kept} */
  function read() {
    try {
      const { visit, departures } = JSON.parse(storage().getItem(KEY) ?? '{}');
      return { visit: visit ?? null, departures: departures ?? [] };
    } catch {
      return { visit: null, departures: [] };
    }
  }

  function write() {
    try {
      storage().setItem(KEY, JSON.stringify(kept));
    } catch {
      // The page goes on without a memory.
    }
  }

  return {
    /** As it was when the page was loaded. */
    earlier: structuredClone(kept),

    /** @param {Kept['visit']} visit */
    keepVisit(visit) {
      kept.visit = visit;
      write();
    },

    /** @param {Kept['departures']} departures */
    keepDepartures(departures) {
      kept.departures = departures;
      write();
    },
  };
}
