/**
 * One room's place in the shared socket: asks for the room, for what a gap left out, and again after a refusal.
 *
 * Invariant: `up` and `down` are told in turn to what the room gets; a showtime that is gone is told once.
 * @module
 */

import { backoff, jittered } from './backoff.js';

/** @typedef {import('../model/wire.js').ServerMessage} ServerMessage */

/** @typedef {'ok' | 'gap' | 'lost'} Reception after `gap` history is asked for, after `lost` a snapshot */

/**
 * @typedef {object} RungListener what a transport of one room tells
 * @property {(message: ServerMessage) => Reception} receive
 * @property {() => void} up it brings the room's messages now
 * @property {(pauseMs: number | null) => void} down it does not, and tries again after a pause, or never
 * @property {() => void} proved the map is current
 * @property {() => void} gone there is no such showtime
 */

/**
 * @typedef {object} SocketRungParts
 * @property {import('./shared-socket.js').SharedSocket} socket
 * @property {import('./timers.js').Timers} timers
 * @property {() => number} random
 * @property {string} showtimeId
 * @property {() => string | null} position
 * @property {RungListener} listener
 */

const RESYNC_MS = 5_000;
/** One connection takes no more rooms: there is place when another room is left, which may be never. */
const FULL_MS = 20_000;

/** @param {SocketRungParts} parts */
export function createSocketRung({ socket, timers, random, showtimeId, position, listener }) {
  let served = false;
  let attempt = 0;
  /** Whether what a gap left out was asked for. */
  let mending = false;
  /** @type {number | undefined} */
  let resync;
  /** @type {number | undefined} */
  let retry;
  const member = { showtimeId, position, asked, received, alive, closed };

  function asked() {
    still();
    resync = timers.set(() => ask(null), RESYNC_MS);
  }

  /** @param {string | null} since */
  function ask(since) {
    socket.ask(showtimeId, since);
    asked();
  }

  /** @param {ServerMessage} message */
  function received(message) {
    if (message.type === 'error') {
      refused(message);
      return;
    }
    const reception = listener.receive(message);
    if (message.type !== 'snapshot' && message.type !== 'diff') return;
    if (reception === 'ok') settle();
    // Diffs that were under way meanwhile are gaps too, and are not asked for again.
    else if (!mending) {
      mending = true;
      ask(reception === 'gap' ? position() : null);
    }
  }

  function settle() {
    still();
    mending = false;
    attempt = 0;
    if (served) return;
    served = true;
    listener.up();
  }

  /** @param {import('../model/wire.js').ErrorFrame} error */
  function refused({ code, ref, retryAfterSeconds }) {
    // After a position that cannot be read the whole map follows.
    if (ref !== undefined || code === 'invalid_position') return;
    if (code === 'unknown_showtime') {
      listener.gone();
      return;
    }
    const told = code === 'too_many_rooms' ? FULL_MS : (retryAfterSeconds ?? 0) * 1000;
    const pause = told ? jittered(told, random) : backoff(attempt, random);
    attempt += 1;
    closed(pause);
    retry = timers.set(() => ask(position()), pause);
  }

  /** @param {number | null} pauseMs */
  function closed(pauseMs) {
    still();
    served = false;
    mending = false;
    listener.down(pauseMs);
  }

  function alive() {
    if (served && !mending) listener.proved();
  }

  function still() {
    timers.clear(resync);
    timers.clear(retry);
    resync = undefined;
  }

  return {
    start: () => socket.join(member),
    stop() {
      still();
      socket.leave(member);
    },
  };
}
