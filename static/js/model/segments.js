/**
 * Which seats sit side by side: each row of a plan, cut where an aisle crosses it.
 *
 * Neighbours are told by geometry, never by numbers, which real plans repeat and skip. A gap clearly wider than the
 * row's own pitch is an aisle. Row objects stay apart even where they have one number: plans split rows at aisles.
 * @module
 */

/** @typedef {import('./plan.js').Seat} Seat */

/** A gap of more than this many pitches is an aisle. */
const AISLE = 1.6;
/** With fewer gaps than this, an aisle may be the only gap a row has; then the plan's pitch counts where it is smaller. */
const TELLING_GAPS = 3;

/**
 * @param {import('./plan.js').SeatPlan} plan
 * @returns {Seat[][]} every seat in exactly one segment, each in the order one walks along it
 */
export function segmentsOf(plan) {
  const rows = plan.rows.map(({ seats }) => {
    const walk = walkAlong(seats);
    const gaps = gapsOf(walk);
    return { walk, gaps, pitch: median(gaps) };
  });
  const usual = median(rows.flatMap(({ gaps }) => gaps));
  return rows.flatMap(({ walk, gaps, pitch }) => cut(walk, gaps, gaps.length < TELLING_GAPS ? Math.min(pitch, usual) : pitch));
}

/**
 * @param {Seat[]} walk
 * @param {number[]} gaps
 * @param {number} pitch
 */
function cut(walk, gaps, pitch) {
  /** @type {Seat[][]} */
  const segments = [];
  walk.forEach((seat, place) => {
    if (place === 0 || gaps[place - 1] > pitch * AISLE) segments.push([]);
    segments[segments.length - 1].push(seat);
  });
  return segments;
}

/**
 * The seats of a row in the order in which they stand. Some plans list them otherwise, odd numbers before even ones for
 * example: then the walk as listed goes back and forth, and the one along the row is shorter.
 * @param {Seat[]} seats
 */
function walkAlong(seats) {
  const sorted = sortedAlong(seats);
  return lengthOf(sorted) < lengthOf(seats) * (1 - 1e-6) ? sorted : seats;
}

/** @param {Seat[]} seats */
function sortedAlong(seats) {
  let dx = 0;
  let dy = 0;
  for (const seat of seats) {
    const [x, y] = [seat.x - seats[0].x, seat.y - seats[0].y];
    if (Math.hypot(x, y) > Math.hypot(dx, dy)) [dx, dy] = [x, y];
  }
  return [...seats].sort((a, b) => (a.x - b.x) * dx + (a.y - b.y) * dy);
}

/** @param {Seat[]} seats */
function lengthOf(seats) {
  return gapsOf(seats).reduce((sum, gap) => sum + gap, 0);
}

/** @param {Seat[]} seats */
function gapsOf(seats) {
  return seats.slice(1).map((seat, place) => Math.hypot(seat.x - seats[place].x, seat.y - seats[place].y));
}

/**
 * The lower median: of two gaps, one of them an aisle, it is the other.
 * @param {number[]} values
 */
function median(values) {
  return [...values].sort((a, b) => a - b)[(values.length - 1) >> 1] ?? Infinity;
}
