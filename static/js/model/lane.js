/**
 * A segment of neighbouring seats with running sums, so that what a party of seats in it is worth takes no walk.
 *
 * It holds what never changes while a plan is shown: places, prices, categories; no seat's state.
 * @module
 */

/** @typedef {import('./plan.js').Seat} Seat */

/**
 * @typedef {object} Lane
 * @property {Seat[]} seats
 * @property {Float64Array} x sums of what comes before each seat, as all that follow
 * @property {Float64Array} y
 * @property {Float64Array} price
 * @property {Float64Array} unpriced
 * @property {Float64Array} changes how often the category has changed
 */

/** Differences of running sums are off by a hair, and sums that are equal have to compare so. */
const FINEST = 1e6;

/**
 * @param {Seat[]} seats neighbours, in order
 * @param {(seat: Seat) => number | null} priceOf
 * @returns {Lane}
 */
export function createLane(seats, priceOf) {
  const prices = seats.map(priceOf);
  return {
    seats,
    x: running(seats.map((seat) => seat.x)),
    y: running(seats.map((seat) => seat.y)),
    price: running(prices.map((price) => price ?? 0)),
    unpriced: running(prices.map((price) => Number(price === null))),
    changes: running(seats.map((seat, place) => Number(place > 0 && seat.category !== seats[place - 1].category))),
  };
}

/**
 * The sum of the prices of some seats side by side.
 * @param {Lane} lane
 * @param {number} start
 * @param {number} end behind the last
 * @returns {number | null} null where one has none
 */
export function sumOf({ price, unpriced }, start, end) {
  return unpriced[end] > unpriced[start] ? null : Math.round((price[end] - price[start]) * FINEST) / FINEST;
}

/**
 * How far their middle is from a point.
 * @param {Lane} lane
 * @param {number} start
 * @param {number} end
 * @param {import('./plan.js').Point} point
 */
export function distanceOf({ x, y }, start, end, point) {
  const [dx, dy] = [(x[end] - x[start]) / (end - start) - point.x, (y[end] - y[start]) / (end - start) - point.y];
  return Math.sqrt(dx * dx + dy * dy);
}

/**
 * How often the category changes between them.
 * @param {Lane} lane
 * @param {number} start
 * @param {number} end
 */
export function changesIn({ changes }, start, end) {
  return changes[end] - changes[start + 1];
}

/** @param {number[]} values */
function running(values) {
  const sums = new Float64Array(values.length + 1);
  for (let place = 0; place < values.length; place += 1) sums[place + 1] = sums[place] + values[place];
  return sums;
}
