/**
 * What the map shows, apart from where it looks: each seat's state, look and marks, and how many are free in a section.
 *
 * It draws nothing. Invariant: `free` and `known` of a section are sums over the states kept here, patched with them.
 * @module
 */

import { sectionsOf } from '../../model/sections.js';
import { STATUSES } from './seat-shapes.js';

/** @typedef {import('../../model/shown.js').ShownStatus} ShownStatus */
/** @typedef {ReturnType<typeof createScene>} Scene */

const UNKNOWN = STATUSES.indexOf('unknown');
const AVAILABLE = STATUSES.indexOf('available');
/** States of the visitor's own seats, which are shown at any size. */
const OWN = new Set(['selected', 'pending', 'lost'].map((status) => STATUSES.indexOf(/** @type {ShownStatus} */ (status))));

/**
 * @param {import('../../model/plan.js').SeatPlan} plan
 * @param {(index: number) => ShownStatus} statusOf
 */
export function createScene(plan, statusOf) {
  const sections = sectionsOf(plan);
  const { looks, lookOf } = looksOf(plan.seats);
  const statuses = new Uint8Array(plan.seats.length).fill(UNKNOWN);
  const sectionOf = new Uint16Array(plan.seats.length);
  for (const { index, seats } of sections) {
    const [first, last] = [seats[0], seats[seats.length - 1]];
    // Most sections are one run of the plan's seats.
    if (last - first + 1 === seats.length) sectionOf.fill(index, first, last + 1);
    else for (const seat of seats) sectionOf[seat] = index;
  }
  const counts = sections.map(() => ({ free: 0, known: 0 }));
  /** @type {Set<number>} */
  const own = new Set();
  const codes = new Map(STATUSES.map((status, code) => [status, code]));

  /**
   * @param {number} index
   * @returns {boolean} whether it is another state than before
   */
  function updateSeat(index) {
    const status = codes.get(statusOf(index)) ?? UNKNOWN;
    const before = statuses[index];
    if (status === before) return false;
    statuses[index] = status;
    const count = counts[sectionOf[index]];
    count.free += Number(status === AVAILABLE) - Number(before === AVAILABLE);
    count.known += Number(status !== UNKNOWN) - Number(before !== UNKNOWN);
    if (OWN.has(status)) own.add(index);
    else own.delete(index);
    return true;
  }

  return {
    plan,
    sections,
    counts,
    looks,
    lookOf,
    statuses,
    sectionOf,
    /** Seats in a state of the visitor's own. */
    own,
    /** @type {Uint8Array | null} one for each seat that a filter leaves out */
    dimmed: null,
    /** @type {Set<number>} */
    highlighted: new Set(),
    /** @type {number | null} */
    current: null,
    /** @type {number | null} */
    hovered: null,

    /**
     * Asks for states anew.
     * @param {readonly number[] | 'all'} indices
     * @returns {number[]} those seats that look different now
     */
    update(indices) {
      if (indices !== 'all') return indices.filter(updateSeat);
      const changed = [];
      for (let index = 0; index < plan.seats.length; index += 1) if (updateSeat(index)) changed.push(index);
      return changed;
    },

    /** Seats that carry a ring. */
    marked() {
      const marked = new Set(this.highlighted);
      for (const index of [this.hovered, this.current]) if (index !== null) marked.add(index);
      return marked;
    },
  };
}

/**
 * The different looks that free seats of a plan have.
 * @param {readonly import('../../model/plan.js').Seat[]} seats
 */
function looksOf(seats) {
  /** @type {Map<string, number>} */
  const known = new Map();
  /** @type {{ color: string, radius: number }[]} */
  const looks = [];
  const lookOf = new Uint16Array(seats.length);
  let [lastColor, lastRadius, last] = ['', -1, 0];
  for (const { index, color, radius } of seats) {
    // Neighbours mostly look the same.
    if (color !== lastColor || radius !== lastRadius) {
      const key = `${color} ${radius}`;
      last = known.get(key) ?? looks.length;
      if (last === looks.length) looks.push({ color, radius });
      known.set(key, last);
      [lastColor, lastRadius] = [color, radius];
    }
    lookOf[index] = last;
  }
  return { looks, lookOf };
}
