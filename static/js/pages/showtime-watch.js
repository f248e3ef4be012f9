/**
 * Keeps a room open in each of several showtimes for as long as a page lives, and counts their free seats.
 *
 * It draws nothing. What was known of a showtime stays while its room is out of reach. Invariants: at most one room for
 * each showtime; a showtime that was removed is looked for again, so that no page has to be loaded anew.
 * @module
 */

import { ApiError } from '../live/api.js';
import { backoff } from '../live/backoff.js';
import { createFreeCounts } from '../model/free-counts.js';

/** @typedef {import('../client.js').SeatClient} SeatClient */
/** @typedef {import('../client.js').Room} Room */

/**
 * @typedef {object} Watched
 * @property {string} id
 * @property {Room | null} room
 * @property {import('../model/wire.js').Showtime | null} showtime as last known
 * @property {import('../model/free-counts.js').FreeCount | null} count as last known
 * @property {boolean} gone the showtime was removed, or never was
 * @property {boolean} failed it could not be asked for at the last attempt
 */

/** @typedef {ReturnType<typeof createShowtimeWatch>} ShowtimeWatch */

/** A showtime that is gone is seldom put back. */
const GONE_MS = 20_000;

/**
 * @param {object} parts
 * @param {SeatClient} parts.client
 * @param {readonly string[]} parts.ids
 * @param {import('../live/timers.js').Timers} parts.timers
 * @param {() => number} parts.random
 * @param {(watched: Watched, what: 'seats' | 'link' | 'offer') => void} parts.changed `offer`: it came, went, or is another
 */
export function createShowtimeWatch({ client, ids, timers, random, changed }) {
  const all = ids.map((id) => /** @type {Watched} */ ({ id, room: null, showtime: null, count: null, gone: false, failed: false }));

  /**
   * @param {Watched} watched
   * @param {number} [attempt]
   */
  async function join(watched, attempt = 0) {
    try {
      attend(watched, await client.join(watched.id, { background: true }));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      watched.failed = true;
      if (error.isFinal) lose(watched);
      else changed(watched, 'link');
      timers.set(() => join(watched, attempt + 1), error.isFinal ? GONE_MS : 500 + backoff(attempt, random));
    }
  }

  /**
   * @param {Watched} watched
   * @param {Room} room
   */
  function attend(watched, room) {
    const ending = new AbortController();
    const { signal } = ending;
    const counts = createFreeCounts(room.plan, (index) => room.statusOf(index));
    const counted = (/** @type {readonly number[] | 'all'} */ indices) => {
      counts.update(indices);
      const count = counts.get();
      // Until the new room has heard something, what was known before stands.
      if (count.known || !watched.count) watched.count = count;
      changed(watched, 'seats');
    };
    Object.assign(watched, { room, showtime: room.showtime, gone: false, failed: false });
    room.addEventListener('seatschange', (event) => counted(event.detail.indices), { signal });
    room.addEventListener('linkchange', ({ detail: { link } }) => {
      if (link.state !== 'offline' || !link.gone) return changed(watched, 'link');
      ending.abort();
      room.leave();
      lose(watched);
      timers.set(() => join(watched), GONE_MS);
    }, { signal });
    room.addEventListener('replaced', () => {
      ending.abort();
      Object.assign(watched, { room: null, count: null });
      join(watched);
    }, { signal });
    counted('all');
    changed(watched, 'offer');
  }

  /** @param {Watched} watched */
  function lose(watched) {
    Object.assign(watched, { room: null, count: null, gone: true });
    changed(watched, 'offer');
  }

  for (const watched of all) join(watched);

  return {
    all,

    /** @param {string} id */
    get: (id) => all.find((watched) => watched.id === id) ?? null,
  };
}
