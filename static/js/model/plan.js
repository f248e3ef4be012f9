/**
 * Reads a seating plan in the format of pretix's plan editor into what a map needs: seats and areas at their
 * absolute places, row labels, categories, and the box that holds them all.
 *
 * It does not judge the plan, the server has done so; whatever is missing gets the format's default. It words nothing:
 * how a seat is called depends on the reader's language. Invariant: a seat's `index` is its place in the order zones,
 * rows, seats as listed.
 * @module
 */

import { readArea } from './area.js';
import { boundsOf } from './bounds.js';
import { safeColor } from './color.js';
import { gridOf } from './seat-grid.js';

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
 * @property {string} zone its zone's name; empty where the plan has only one zone
 * @property {string} row its row's number
 * @property {string} number
 * @property {string | null} rowLabel what the plan itself calls the row; null where only its number is known
 * @property {string | null} seatLabel likewise
 */

/**
 * @typedef {object} Row
 * @property {string} zone
 * @property {string} number
 * @property {string | null} label what the plan itself calls it
 * @property {Seat[]} seats
 * @property {(Point & { text: string })[]} labels
 */

/** @typedef {{ name: string, rows: Row[] }} Zone */

/**
 * @typedef {object} SeatPlan
 * @property {Seat[]} seats
 * @property {Row[]} rows those of all zones
 * @property {Zone[]} zones
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
/** A label this near to a seat's edge would be drawn over the seat. */
const LABEL_CLEARANCE = 4;
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
  const readZones = zones.map((zone) => {
    const name = named ? zone.name ?? '' : '';
    return { name, rows: (zone.rows ?? []).map((row) => readRow(row, zone, name, colors, seats)) };
  });
  const rows = readZones.flatMap((zone) => zone.rows);
  const grid = gridOf(seats);
  for (const row of rows) row.labels = row.labels.filter((label) => !grid.nearest(label, LABEL_CLEARANCE));
  const areas = zones.flatMap((zone) => (zone.areas ?? []).map((area) => readArea(area, pointOf(zone.position))));
  const used = new Set(seats.map((seat) => seat.category));
  const categories = [...colors].map(([name, color]) => ({ name, color })).filter(({ name }) => used.has(name));
  return { seats, rows, zones: readZones, areas, categories, bounds: boundsOf(seats, areas, rows.flatMap((row) => row.labels)) };
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
  const label = filled(row.row_label, number);
  const origin = add(pointOf(zone.position), pointOf(row.position));
  const own = (row.seats ?? []).map((raw, place) => {
    const { x, y } = add(origin, pointOf(raw.position));
    const seatNumber = raw.seat_number || raw.seat_guid;
    return {
      index: seats.length + place,
      id: raw.seat_guid,
      x,
      y,
      radius: raw.radius ?? DEFAULT_RADIUS,
      category: raw.category ?? '',
      color: colors.get(raw.category ?? '') ?? DEFAULT_COLOR,
      zone: zoneName,
      row: number,
      number: seatNumber,
      rowLabel: label,
      seatLabel: filled(row.seat_label, seatNumber),
    };
  });
  seats.push(...own);
  return { zone: zoneName, number, label, seats: own, labels: labelsOf(number, row.row_number_position ?? null, own) };
}

/**
 * @param {string | null | undefined} template
 * @param {string} number
 */
function filled(template, number) {
  return template ? template.replace('%s', () => number) : null;
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
 * @param {Point} a
 * @param {Point} b
 */
function add(a, b) {
  return { x: a.x + b.x, y: a.y + b.y };
}
