/**
 * Where a card goes beside a point of a box, so that it stays within the box and leaves the point free.
 * @module
 */

/** @typedef {{ width: number, height: number }} Size */

/** Room between the point's rim and the card. */
const GAP = 8;

/**
 * @param {{ x: number, y: number, radius: number }} spot from the box's left top corner
 * @param {Size} card
 * @param {Size} box
 * @param {'ltr' | 'rtl'} direction on which side the card goes where both have room
 * @returns {{ x: number, y: number }} the card's left top corner
 */
export function besideSpot(spot, card, box, direction) {
  const reach = spot.radius + GAP;
  const right = spot.x + reach;
  const left = spot.x - reach - card.width;
  const sides = direction === 'rtl' ? [left, right] : [right, left];
  const side = sides.find((x) => x >= 0 && x + card.width <= box.width);
  if (side !== undefined) return { x: side, y: within(spot.y - card.height / 2, card.height, box.height) };
  const below = spot.y + reach;
  const y = below + card.height <= box.height ? below : spot.y - reach - card.height;
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
