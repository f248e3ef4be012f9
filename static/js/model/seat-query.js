/**
 * Finds the seats that somebody types: `A 3-6, B 12`, `Balcony C 1`, a whole row by its name, or a seat's id.
 *
 * It guesses nothing: what no seat answers to, and what seats in several zones answer to, comes back as a problem.
 * Invariant: each seat is found once, in the order typed.
 * @module
 */

/** @typedef {import('./plan.js').Seat} Seat */
/** @typedef {{ term: string, zones: string[] }} QueryProblem `zones`: where there are such seats, if in several; empty when there are none */
/** @typedef {{ indices: number[], problems: QueryProblem[] }} Found */

/** @typedef {{ names: string[], zone: string, seats: Seat[] }} NamedRow all segments of a row; names in small letters, longest first */

const RANGE = /^(\S+?)\s*(?:-|–|\.\.)\s*(\S+)$/;

/**
 * @param {{ seats: Seat[] }} plan
 * @returns {(text: string) => Found}
 */
export function createSeatQuery(plan) {
  const rows = namedRows(plan.seats);
  const ids = new Map(plan.seats.map((seat) => [plain(seat.id), seat.index]));
  return function find(text) {
    /** @type {Set<number>} */
    const indices = new Set();
    /** @type {QueryProblem[]} */
    const problems = [];
    for (const term of text.split(/[,;\n]/).map((part) => part.trim()).filter(Boolean)) {
      const found = findTerm(plain(term), rows, ids);
      if ('zones' in found) problems.push({ term, zones: found.zones });
      else for (const index of found.indices) indices.add(index);
    }
    return { indices: [...indices], problems };
  };
}

/**
 * @param {string} term
 * @param {NamedRow[]} rows
 * @param {Map<string, number>} ids
 * @returns {{ indices: number[] } | { zones: string[] }}
 */
function findTerm(term, rows, ids) {
  const candidates = rows.flatMap((row) => {
    const rest = restAfter(term, row.names);
    const seats = rest === null ? null : seatsIn(row.seats, rest);
    return seats ? [{ zone: row.zone, seats }] : [];
  });
  if (candidates.length === 1) return { indices: candidates[0].seats.map((seat) => seat.index) };
  // An id names one seat for certain, whatever the rows are called.
  const byId = ids.get(term);
  if (byId !== undefined) return { indices: [byId] };
  return { zones: [...new Set(candidates.map(({ zone }) => zone))] };
}

/**
 * @param {string} term
 * @param {string[]} names
 * @returns {string | null} what follows the row's name, empty for the row alone
 */
function restAfter(term, names) {
  for (const name of names) {
    if (term === name) return '';
    if (!term.startsWith(name)) continue;
    const rest = term.slice(name.length);
    // "12" is not seat 2 of row 1; "A12" is seat 12 of row A.
    if (/^[\s/-]/.test(rest) || /\D$/.test(name)) return rest.replace(/^[\s/-]+/, '');
  }
  return null;
}

/**
 * @param {Seat[]} seats of one row
 * @param {string} rest
 * @returns {Seat[] | null} null when a seat named is not there
 */
function seatsIn(seats, rest) {
  if (rest === '' || rest === '*') return seats;
  const one = placeOf(seats, rest);
  if (one >= 0) return [seats[one]];
  const range = RANGE.exec(rest);
  if (!range) return null;
  const ends = [placeOf(seats, range[1]), placeOf(seats, range[2])].sort((a, b) => a - b);
  return ends[0] < 0 ? null : seats.slice(ends[0], ends[1] + 1);
}

/**
 * @param {Seat[]} seats
 * @param {string} text
 */
function placeOf(seats, text) {
  return seats.findIndex((seat) => plain(seat.number) === text || (seat.seatLabel !== null && plain(seat.seatLabel) === text));
}

/**
 * @param {Seat[]} seats
 * @returns {NamedRow[]}
 */
function namedRows(seats) {
  /** @type {Map<string, Seat[]>} */
  const byRow = new Map();
  for (const seat of seats) {
    const key = JSON.stringify([seat.zone, seat.row]);
    const row = byRow.get(key);
    if (row) row.push(seat);
    else byRow.set(key, [seat]);
  }
  return [...byRow.values()].map((row) => ({ names: namesOf(row[0]), zone: row[0].zone, seats: row }));
}

/** @param {Seat} seat any of the row */
function namesOf({ zone, row, rowLabel }) {
  const own = [row, rowLabel ?? ''].filter(Boolean);
  const withZone = zone ? own.map((name) => `${zone} ${name}`) : [];
  return [...new Set([...withZone, ...own].map(plain))].sort((a, b) => b.length - a.length);
}

/** @param {string} text */
function plain(text) {
  return text.toLowerCase().replace(/\s+/g, ' ').trim();
}
