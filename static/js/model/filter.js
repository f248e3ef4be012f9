/**
 * Which seats a visitor wants to see: by category and by price. It knows nothing of a seat's state.
 *
 * Invariant: a filter that asks for nothing matches every seat, those without a price included.
 * @module
 */

/** @typedef {import('./plan.js').Seat} Seat */
/** @typedef {import('./wire.js').Amount} Amount */

/**
 * @typedef {object} Filter
 * @property {string[]} categories empty for all
 * @property {number | null} from lowest price, itself included
 * @property {number | null} to highest price, itself included
 */

/** @type {Filter} */
export const EVERY_SEAT = { categories: [], from: null, to: null };

/** @param {Filter} filter */
export function asksForNothing({ categories, from, to }) {
  return !categories.length && from === null && to === null;
}

/**
 * Makes the predicate of a filter. Bounds that were given the wrong way round are taken the right way.
 * @param {Filter} filter
 * @param {(category: string) => Amount | undefined} amountOf
 * @returns {(seat: Seat) => boolean}
 */
export function matcherOf({ categories, from, to }, amountOf) {
  const wanted = new Set(categories);
  const low = Math.min(from ?? -Infinity, to ?? Infinity);
  const high = Math.max(from ?? -Infinity, to ?? Infinity);
  const priced = from !== null || to !== null;
  /** @type {Map<string, boolean>} */
  const known = new Map();

  function judge(/** @type {string} */ category) {
    if (wanted.size && !wanted.has(category)) return false;
    if (!priced) return true;
    const price = priceIn(amountOf(category));
    return price !== null && price >= low && price <= high;
  }

  return ({ category }) => {
    const answer = known.get(category) ?? judge(category);
    known.set(category, answer);
    return answer;
  };
}

/**
 * The lowest and the highest price of some categories.
 * @param {string[]} categories
 * @param {(category: string) => Amount | undefined} amountOf
 * @returns {{ low: number, high: number } | null} null where nothing has a price
 */
export function priceRange(categories, amountOf) {
  const prices = categories.map((category) => priceIn(amountOf(category))).filter((price) => price !== null);
  return prices.length ? { low: Math.min(...prices), high: Math.max(...prices) } : null;
}

/**
 * A price as a number.
 * @param {Amount | undefined} amount
 * @returns {number | null} null where there is none
 */
export function priceIn(amount) {
  if (amount === null || amount === undefined || amount === '') return null;
  const price = Number(amount);
  return Number.isFinite(price) ? price : null;
}
