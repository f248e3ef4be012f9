/**
 * How long to wait before the next attempt, so that ten thousand clients do not come back together.
 * @module
 */

const FIRST_MS = 500;
const LONGEST_MS = 20_000;

/**
 * Full jitter: anything between nothing and a bound that doubles from 0.5 s to 20 s.
 * @param {number} attempt from 0
 * @param {() => number} random in [0, 1)
 * @returns {number} milliseconds
 */
export function backoff(attempt, random) {
  return random() * Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 10));
}

/**
 * Spreads an interval by a fifth to either side.
 * @param {number} milliseconds
 * @param {() => number} random in [0, 1)
 */
export function jittered(milliseconds, random) {
  return milliseconds * (0.8 + 0.4 * random());
}
