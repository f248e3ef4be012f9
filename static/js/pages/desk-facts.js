/**
 * What the server knows of the picked seats, asked for again whenever the selection or one of its seats changes.
 *
 * Invariants: only the latest question's answer counts; what cannot be had is said and does not stand in the way.
 * @module
 */

import { ApiError } from '../live/api.js';

/** @typedef {import('../model/wire.js').SeatFacts} SeatFacts */

/** Changes come in flocks. */
const CALM_MS = 60;
const AGAIN_MS = 3_000;

/**
 * @param {object} parts
 * @param {(seatIds: string[]) => Promise<SeatFacts[]>} parts.ask
 * @param {import('../live/timers.js').Timers} parts.timers
 * @param {(error: ApiError | null) => void} parts.changed null when the facts are there
 * @param {AbortSignal} parts.signal
 */
export function createDeskFacts({ ask, timers, changed, signal }) {
  /** @type {Map<string, SeatFacts>} */
  const facts = new Map();
  /** @type {string[]} */
  let wanted = [];
  let question = 0;
  /** @type {number | undefined} */
  let timer;
  signal.addEventListener('abort', () => timers.clear(timer));

  async function load() {
    question += 1;
    const own = question;
    try {
      const answer = wanted.length ? await ask(wanted) : [];
      if (own !== question || signal.aborted) return;
      facts.clear();
      for (const fact of answer) facts.set(fact.seatId, fact);
      changed(null);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (own !== question || signal.aborted) return;
      changed(error);
      if (!error.isFinal) timer = timers.set(load, AGAIN_MS);
    }
  }

  return {
    /** By seat id; facts of seats that are not picked any more may be among them. */
    known: /** @type {ReadonlyMap<string, SeatFacts>} */ (facts),

    /** @param {string[]} seatIds */
    want(seatIds) {
      wanted = seatIds;
      timers.clear(timer);
      timer = timers.set(load, CALM_MS);
    },
  };
}
