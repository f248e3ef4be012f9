/**
 * Finds seats by place: the one under a finger, the next one in a direction.
 * @module
 */

/** @typedef {import('./plan.js').Seat} Seat */
/** @typedef {import('./plan.js').Point} Point */
/** @typedef {'left' | 'right' | 'up' | 'down'} Direction */

/** How much a step sideways counts against a step forward. */
const SIDEWAYS = 2.5;

/** @type {Record<Direction, Point>} */
const STEPS = { left: { x: -1, y: 0 }, right: { x: 1, y: 0 }, up: { x: 0, y: -1 }, down: { x: 0, y: 1 } };

/**
 * The seat nearest to a point.
 * @param {Seat[]} seats
 * @param {Point} point
 * @param {number} reach how far beyond its own radius a seat may be
 * @returns {Seat | null}
 */
export function seatAt(seats, point, reach) {
  let best = null;
  let bestDistance = Infinity;
  for (const seat of seats) {
    const distance = Math.hypot(seat.x - point.x, seat.y - point.y) - seat.radius;
    if (distance > reach || distance >= bestDistance) continue;
    best = seat;
    bestDistance = distance;
  }
  return best;
}

/**
 * The seat that a person would call the next one in a direction.
 * @param {Seat[]} seats
 * @param {Seat} from
 * @param {Direction} direction
 * @returns {Seat | null}
 */
export function nextSeat(seats, from, direction) {
  const step = STEPS[direction];
  let best = null;
  let bestCost = Infinity;
  for (const seat of seats) {
    const dx = seat.x - from.x;
    const dy = seat.y - from.y;
    const forward = dx * step.x + dy * step.y;
    const sideways = Math.abs(dx * step.y) + Math.abs(dy * step.x);
    if (forward <= from.radius * 0.3 || sideways > forward * 2) continue;
    const cost = forward + sideways * SIDEWAYS;
    if (cost >= bestCost) continue;
    best = seat;
    bestCost = cost;
  }
  return best;
}
