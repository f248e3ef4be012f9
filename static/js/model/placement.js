/**
 * Where a card goes beside a point of a box, so that it stays within the box and leaves the point free.
 * @module
 */

/** @typedef {{ width: number, height: number }} Size */

/** Room between the point's rim and the card. */
const GAP = 10;

/**
 * Above the point, or below it: people choose along a row, so its seats stay free.
 * @param {{ x: number, y: number, radius: number }} spot from the box's left top corner
 * @param {Size} card
 * @param {Size} box
 * @returns {{ x: number, y: number }} the card's left top corner
 */
export function besideSpot(spot, card, box) {
  const reach = spot.radius + GAP;
  const above = spot.y - reach - card.height;
  const y = above >= 0 ? above : spot.y + reach;
  return { x: within(spot.x - card.width / 2, card.width, box.width), y: within(y, card.height, box.height) };
}

/**
 * At which edge a sheet of some height leaves a point free.
 * @param {{ y: number, radius: number }} spot
 * @param {number} sheet its height
 * @param {number} box the box's height
 * @returns {'start' | 'end'} the bottom unless the point is there
 */
export function edgeAwayFrom(spot, sheet, box) {
  return spot.y + spot.radius + GAP > box - sheet && spot.y - spot.radius - GAP >= sheet ? 'start' : 'end';
}

/**
 * @param {number} at
 * @param {number} length
 * @param {number} room
 */
function within(at, length, room) {
  return Math.max(0, Math.min(at, room - length));
}
