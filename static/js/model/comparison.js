/**
 * Which seats two states of a map have different, so that a new map redraws no more than it has to.
 * @module
 */

/** @typedef {Pick<import('./replica.js').Replica, 'states' | 'locks'>} SeatStates */

/**
 * @param {SeatStates} before
 * @param {SeatStates} after of the same seats
 * @returns {number[]} seat indices
 */
export function changedBetween(before, after) {
  /** @type {number[]} */
  const indices = [];
  for (let index = 0; index < after.states.length; index += 1) {
    const same = before.states[index] === after.states[index] && before.locks.get(index) === after.locks.get(index);
    if (!same) indices.push(index);
  }
  return indices;
}
