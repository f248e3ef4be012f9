/**
 * Seats by place: a grid of cells, so that what is near a point or inside a box is found without looking at all seats.
 *
 * It knows no distances in pixels and no states. Invariant: every seat is in exactly one cell, the one that holds its
 * centre.
 * @module
 */

/** @typedef {import('./plan.js').Seat} Seat */
/** @typedef {import('./plan.js').Point} Point */
/** @typedef {import('./bounds.js').Box} Box */
/** @typedef {ReturnType<typeof createSeatGrid>} SeatGrid */

/** How many seats a cell holds on average: few enough to look at each, enough to keep cells few. */
const SEATS_PER_CELL = 6;

/** @type {WeakMap<readonly Seat[], SeatGrid>} */
const grids = new WeakMap();

/**
 * The grid of a plan's seats, made when it is first asked for.
 * @param {readonly Seat[]} seats which never change
 */
export function gridOf(seats) {
  let grid = grids.get(seats);
  if (!grid) grids.set(seats, (grid = createSeatGrid(seats)));
  return grid;
}

/** @param {readonly Seat[]} seats */
export function createSeatGrid(seats) {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  let largestRadius = 0;
  for (const { x, y, radius } of seats) {
    if (x < left) left = x;
    if (x > right) right = x;
    if (y < top) top = y;
    if (y > bottom) bottom = y;
    if (radius > largestRadius) largestRadius = radius;
  }
  if (!seats.length) [left, top, right, bottom] = [0, 0, 1, 1];
  const area = Math.max(1, (right - left) * (bottom - top));
  const size = Math.max(1, Math.sqrt((area * SEATS_PER_CELL) / Math.max(1, seats.length)));
  const columns = Math.floor((right - left) / size) + 1;
  const rows = Math.floor((bottom - top) / size) + 1;
  /** @type {Seat[][]} */
  const cells = Array.from({ length: columns * rows }, () => []);
  for (const seat of seats) cells[columnOf(seat.x) + rowOf(seat.y) * columns].push(seat);

  /** @param {number} x */
  function columnOf(x) {
    return Math.min(columns - 1, Math.max(0, Math.floor((x - left) / size)));
  }

  /** @param {number} y */
  function rowOf(y) {
    return Math.min(rows - 1, Math.max(0, Math.floor((y - top) / size)));
  }

  /**
   * Every seat whose centre lies in a box, in no particular order.
   * @param {Box} box
   * @returns {Seat[]}
   */
  function within({ x, y, width, height }) {
    /** @type {Seat[]} */
    const found = [];
    const [fromColumn, toColumn] = [columnOf(x), columnOf(x + width)];
    const [fromRow, toRow] = [rowOf(y), rowOf(y + height)];
    for (let row = fromRow; row <= toRow; row += 1) {
      for (let column = fromColumn; column <= toColumn; column += 1) {
        for (const seat of cells[column + row * columns]) {
          if (seat.x >= x && seat.x <= x + width && seat.y >= y && seat.y <= y + height) found.push(seat);
        }
      }
    }
    return found;
  }

  /**
   * The seat whose edge is nearest to a point.
   * @param {Point} point
   * @param {number} reach how far beyond its own radius a seat may be
   * @returns {Seat | null}
   */
  function nearest({ x, y }, reach) {
    const far = reach + largestRadius;
    let best = null;
    let bestDistance = Infinity;
    for (const seat of within({ x: x - far, y: y - far, width: 2 * far, height: 2 * far })) {
      const distance = Math.hypot(seat.x - x, seat.y - y) - seat.radius;
      if (distance > reach || distance >= bestDistance) continue;
      best = seat;
      bestDistance = distance;
    }
    return best;
  }

  return {
    within,
    nearest,
    /** The longer side of the box that holds all centres. */
    extent: Math.max(right - left, bottom - top),
  };
}
