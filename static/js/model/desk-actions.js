/**
 * What a clerk may do with the seats picked.
 *
 * It decides nothing for the server, which may refuse; it keeps the clerk from asking for what cannot be. Invariant: an
 * action is offered only when every picked seat takes it, so that none is left out in silence.
 * @module
 */

/** @typedef {import('./shown.js').ShownStatus} ShownStatus */
/** @typedef {'book' | 'release' | 'block' | 'unblock'} DeskAction */
/** @typedef {{ offered: boolean, fitting: number[], others: number }} Offer `fitting`: indices that take it; `others`: how many do not */

/** @type {Record<DeskAction, ShownStatus>} the state from which an action leads */
const FROM = { book: 'available', release: 'occupied', block: 'available', unblock: 'blocked' };

/** @type {readonly DeskAction[]} */
export const DESK_ACTIONS = ['book', 'release', 'block', 'unblock'];

/**
 * @param {readonly { index: number, status: ShownStatus }[]} picked
 * @returns {Record<DeskAction, Offer>}
 */
export function offersFor(picked) {
  const offer = (/** @type {DeskAction} */ action) => {
    const fitting = picked.filter(({ status }) => status === FROM[action]).map(({ index }) => index);
    const others = picked.length - fitting.length;
    return { offered: fitting.length > 0 && others === 0, fitting, others };
  };
  return { book: offer('book'), release: offer('release'), block: offer('block'), unblock: offer('unblock') };
}

/**
 * Groups sold seats by their booking, so that each booking is refunded by a request of its own.
 * @template {{ seatId: string, bookingId?: string, bookingSeats?: string[] }} Fact
 * @param {readonly Fact[]} facts of the picked seats
 * @returns {{ bookingId: string, seatIds: string[], all: string[] }[]} `all`: every seat that the booking still has
 */
export function bookingsIn(facts) {
  /** @type {Map<string, { bookingId: string, seatIds: string[], all: string[] }>} */
  const bookings = new Map();
  for (const { seatId, bookingId, bookingSeats } of facts) {
    if (bookingId === undefined) continue;
    const known = bookings.get(bookingId);
    if (known) known.seatIds.push(seatId);
    else bookings.set(bookingId, { bookingId, seatIds: [seatId], all: bookingSeats ?? [seatId] });
  }
  return [...bookings.values()];
}
