/**
 * The sections of a plan: what a person would point at from afar and call a block. A zone is one, or several where it
 * lies in places apart.
 *
 * It knows no states and no pixels. Invariant: every seat is in exactly one section, and inside its outline.
 * @module
 */

/** @typedef {import('./plan.js').Seat} Seat */
/** @typedef {import('./plan.js').Point} Point */
/** @typedef {import('./bounds.js').Box} Box */

/**
 * @typedef {object} Section
 * @property {number} index
 * @property {string} name its zone's, with a category where that is what tells the parts of a zone apart; may be empty
 * @property {string} zone
 * @property {string} color of the category that most of its seats have
 * @property {number[]} seats their indices
 * @property {Point[]} outline convex, clockwise on a screen
 * @property {Box} box
 * @property {Point} centre its centre of gravity
 */

/** Seats further apart than this many of their distances lie in different places. */
const AISLE = 3.5;
/** A place of fewer seats stays with the rest of its zone. */
const LEAST_SEATS = 8;
/** How far beyond its outermost seats a section reaches, in radii. */
const PADDING = 1.6;
/** How many rows tell how far apart seats are. */
const ROWS_ASKED = 3;
/** A zone whose places lie far apart is looked at in larger cells. */
const MOST_CELLS = 30_000;
const TAKEN = -1;
/** So many seats that follow one another in the plan are looked at by their box first. */
const STRETCH_SEATS = 64;

/** @typedef {{ place: Seat[], seats: Seat[], box: Box }} Stretch */

/**
 * @param {import('./plan.js').SeatPlan} plan
 * @returns {Section[]}
 */
export function sectionsOf({ zones, seats: all }) {
  /** @type {Section[]} */
  const sections = [];
  let next = 0;
  for (const zone of zones) {
    const first = next;
    for (const row of zone.rows) next += row.seats.length;
    // A plan lists its seats zone after zone.
    const seats = all.slice(first, next);
    if (!seats.length) continue;
    const gap = pitchOf(zone.rows) * AISLE;
    const places = isOnePlace(zone.rows, gap) ? [seats] : placesOf(seats, gap);
    const categories = places.map(mostOf);
    /** @type {Map<string, number>} */
    const uses = new Map();
    for (const { category } of categories) uses.set(category, (uses.get(category) ?? 0) + 1);
    for (const [at, place] of places.entries()) {
      const { category, color } = categories[at];
      const telling = places.length > 1 && uses.get(category) === 1;
      const name = [zone.name, telling ? category : ''].filter(Boolean).join(' · ');
      sections.push({ index: sections.length, name, zone: zone.name, color, ...shapeOf(place) });
    }
  }
  return sections;
}

/**
 * What most neighbours in a row are apart from one another.
 * @param {import('./plan.js').Row[]} rows
 */
function pitchOf(rows) {
  /** @type {number[]} squares, which order as well */
  const gaps = [];
  const step = Math.max(1, Math.floor(rows.length / ROWS_ASKED));
  for (let row = 0; row < rows.length; row += step) {
    const { seats } = rows[row];
    for (let at = 1; at < seats.length; at += 1) gaps.push((seats[at].x - seats[at - 1].x) ** 2 + (seats[at].y - seats[at - 1].y) ** 2);
  }
  const sorted = Float64Array.from(gaps).sort();
  const radius = rows.find((row) => row.seats.length)?.seats[0].radius ?? 1;
  return Math.max(Math.sqrt(sorted[sorted.length >> 1] ?? 0), radius * 2);
}

/**
 * Whether rows obviously hang together: no gap within any, and each begins, ends or has its middle near the one before.
 * Most zones do, and are spared a closer look.
 * @param {import('./plan.js').Row[]} rows
 * @param {number} gap
 */
function isOnePlace(rows, gap) {
  const most = gap * gap;
  /** @type {Seat[]} */
  let before = [];
  for (const { seats } of rows) {
    for (let at = 1; at < seats.length; at += 1) {
      const dx = seats[at].x - seats[at - 1].x;
      const dy = seats[at].y - seats[at - 1].y;
      if (dx * dx + dy * dy > most) return false;
    }
    if (!seats.length) continue;
    if (before.length && !postsOf(seats).some((seat, at) => distanceOf(seat, postsOf(before)[at]) <= gap)) return false;
    before = seats;
  }
  return true;
}

