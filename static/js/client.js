/**
 * A headless client: the seats of any number of showtimes, live, for pages and programs that draw their own map.
 *
 * It draws nothing and words nothing. Invariant: a client has one WebSocket for all its rooms, and at most two event
 * streams while it can not be had.
 *
 * ```js
 * import { createClient } from 'https://seats.example.org/static/js/client.js';
 *
 * const client = createClient();
 * const room = await client.join('gala');
 * const buttons = room.plan.seats.map((seat) => {
 *   const button = document.createElement('button');
 *   button.textContent = `${seat.row} ${seat.number}`;
 *   button.addEventListener('click', () => {
 *     if (room.statusOf(seat.index) === 'available') room.lock([seat.id]);
 *     else if (room.statusOf(seat.index) === 'selected') room.unlock([seat.id]);
 *   });
 *   document.body.append(button);
 *   return button;
 * });
 *
 * function show(index) {
 *   buttons[index].dataset.status = room.statusOf(index);
 * }
 *
 * buttons.forEach((_, index) => show(index));
 * room.addEventListener('seatschange', ({ detail }) => {
 *   const indices = detail.indices === 'all' ? buttons.keys() : detail.indices;
 *   for (const index of indices) show(index);
 * });
 * room.addEventListener('lost', ({ detail }) => {
 *   for (const { seatId, reason } of detail.losses) console.warn(`lost ${seatId}: ${reason}`);
 * });
 * room.addEventListener('refused', ({ detail }) => {
 *   console.warn(`could not ${detail.action} ${detail.seatIds}: ${detail.error.code}`);
 * });
 * ```
 * @module
 */

import { baseAddress, socketAddress, streamAddress } from './client/addresses.js';
import { watchAttention } from './client/attention.js';
import { Room } from './client/room.js';
import { identify } from './client/visitor.js';
import { ApiError, createApi } from './live/api.js';
import { createSharedSocket } from './live/shared-socket.js';
import { createStreamPlaces } from './live/stream-places.js';
import { pageTimers } from './live/timers.js';
import { readPlan } from './model/plan.js';
import { createServerClock } from './model/time.js';

export { ApiError };

/** @type {typeof import('./client.js').createClient} */
export function createClient(options = {}) {
  const scope = surroundings(options);
  const { timers, random } = scope;
  const visitor = identify({ userId: options.userId, storage: scope.storage, crypto: globalThis.crypto });
  const base = baseAddress(options.base, import.meta.url, globalThis.location?.href);
  const api = createApi({ fetch: scope.fetch, timers, base });
  const clock = createServerClock(scope.now);
  const socket = createSharedSocket({ WebSocket: scope.WebSocket, timers, random, url: socketAddress(base, visitor.userId), observe: clock.observe });
  const places = createStreamPlaces();
  const closing = new AbortController();
  /** @type {Set<Room>} of all visitors */
  const rooms = new Set();
  let hidden = false;

  /**
   * @param {import('./client/visitor.js').Visitor} visitor
   * @param {AbortController} ending ends this visitor's rooms
   * @returns {import('./client.js').SeatClient}
   */
  function clientOf({ userId, returning }, ending) {
    const { signal } = ending;
    /** @type {Set<string>} */
    const joined = new Set();

    /**
     * @param {string} showtimeId
     * @param {import('./client.js').JoinOptions} [options]
     */
    async function join(showtimeId, { background = false } = {}) {
      socket.prepare();
      const showtime = await api.showtime(showtimeId);
      const plan = readPlan(await api.plan(showtime.plan));
      if (signal.aborted) throw new ApiError({ code: 'client_closed' });
      const streamUrl = (/** @type {string | null} */ since) => streamAddress(base, showtimeId, since);
      const live = { showtime, userId, restore: returning || joined.has(showtimeId), api, clock, socket, EventSource: scope.EventSource, places, background, timers, random, streamUrl };
      const leave = () => room.leave();
      const room = new Room({ plan, live, left: () => forget(room, signal, leave) });
      // Whoever joins again may hold seats from the time before.
      joined.add(showtimeId);
      rooms.add(room);
      signal.addEventListener('abort', leave);
      if (hidden) Room.controls(room).hide();
      Room.controls(room).start();
      // The declaration knows the details of its events as well.
      return /** @type {import('./client.js').Room} */ (room);
    }

    return {
      userId,
      api,
      showtimes: api.showtimes,
      join,
      as,
      wake,
      close() {
        ending.abort();
        if (ending === closing) socket.close();
      },
    };
  }

  /**
   * @param {Room} room
   * @param {AbortSignal} signal
   * @param {() => void} leave
   */
  function forget(room, signal, leave) {
    rooms.delete(room);
    signal.removeEventListener('abort', leave);
  }

  /** @param {string} userId */
  function as(userId) {
    const ending = new AbortController();
    if (closing.signal.aborted) ending.abort();
    const end = () => ending.abort();
    closing.signal.addEventListener('abort', end, { signal: ending.signal });
    return clientOf({ userId, returning: false }, ending);
  }

  function wake() {
    hidden = false;
    if (!rooms.size) return;
    socket.wake();
    for (const room of rooms) Room.controls(room).wake();
  }

  function hide() {
    hidden = true;
    for (const room of rooms) Room.controls(room).hide();
  }

  watchAttention({ window: globalThis.window, document: globalThis.document, woke: wake, hid: hide, signal: closing.signal });

  return clientOf(visitor, closing);
}

/**
 * The network, time and chance of the page or program, unless they are given.
 * @param {import('./client.js').ClientOptions} options
 */
function surroundings(options) {
  return {
    fetch: options.fetch ?? globalThis.fetch.bind(globalThis),
    WebSocket: 'WebSocket' in options ? options.WebSocket : globalThis.WebSocket,
    EventSource: 'EventSource' in options ? options.EventSource : globalThis.EventSource,
    timers: options.timers ?? pageTimers(globalThis),
    random: options.random ?? Math.random,
    now: options.now ?? Date.now,
    storage: options.storage ?? (() => globalThis.sessionStorage),
  };
}
