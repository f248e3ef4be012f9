/**
 * Whether a showtime is still offered on the same terms: all that pages show of it beside its seats.
 *
 * The position is no part of that; it moves with every seat.
 * @module
 */

/** @typedef {import('./wire.js').Showtime} Showtime */

const TERMS = /** @type {const} */ (['title', 'startsAt', 'currency', 'plan', 'lockSeconds', 'maxSeatsPerHolder', 'extendCapSeconds']);

/**
 * @param {Showtime} a
 * @param {Showtime} b
 */
export function isSameOffer(a, b) {
  return TERMS.every((term) => a[term] === b[term]) && isSamePrices(a.prices, b.prices);
}

/**
 * @param {Showtime['prices']} a
 * @param {Showtime['prices']} b
 */
function isSamePrices(a, b) {
  const categories = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...categories].every((category) => a[category] === b[category]);
}
