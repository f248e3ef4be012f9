/**
 * Free seats side by side: suggestions for a party of some size, the best first.
 *
 * It asks nobody and locks nothing; between a suggestion and its lock somebody else may be faster. Invariants: the seats
 * of a suggestion are neighbours in one segment, free, and as wished; no two suggestions share a seat.
 *
 * Ranking: first what the visitor wishes (the sum of the prices, or nothing but nearness), then few seats left alone
 * beside the party, then few changes of category, then the distance of the party's middle to what people look at.
 * @module
 */

import { changesIn, createLane, distanceOf, sumOf } from './lane.js';

/** @typedef {import('./plan.js').Seat} Seat */
/** @typedef {'nearest' | 'cheapest' | 'dearest'} Order */
/** @typedef {{ seats: Seat[], sum: number | null }} Suggestion the sum is null where a seat has no price */

/**
 * @typedef {object} Wish
 * @property {number} count
 * @property {Order} order
 * @property {(index: number) => boolean} isFree
 * @property {(seat: Seat) => boolean} matches what the filter lets through
 */

/**
 * @typedef {object} Search
 * @property {() => Suggestion[]} suggestions
 * @property {(indices: number[] | 'all') => void} refresh looks again where seats have changed
 */

/**
 * @typedef {object} Ground what does not change while a plan is shown
 * @property {Seat[][]} segments
 * @property {(seat: Seat) => number | null} priceOf
 * @property {import('./plan.js').Point} focus
 */

/** @typedef {{ lane: import('./lane.js').Lane, start: number, price: number, rank: number }} Party lower is better, price first */

/** Nobody leafs through more. */
const MOST = 50;
/** Above any distance, so that a later rule never outweighs an earlier one. */
const PER_CHANGE = 1e7;
const PER_LONELY_SEAT = 1e11;

/**
 * Prepares a plan for searches.
 * @param {Ground} ground
 * @returns {(wish: Wish) => Search}
 */
export function createTogether({ segments, priceOf, focus }) {
  const lanes = segments.map((seats) => createLane(seats, priceOf));
  /** @type {number[]} */
  const laneOf = [];
  segments.forEach((seats, lane) => {
    for (const seat of seats) laneOf[seat.index] = lane;
  });

  return function search(wish) {
    /** @type {Party[][]} */
    const parties = [];
    /** @type {Suggestion[]} */
    let best = [];

    function refresh(/** @type {number[] | 'all'} */ indices) {
      const touched = indices === 'all' ? lanes.keys() : new Set(indices.map((index) => laneOf[index]));
      for (const lane of touched) parties[lane] = partiesIn(lanes[lane], wish, focus);
      best = bestOf(parties).map(({ lane, start }) => suggest(lane, start, wish.count));
    }

    refresh('all');
    return { suggestions: () => best, refresh };
  };
}

/**
 * The parties of one lane that share no seat, the best taken first.
 * @param {import('./lane.js').Lane} lane
 * @param {Wish} wish
 * @param {import('./plan.js').Point} focus
 */
function partiesIn(lane, { count, order, isFree, matches }, focus) {
  const { seats } = lane;
  /** @type {Party[]} */
  const possible = [];
  let from = 0;
  while (from < seats.length) {
    let to = from;
    while (to < seats.length && isFree(seats[to].index)) to += 1;
    let wished = 0;
    for (let place = from; place < to; place += 1) {
      wished = matches(seats[place]) ? wished + 1 : 0;
      if (wished < count) continue;
      const start = place + 1 - count;
      const lonely = Number(start - from === 1) + Number(to - place === 2);
      const rank = lonely * PER_LONELY_SEAT + changesIn(lane, start, place + 1) * PER_CHANGE + distanceOf(lane, start, place + 1, focus);
      possible.push({ lane, start, price: priceRank(sumOf(lane, start, place + 1), order), rank });
    }
    from = to + 1;
  }
  return apart(possible.sort(compare), count);
}

/**
 * @param {Party[]} ranked
 * @param {number} count
 */
function apart(ranked, count) {
  if (count === 1) return ranked;
  /** @type {Set<number>} */
  const used = new Set();
  return ranked.filter(({ start }) => {
    // Parties are of one size, so two of them overlap exactly where an end of one lies in the other.
    if (used.has(start) || used.has(start + count - 1)) return false;
    for (let place = start; place < start + count; place += 1) used.add(place);
    return true;
  });
}

/**
 * The first of all in order, without sorting them all.
 * @param {Party[][]} parties each in order
 */
function bestOf(parties) {
  /** @type {Party[]} */
  const best = [];
  for (const lane of parties) {
    for (const party of lane) {
      if (best.length === MOST && compare(party, best[MOST - 1]) >= 0) break;
      let place = best.length;
      while (place > 0 && compare(party, best[place - 1]) < 0) place -= 1;
      best.splice(place, 0, party);
      if (best.length > MOST) best.pop();
    }
  }
  return best;
}

/**
 * @param {import('./lane.js').Lane} lane
 * @param {number} start
 * @param {number} count
 * @returns {Suggestion}
 */
function suggest(lane, start, count) {
  return { seats: lane.seats.slice(start, start + count), sum: sumOf(lane, start, start + count) };
}

/**
 * Parties without a price come last, whichever way the others go.
 * @param {number | null} sum
 * @param {Order} order
 */
function priceRank(sum, order) {
  switch (order) {
    case 'nearest':
      return 0;
    case 'cheapest':
      return sum ?? Infinity;
    case 'dearest':
      return sum === null ? Infinity : -sum;
  }
}

/**
 * @param {Party} a
 * @param {Party} b
 */
function compare(a, b) {
  if (a.price !== b.price) return a.price < b.price ? -1 : 1;
  return a.rank - b.rank;
}
