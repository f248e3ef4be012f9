/**
 * Finds seats by place: the one under a finger, the next one in a direction.
 * @module
 */

import { gridOf } from './seat-grid.js';

/** @typedef {import('./plan.js').Seat} Seat */
/** @typedef {import('./plan.js').Point} Point */
/** @typedef {'left' | 'right' | 'up' | 'down'} Direction */

/** How much a step sideways counts against a step forward. */
const SIDEWAYS = 2.5;
/** How far sideways of a step forward a seat may still lie. */
const SPREAD = 2;

/** @type {Record<Direction, Point>} */
const STEPS = { left: { x: -1, y: 0 }, right: { x: 1, y: 0 }, up: { x: 0, y: -1 }, down: { x: 0, y: 1 } };

/**
 * The seat nearest to a point.
 * @param {readonly Seat[]} seats
 * @param {Point} point
 * @param {number} reach how far beyond its own radius a seat may be
 * @returns {Seat | null}
 */
export function seatAt(seats, point, reach) {
  return gridOf(seats).nearest(point, reach);
}

/**
 * The seat that a person would call the next one in a direction.
 * @param {readonly Seat[]} seats
 * @param {Seat} from
 * @param {Direction} direction
 * @returns {Seat | null}
 */
export function nextSeat(seats, from, direction) {
  const grid = gridOf(seats);
  const step = STEPS[direction];
  const farthest = grid.extent * 2;
  // No seat costs less than its way forward, so a best one no further than what was looked at is the best of all.
  for (let depth = from.radius * 4; ; depth *= 2) {
    const best = cheapest(grid.within(ahead(from, step, depth)), from, step);
    if (best && best.cost <= depth) return best.seat;
    if (depth > farthest) return best?.seat ?? null;
  }
}

/**
 * @param {Point} from
 * @param {Point} step
 * @param {number} depth
 */
function ahead({ x, y }, step, depth) {
  const left = x - depth * (step.x ? Math.max(0, -step.x) : SPREAD);
  const right = x + depth * (step.x ? Math.max(0, step.x) : SPREAD);
  const top = y - depth * (step.y ? Math.max(0, -step.y) : SPREAD);
  const bottom = y + depth * (step.y ? Math.max(0, step.y) : SPREAD);
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/**
 * @param {readonly Seat[]} seats
 * @param {Seat} from
 * @param {Point} step
 */
function cheapest(seats, from, step) {
  /** @type {{ seat: Seat, cost: number } | null} */
  let best = null;
  for (const seat of seats) {
    const dx = seat.x - from.x;
    const dy = seat.y - from.y;
    const forward = dx * step.x + dy * step.y;
    const sideways = Math.abs(dx * step.y) + Math.abs(dy * step.x);
    if (forward <= from.radius * 0.3 || sideways > forward * SPREAD) continue;
    const cost = forward + sideways * SIDEWAYS;
    if (!best || cost < best.cost || (cost === best.cost && seat.index < best.seat.index)) best = { seat, cost };
  }
  return best;
}
