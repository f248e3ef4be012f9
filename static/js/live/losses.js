/**
 * Which seats the visitor lost a moment ago, so that they can be shown so for a while.
 *
 * It announces no loss. Invariant: a seat is forgotten after eight seconds, or as soon as the server has it in another
 * state than the one it was lost to.
 * @module
 */

/** @typedef {import('../model/wire.js').SeatStatus} SeatStatus */
/** @typedef {{ to: SeatStatus, reached: boolean, timer: number }} Lost */

const SHOWN_MS = 8_000;

/** @type {Record<string, SeatStatus>} */
const STATUS_AFTER = { occupied: 'occupied', blocked: 'blocked', taken: 'locked', locked: 'locked' };

/**
 * @param {object} parts
 * @param {import('./timers.js').Timers} parts.timers
 * @param {(seatId: string) => SeatStatus | null} parts.statusOf the server's
 * @param {(seatIds: string[]) => void} parts.over these look like any other seat again
 */
export function createLosses({ timers, statusOf, over }) {
  /** @type {Map<string, Lost>} */
  const seats = new Map();

  /** @param {string} seatId */
  function drop(seatId) {
    timers.clear(seats.get(seatId)?.timer);
    seats.delete(seatId);
  }

  return {
    /** @param {string} seatId */
    has: (seatId) => seats.has(seatId),

    /** @param {{ seatId: string, reason: string }[]} losses */
    add(losses) {
      for (const { seatId, reason } of losses) {
        drop(seatId);
        const timer = timers.set(() => {
          seats.delete(seatId);
          over([seatId]);
        }, SHOWN_MS);
        const to = STATUS_AFTER[reason] ?? 'available';
        seats.set(seatId, { to, reached: statusOf(seatId) === to, timer });
      }
    },

    /** Forgets the seats that have gone on to another state; news of the loss itself may come after it was known. */
    compare() {
      for (const [seatId, lost] of seats) {
        const isThere = statusOf(seatId) === lost.to;
        if (lost.reached && !isThere) drop(seatId);
        else lost.reached ||= isThere;
      }
    },

    /** @param {string[]} seatIds that are asked for again */
    forget: (seatIds) => seatIds.forEach(drop),

    clear: () => [...seats.keys()].forEach(drop),
  };
}
