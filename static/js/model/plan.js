/**
 * Reads a seating plan in the format of pretix's plan editor into what a map needs: seats and areas at their
 * absolute places, row labels, categories, and the box that holds them all.
 *
 * It does not judge the plan, the server has done so; whatever is missing gets the format's default. Invariant:
 * a seat's `index` is its place in the order zones, rows, seats as listed.
 * @module
 */

import { readArea } from './area.js';
import { boundsOf } from './bounds.js';
import { safeColor } from './color.js';

/** @typedef {{ x: number, y: number }} Point */

/**
 * @typedef {object} Seat
 * @property {number} index
 * @property {string} id
 * @property {number} x
 * @property {number} y
 * @property {number} radius
 * @property {string} category
 * @property {string} color
 * @property {string} name for people: zone, row and seat
 */

/**
 * @typedef {object} Row
 * @property {string} name
 * @property {Seat[]} seats
 * @property {(Point & { text: string })[]} labels
 */

/**
 * @typedef {object} SeatPlan
 * @property {Seat[]} seats
 * @property {Row[]} rows
 * @property {import('./area.js').Area[]} areas
 * @property {{ name: string, color: string }[]} categories those that a seat has, in the plan's order
 * @property {import('./bounds.js').Box} bounds of the content, whatever the plan's `size` says
 */

/**
 * @typedef {object} RawSeat
 * @property {string} seat_guid
 * @property {string} [seat_number]
 * @property {Partial<Point>} [position]
 * @property {string} [category]
 * @property {number | null} [radius]
 */

/**
 * @typedef {object} RawRow
 * @property {string} [row_number]
 * @property {string | null} [row_label]
 * @property {string | null} [seat_label]
 * @property {'start' | 'end' | 'both' | null} [row_number_position]
 * @property {Partial<Point>} [position]
 * @property {RawSeat[]} [seats]
 */

/** @typedef {{ name?: string, position?: Partial<Point>, rows?: RawRow[], areas?: import('./area.js').RawArea[] }} RawZone */
/** @typedef {{ name?: string, categories?: { name: string, color?: string }[], zones?: RawZone[] }} RawPlan */

const DEFAULT_RADIUS = 10;
const DEFAULT_COLOR = '#7a869a';

/**
 * @param {RawPlan} raw
 * @returns {SeatPlan}
 */
export function readPlan(raw) {
  const zones = raw.zones ?? [];
  const colors = new Map((raw.categories ?? []).map(({ name, color }) => [name, safeColor(color) ?? DEFAULT_COLOR]));
  const named = zones.length > 1;
  /** @type {Seat[]} */
  const seats = [];
  const rows = zones.flatMap((zone) =>
    (zone.rows ?? []).map((row) => readRow(row, zone, named ? zone.name ?? '' : '', colors, seats)),
  );
  for (const row of rows) row.labels = row.labels.filter((label) => !isOnSeat(label, seats));
  const areas = zones.flatMap((zone) => (zone.areas ?? []).map((area) => readArea(area, pointOf(zone.position))));
  const used = new Set(seats.map((seat) => seat.category));
  const categories = [...colors].map(([name, color]) => ({ name, color })).filter(({ name }) => used.has(name));
  return { seats, rows, areas, categories, bounds: boundsOf(seats, areas, rows.flatMap((row) => row.labels)) };
}

/**
 * @param {Partial<Point> | null | undefined} raw
 * @returns {Point}
 */
export function pointOf(raw) {
  return { x: raw?.x ?? 0, y: raw?.y ?? 0 };
}

/**
 * @param {RawRow} row
 * @param {RawZone} zone
 * @param {string} zoneName empty when it needs no saying
 * @param {Map<string, string>} colors
 * @param {Seat[]} seats those read so far, extended by this row's
 * @returns {Row}
 */
function readRow(row, zone, zoneName, colors, seats) {
  const number = row.row_number ?? '';
  const label = row.row_label ? row.row_label.replace('%s', number) : number && `row ${number}`;
  const name = [zoneName, label].filter(Boolean).join(', ');
  const origin = add(pointOf(zone.position), pointOf(row.position));
  const own = (row.seats ?? []).map((raw, place) => {
    const { x, y } = add(origin, pointOf(raw.position));
    const seatNumber = raw.seat_number ?? '';
    const seatLabel = row.seat_label ? row.seat_label.replace('%s', seatNumber) : `seat ${seatNumber || raw.seat_guid}`;
    return {
      index: seats.length + place,
      id: raw.seat_guid,
      x,
      y,
      radius: raw.radius ?? DEFAULT_RADIUS,
      category: raw.category ?? '',
      color: colors.get(raw.category ?? '') ?? DEFAULT_COLOR,
      name: [name, seatLabel].filter(Boolean).join(', '),
    };
  });
  seats.push(...own);
  return { name, seats: own, labels: labelsOf(number, row.row_number_position ?? null, own) };
}

/**
 * @param {string} text
 * @param {'start' | 'end' | 'both' | null} place
 * @param {Seat[]} seats
 */
function labelsOf(text, place, seats) {
  if (!text || !place || !seats.length) return [];
  const labels = [];
  if (place !== 'end') labels.push({ text, ...beyond(seats[0], seats[1], -1) });
  if (place !== 'start') labels.push({ text, ...beyond(seats[seats.length - 1], seats[seats.length - 2], 1) });
  return labels;
}

/**
 * The place of a label one step outside a row's last seat, away from its neighbour.
 * @param {Seat} last
 * @param {Seat | undefined} neighbour
 * @param {number} direction along x for a row of one seat
 */
function beyond(last, neighbour, direction) {
  const dx = neighbour ? last.x - neighbour.x : direction;
  const dy = neighbour ? last.y - neighbour.y : 0;
  const step = (last.radius * 2.2) / (Math.hypot(dx, dy) || 1);
  return { x: last.x + dx * step, y: last.y + dy * step };
}

/**
 * @param {Point} label
 * @param {Seat[]} seats
 */
function isOnSeat(label, seats) {
  return seats.some((seat) => Math.abs(seat.x - label.x) < seat.radius * 1.4 && Math.abs(seat.y - label.y) < seat.radius * 1.4);
}

/**
 * @param {Point} a
 * @param {Point} b
 */
function add(a, b) {
  return { x: a.x + b.x, y: a.y + b.y };
}
