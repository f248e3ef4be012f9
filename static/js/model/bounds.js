/**
 * The box that holds everything drawn of a plan.
 * @module
 */

import { cornersOf } from './area.js';

/** @typedef {{ x: number, y: number, width: number, height: number }} Box */
/** @typedef {import('./plan.js').Point} Point */

/**
 * @param {import('./plan.js').Seat[]} seats
 * @param {import('./area.js').Area[]} areas
 * @param {Point[]} labels
 * @returns {Box}
 */
export function boundsOf(seats, areas, labels) {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  /**
   * @param {Point} point
   * @param {number} radius
   */
  function include({ x, y }, radius) {
    left = Math.min(left, x - radius);
    top = Math.min(top, y - radius);
    right = Math.max(right, x + radius);
    bottom = Math.max(bottom, y + radius);
  }
  for (const seat of seats) include(seat, seat.radius);
  for (const label of labels) include(label, 8);
  for (const area of areas) for (const corner of cornersOf(area)) include(corner, 0);
  if (left > right) return { x: 0, y: 0, width: 1, height: 1 };
  return { x: left, y: top, width: Math.max(1, right - left), height: Math.max(1, bottom - top) };
}
