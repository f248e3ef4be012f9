/**
 * A plan as sections, rows and seats to go through one after the other, and where a step from one of them leads.
 *
 * It knows no keys and no elements. Invariant: a section has at least one row, a row at least one seat, and a step leads to
 * something that is there or nowhere.
 * @module
 */

/** @typedef {import('./plan.js').Seat} Seat */
/** @typedef {import('./plan.js').Row} Row */
/** @typedef {{ name: string, rows: Row[], seatCount: number }} Section */

/**
 * @typedef {object} Place
 * @property {number} section
 * @property {number | null} row null for the section's heading
 * @property {number} seat its place within the row
 */

/** @typedef {'previous' | 'next' | 'rowStart' | 'rowEnd' | 'up' | 'down' | 'sectionUp' | 'sectionDown' | 'first' | 'last'} Step */

/**
 * @typedef {object} Outline
 * @property {Section[]} sections
 * @property {(index: number) => Place} placeOf by a seat's index
 */

/**
 * @param {import('./plan.js').SeatPlan} plan
 * @returns {Outline}
 */
export function outlineOf(plan) {
  /** @type {Place[]} */
  const places = [];
  /** @type {Section[]} */
  const sections = [];
  for (const zone of plan.zones) {
    const rows = zone.rows.filter((row) => row.seats.length);
    if (!rows.length) continue;
    rows.forEach((row, at) => {
      row.seats.forEach((seat, place) => (places[seat.index] = { section: sections.length, row: at, seat: place }));
    });
    sections.push({ name: zone.name, rows, seatCount: rows.reduce((sum, row) => sum + row.seats.length, 0) });
  }
  return { sections, placeOf: (index) => places[index] };
}

/**
 * Where a step leads; null where there is nothing further that way.
 * @param {Section[]} sections
 * @param {(section: number) => boolean} isOpen whether its rows can be entered
 * @param {boolean} withHeadings whether headings are stepped on
 * @param {Place} from
 * @param {Step} step
 * @returns {Place | null}
 */
export function stepFrom(sections, isOpen, withHeadings, from, step) {
  const lines = { sections, isOpen, withHeadings };
  switch (step) {
    case 'previous':
      return alongRow(sections, from, from.seat - 1);
    case 'next':
      return alongRow(sections, from, from.seat + 1);
    case 'rowStart':
      return alongRow(sections, from, 0);
    case 'rowEnd':
      return alongRow(sections, from, Infinity);
    case 'up':
      return nearestOf(sections, from, lineBefore(lines, from));
    case 'down':
      return nearestOf(sections, from, lineAfter(lines, from));
    case 'sectionUp':
      return startOf(lines, isStart(lines, from) ? from.section - 1 : from.section);
    case 'sectionDown':
      return startOf(lines, from.section + 1);
    case 'first':
      return startOf(lines, 0);
    case 'last':
      return lastOf(lines);
  }
}

/** @typedef {{ sections: Section[], isOpen: (section: number) => boolean, withHeadings: boolean }} Lines */

/**
 * @param {Section[]} sections
 * @param {Place} from
 * @param {number} wanted
 * @returns {Place | null}
 */
function alongRow(sections, from, wanted) {
  if (from.row === null) return null;
  const seat = wanted === Infinity ? sections[from.section].rows[from.row].seats.length - 1 : wanted;
  return sections[from.section].rows[from.row].seats[seat] ? { ...from, seat } : null;
}

/**
 * @param {Lines} lines
 * @param {Place} from
 * @returns {Place | null}
 */
function lineAfter(lines, { section, row }) {
  const next = row === null ? 0 : row + 1;
  if (lines.isOpen(section) && next < lines.sections[section].rows.length) return { section, row: next, seat: 0 };
  return startOf(lines, section + 1);
}

/**
 * @param {Lines} lines
 * @param {Place} from
 * @returns {Place | null}
 */
function lineBefore(lines, { section, row }) {
  if (row !== null && row > 0) return { section, row: row - 1, seat: 0 };
  if (row === 0 && lines.withHeadings) return { section, row: null, seat: 0 };
  return lastLineOf(lines, section - 1);
}

/**
 * @param {Lines} lines
 * @param {number} section
 * @returns {Place | null}
 */
function startOf(lines, section) {
  if (!lines.sections[section]) return null;
  return { section, row: lines.withHeadings ? null : 0, seat: 0 };
}

/**
 * @param {Lines} lines
 * @param {Place} place
 */
function isStart({ withHeadings }, { row, seat }) {
  return withHeadings ? row === null : row === 0 && seat === 0;
}

/**
 * @param {Lines} lines
 * @param {number} section
 * @returns {Place | null}
 */
function lastLineOf(lines, section) {
  if (!lines.sections[section]) return null;
  return { section, row: lines.isOpen(section) ? lines.sections[section].rows.length - 1 : null, seat: 0 };
}

/**
 * @param {Lines} lines
 * @returns {Place | null}
 */
function lastOf(lines) {
  const last = lastLineOf(lines, lines.sections.length - 1);
  return last && (alongRow(lines.sections, last, Infinity) ?? last);
}

/**
 * The seat of a line that is nearest to where one comes from.
 * @param {Section[]} sections
 * @param {Place} from
 * @param {Place | null} line
 * @returns {Place | null}
 */
function nearestOf(sections, from, line) {
  if (line === null || line.row === null || from.row === null) return line;
  const start = sections[from.section].rows[from.row].seats[from.seat];
  const distances = sections[line.section].rows[line.row].seats.map((seat) => Math.hypot(seat.x - start.x, seat.y - start.y));
  return { ...line, seat: distances.indexOf(Math.min(...distances)) };
}
