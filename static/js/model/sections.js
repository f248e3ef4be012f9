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
/** More cells than a zone has in one column. */
const COLUMN = 2 ** 24;

/**
 * @param {import('./plan.js').SeatPlan} plan
 * @returns {Section[]}
 */
export function sectionsOf({ zones }) {
  /** @type {Section[]} */
  const sections = [];
  for (const zone of zones) {
    const seats = zone.rows.flatMap((row) => row.seats);
    if (!seats.length) continue;
    const places = placesOf(seats, pitchOf(zone.rows) * AISLE);
    const categories = places.map(mostOf);
    for (const [at, place] of places.entries()) {
      const { category, color } = categories[at];
      const telling = places.length > 1 && categories.filter((other) => other.category === category).length === 1;
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
  const gaps = [];
  for (const { seats } of rows) {
    for (let at = 1; at < seats.length; at += 1) gaps.push(Math.hypot(seats[at].x - seats[at - 1].x, seats[at].y - seats[at - 1].y));
  }
  gaps.sort((a, b) => a - b);
  const radius = rows.find((row) => row.seats.length)?.seats[0].radius ?? 1;
  return Math.max(gaps[gaps.length >> 1] ?? 0, radius * 2);
}

/**
 * Seats by the places they lie in: two cells of a grid that touch are one place.
 * @param {Seat[]} seats
 * @param {number} gap
 * @returns {Seat[][]} in plan order of their first seats
 */
function placesOf(seats, gap) {
  const size = gap / 2;
  let [left, top] = [Infinity, Infinity];
  for (const { x, y } of seats) {
    if (x < left) left = x;
    if (y < top) top = y;
  }
  /** @type {Map<number, Seat[]>} */
  const cells = new Map();
  for (const seat of seats) {
    const key = keyOf(1 + Math.floor((seat.x - left) / size), 1 + Math.floor((seat.y - top) / size));
    const cell = cells.get(key);
    if (cell) cell.push(seat);
    else cells.set(key, [seat]);
  }
  const places = [];
  for (const key of [...cells.keys()]) {
    if (cells.has(key)) places.push(takeConnected(cells, key));
  }
  return withoutSpecks(places);
}

/**
 * One number for a cell, so that its neighbours' numbers are sums.
 * @param {number} column
 * @param {number} row
 */
function keyOf(column, row) {
  return column * COLUMN + row;
}

/**
 * @param {Map<number, Seat[]>} cells those not yet taken
 * @param {number} start
 */
function takeConnected(cells, start) {
  /** @type {Seat[]} */
  const taken = [];
  const open = [start];
  for (let key = open.pop(); key !== undefined; key = open.pop()) {
    const cell = cells.get(key);
    if (!cell) continue;
    cells.delete(key);
    for (const seat of cell) taken.push(seat);
    for (let dx = -1; dx <= 1; dx += 1) for (let dy = -1; dy <= 1; dy += 1) open.push(key + keyOf(dx, dy));
  }
  return taken;
}

/** @param {Seat[][]} places */
function withoutSpecks(places) {
  const large = places.filter((place) => place.length >= LEAST_SEATS);
  if (!large.length) return [places.flat()];
  for (const place of places) {
    if (place.length < LEAST_SEATS) nearestTo(place[0], large).push(...place);
  }
  return large;
}

/**
 * @param {Seat} seat
 * @param {Seat[][]} places
 */
function nearestTo(seat, places) {
  const distances = places.map((place) => Math.min(...place.map(({ x, y }) => Math.hypot(x - seat.x, y - seat.y))));
  return places[distances.indexOf(Math.min(...distances))];
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
  const xs = outline.map(({ x }) => x);
  const ys = outline.map(({ y }) => y);
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const box = { x: left, y: top, width: Math.max(...xs) - left, height: Math.max(...ys) - top };
  return { seats: seats.map((seat) => seat.index), outline, box, centre: centreOf(outline) };
}

/**
 * The convex hull, by the monotone chain of Andrew.
 * @param {readonly Point[]} points
 * @returns {Point[]}
 */
function hullOf(points) {
  const sorted = [...points].sort((a, b) => a.x - b.x || a.y - b.y);
  const upper = chainOf(sorted);
  const lower = chainOf(sorted.reverse());
  return [...upper.slice(0, -1), ...lower.slice(0, -1)];
}

/**
 * @param {readonly Point[]} sorted
 * @returns {Point[]}
 */
function chainOf(sorted) {
  /** @type {Point[]} */
  const chain = [];
  for (const point of sorted) {
    while (chain.length > 1 && !turnsRight(chain[chain.length - 2], chain[chain.length - 1], point)) chain.pop();
    chain.push(point);
  }
  return chain;
}

/**
 * Whether the way over three points turns clockwise on a screen.
 * @param {Point} a
 * @param {Point} b
 * @param {Point} c
 */
function turnsRight(a, b, c) {
  return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x) > 0;
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
  return outline.every((corner, at) => !turnsRight(outline[(at + 1) % outline.length], corner, point));
}