/** @param {Seat[]} row */
function postsOf(row) {
  return [row[0], row[row.length >> 1], row[row.length - 1]];
}

/**
 * @param {Point} a
 * @param {Point} b
 */
function distanceOf(a, b) {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

/**
 * Seats by the places they lie in: two cells of a grid that touch are one place.
 * @param {Seat[]} seats
 * @param {number} gap
 * @returns {Seat[][]} in plan order of their first seats
 */
function placesOf(seats, gap) {
  const { x, y, width, height } = boxOf(seats);
  const size = Math.max(gap / 2, Math.sqrt((width * height) / MOST_CELLS), width / MOST_CELLS, height / MOST_CELLS);
  // A border of empty cells all around spares asking where the grid ends.
  const columns = Math.floor(width / size) + 3;
  const rows = Math.floor(height / size) + 3;
  /** @param {Seat} seat */
  const cellOf = (seat) => Math.floor((seat.x - x) / size) + 1 + (Math.floor((seat.y - y) / size) + 1) * columns;
  const cells = new Int16Array(columns * rows);
  for (const seat of seats) cells[cellOf(seat)] = TAKEN;
  let count = 0;
  for (const seat of seats) {
    if (cells[cellOf(seat)] === TAKEN) flood(cells, columns, cellOf(seat), (count += 1));
  }
  if (count === 1) return [seats];
  /** @type {Seat[][]} */
  const places = Array.from({ length: count }, () => []);
  for (const seat of seats) places[cells[cellOf(seat)] - 1].push(seat);
  return withoutSpecks(places);
}

/**
 * Gives a cell and all that hang together with it a label.
 * @param {Int16Array} cells
 * @param {number} columns
 * @param {number} start
 * @param {number} label
 */
function flood(cells, columns, start, label) {
  const open = [start];
  for (let cell = open.pop(); cell !== undefined; cell = open.pop()) {
    if (cells[cell] !== TAKEN) continue;
    cells[cell] = label;
    for (let row = -columns; row <= columns; row += columns) open.push(cell + row - 1, cell + row, cell + row + 1);
  }
}

/** @param {Seat[][]} places */
function withoutSpecks(places) {
  const large = places.filter((place) => place.length >= LEAST_SEATS);
  if (!large.length) return [places.flat()];
  const stretches = large.length > 1 ? large.flatMap(stretchesOf) : [];
  for (const place of places) {
    if (place.length < LEAST_SEATS) (nearestTo(place[0], stretches) ?? large[0]).push(...place);
  }
  return large;
}

/**
 * The seats of a place in stretches of the plan's order, which lie close together.
 * @param {Seat[]} place
 * @returns {Stretch[]}
 */
function stretchesOf(place) {
  return Array.from({ length: Math.ceil(place.length / STRETCH_SEATS) }, (_, at) => {
    const seats = place.slice(at * STRETCH_SEATS, (at + 1) * STRETCH_SEATS);
    return { place, seats, box: boxOf(seats) };
  });
}

/**
 * The place of the seat that is nearest. The stretch with the nearest box is looked into first, and most others then are
 * too far away.
 * @param {Seat} seat
 * @param {Stretch[]} stretches
 */
function nearestTo(seat, stretches) {
  const bounds = stretches.map(({ box }) => squareTo(box, seat));
  const first = bounds.reduce((nearest, bound, at) => (bound < bounds[nearest] ? at : nearest), 0);
  let nearest = stretches[first]?.place;
  let least = Infinity;
  for (const at of [first, ...stretches.keys()]) {
    if (!(bounds[at] < least)) continue;
    for (const { x, y } of stretches[at].seats) {
      const square = (x - seat.x) ** 2 + (y - seat.y) ** 2;
      if (square < least) [least, nearest] = [square, stretches[at].place];
    }
  }
  return nearest;
}

/**
 * The square of the distance, 0 within the box.
 * @param {Box} box
 * @param {Point} point
 */
function squareTo(box, point) {
  const dx = Math.max(box.x - point.x, 0, point.x - box.x - box.width);
  const dy = Math.max(box.y - point.y, 0, point.y - box.y - box.height);
  return dx * dx + dy * dy;
}

/** @param {Seat[]} seats */
function mostOf(seats) {
  /** @type {Map<string, { category: string, color: string, count: number }>} */
  const counts = new Map();
  for (const { category, color } of seats) {
    const entry = counts.get(category);
    if (entry) entry.count += 1;
    else counts.set(category, { category, color, count: 1 });
  }
  return [...counts.values()].reduce((most, entry) => (entry.count > most.count ? entry : most));
}

/** @param {Seat[]} seats */
function shapeOf(seats) {
  let radius = 0;
  for (const seat of seats) if (seat.radius > radius) radius = seat.radius;
  const outline = hullOf(hullOf(seats).flatMap((corner) => around(corner, radius * PADDING)));
  return { seats: seats.map((seat) => seat.index), outline, box: boxOf(outline), centre: centreOf(outline) };
}

/**
 * @param {readonly Point[]} points
 * @returns {Box}
 */
function boxOf(points) {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y } of points) {
    if (x < left) left = x;
    if (x > right) right = x;
    if (y < top) top = y;
    if (y > bottom) bottom = y;
  }
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/**
 * The convex hull, found from two ends outwards: most points are inside and looked at only a few times.
 * @param {readonly Point[]} points
 * @returns {Point[]}
 */
