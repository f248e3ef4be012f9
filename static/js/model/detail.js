/**
 * How much of a plan is drawn at which size: blocks from afar, dots, then seats that can be read.
 *
 * Sizes are a seat's radius in CSS pixels. Invariant: a larger seat never gets less detail.
 * @module
 */

/** @typedef {'blocks' | 'dots' | 'seats'} Detail */

/** Below this a seat is a speck, and the share of free ones is told better by a number. */
const DOT_RADIUS_PX = 2.3;
const SEAT_RADIUS_PX = 6;
/** From here on a seat's number can be read in it. */
const LABEL_RADIUS_PX = 9;
/** Plans with fewer seats than this are taken in seat by seat at any size. */
const LEAST_SEATS_FOR_BLOCKS = 1500;
/** Smaller seats cannot be aimed at: a tap looks closer first. */
const AIMABLE_RADIUS_PX = { touch: 5, other: 2.3 };

/**
 * @param {number} radius
 * @param {{ seats: number, sections: number }} plan
 * @returns {Detail}
 */
export function detailAt(radius, { seats, sections }) {
  if (radius >= SEAT_RADIUS_PX) return 'seats';
  if (radius >= DOT_RADIUS_PX || seats < LEAST_SEATS_FOR_BLOCKS || sections < 2) return 'dots';
  return 'blocks';
}

/** @param {number} radius */
export function showsNumbers(radius) {
  return radius >= LABEL_RADIUS_PX;
}

/**
 * @param {number} radius
 * @param {string} pointerType
 */
export function canBeAimedAt(radius, pointerType) {
  return radius >= AIMABLE_RADIUS_PX[pointerType === 'touch' ? 'touch' : 'other'];
}