function hullOf(points) {
  let [left, right] = [points[0], points[0]];
  for (const point of points) {
    if (point.x < left.x || (point.x === left.x && point.y < left.y)) left = point;
    if (point.x > right.x || (point.x === right.x && point.y > right.y)) right = point;
  }
  return [left, ...beyond(left, right, points), right, ...beyond(right, left, points)];
}

/**
 * The corners of a hull between two of them.
 * @param {Point} from
 * @param {Point} to
 * @param {readonly Point[]} points among which they are
 * @returns {Point[]}
 */
function beyond(from, to, points) {
  /** @type {Point[]} */
  const outside = [];
  let farthest = from;
  let most = 0;
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  for (const point of points) {
    // How far outside it is, times the length of the side.
    const distance = dy * (point.x - from.x) - dx * (point.y - from.y);
    if (distance <= 0) continue;
    outside.push(point);
    if (distance <= most) continue;
    most = distance;
    farthest = point;
  }
  if (!most) return [];
  return [...beyond(from, farthest, outside), farthest, ...beyond(farthest, to, outside)];
}

/**
 * Above 0 where the way over three points turns clockwise on a screen, the more the farther the third is off.
 * @param {Point} a
 * @param {Point} b
 * @param {Point} c
 */
function sideOf(a, b, c) {
  return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

/**
 * Corners of an octagon whose sides lie as far from a point as asked.
 * @param {Point} point
 * @param {number} distance
 */
function around({ x, y }, distance) {
  const reach = distance / Math.cos(Math.PI / 8);
  return Array.from({ length: 8 }, (_, at) => {
    const angle = ((at + 0.5) * Math.PI) / 4;
    return { x: x + reach * Math.cos(angle), y: y + reach * Math.sin(angle) };
  });
}

/** @param {Point[]} outline */
function centreOf(outline) {
  const [first] = outline;
  let [area, x, y] = [0, 0, 0];
  for (let at = 1; at + 1 < outline.length; at += 1) {
    const [a, b] = [outline[at], outline[at + 1]];
    const weight = (a.x - first.x) * (b.y - first.y) - (a.y - first.y) * (b.x - first.x);
    area += weight;
    x += (weight * (first.x + a.x + b.x)) / 3;
    y += (weight * (first.y + a.y + b.y)) / 3;
  }
  return { x: x / area, y: y / area };
}

/**
 * How much room a section has to the left and the right of its centre's vertical, whichever is less.
 * @param {Section} section
 * @param {number} y
 */
export function roomAt({ outline, centre }, y) {
  let [left, right] = [0, 0];
  outline.forEach((a, at) => {
    const b = outline[(at + 1) % outline.length];
    if (a.y > y === b.y > y) return;
    const x = a.x + ((b.x - a.x) * (y - a.y)) / (b.y - a.y);
    if (x < centre.x) left = centre.x - x;
    else right = x - centre.x;
  });
  return Math.min(left, right);
}

/**
 * Whether a point lies on a section.
 * @param {Section} section
 * @param {Point} point
 */
export function isOn({ outline }, point) {
  return outline.every((corner, at) => sideOf(outline[(at + 1) % outline.length], corner, point) <= 0);
}
