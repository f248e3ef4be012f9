/**
 * One room's event stream: opened while it is wanted and the page is seen, opened again after an end, and doubted when
 * it says nothing.
 *
 * A page does not see the comments that keep a stream open, so a quiet one is held against the server's history.
 * Invariants: at most one stream; it has a place among the client's; none while the page is hidden.
 * @module
 */

import { backoff } from './backoff.js';
import { openStream } from './stream.js';

/** @typedef {import('../model/wire.js').ServerMessage} ServerMessage */

/**
 * @typedef {object} StreamRungParts
 * @property {(new (url: string) => EventSource) | undefined} EventSource
 * @property {import('./timers.js').Timers} timers
 * @property {() => number} random
 * @property {import('./stream-places.js').StreamPlaces} places
 * @property {boolean} [background] whether its place is for rooms that are looked at
 * @property {(since: string | null) => string} url
 * @property {() => string | null} position
 * @property {() => Promise<boolean>} check asks otherwise whether the map is current; rejects when it cannot be asked
 * @property {import('./socket-rung.js').RungListener} listener
 */

const QUIET_MS = 25_000;
const STEADY_MS = 5_000;

/** @param {StreamRungParts} parts */
export function createStreamRung(parts) {
  const { timers, random, places, listener } = parts;
  const taker = { background: parts.background ?? false, yielded: () => closed(null) };
  /** @type {{ close(): void } | null} */
  let stream = null;
  let wanted = false;
  let hidden = false;
  let served = false;
  let attempt = 0;
  /** Whether the map cannot go on from where it is. */
  let anew = false;
  /** @type {number | undefined} */
  let retry;
  /** @type {number | undefined} */
  let quiet;
  /** @type {number | undefined} */
  let steady;

  function open() {
    timers.clear(retry);
    const { EventSource } = parts;
    if (!wanted || stream) return;
    if (!EventSource || hidden) {
      listener.down(null);
    } else if (!places.take(taker)) {
      again(null);
    } else {
      const url = parts.url(anew ? null : parts.position());
      anew = false;
      stream = openStream({ EventSource, url, received, closed });
      quiet = timers.set(doubt, QUIET_MS);
    }
  }

  /** @param {ServerMessage} message */
  function received(message) {
    timers.clear(quiet);
    quiet = timers.set(doubt, QUIET_MS);
    if (message.type === 'error') {
      if (message.code === 'unknown_showtime') listener.gone();
      return;
    }
    const reception = listener.receive(message);
    if (!stream || (message.type !== 'snapshot' && message.type !== 'diff')) return;
    if (reception === 'ok') {
      settle();
      return;
    }
    anew = reception === 'lost';
    closed(null);
  }

  function settle() {
    if (served) return;
    served = true;
    steady = timers.set(() => (attempt = 0), STEADY_MS);
    listener.up();
  }

  /** @param {number | null} reconnectAfterMs */
  function closed(reconnectAfterMs) {
    shut();
    again(reconnectAfterMs);
  }

  /** @param {number | null} reconnectAfterMs */
  function again(reconnectAfterMs) {
    const pause = reconnectAfterMs ?? backoff(attempt, random);
    attempt += 1;
    retry = timers.set(open, pause);
    listener.down(pause);
  }

  /** Nothing was heard for long: either nothing happened, or the stream is dead. */
  async function doubt() {
    timers.clear(quiet);
    const doubted = stream;
    const current = await parts.check().catch(() => false);
    if (!doubted || doubted !== stream) return;
    if (!current) {
      closed(null);
      return;
    }
    listener.proved();
    timers.clear(quiet);
    quiet = timers.set(doubt, QUIET_MS);
  }

  function shut() {
    timers.clear(quiet);
    timers.clear(steady);
    timers.clear(retry);
    served = false;
    if (!stream) return;
    stream.close();
    stream = null;
    places.giveBack(taker);
  }

  return {
    start() {
      if (wanted) return;
      wanted = true;
      open();
    },

    stop() {
      wanted = false;
      shut();
    },

    /** A page that nobody sees leaves its connections to those that are seen. */
    hide() {
      hidden = true;
      if (!wanted || !stream) return;
      shut();
      listener.down(null);
    },

    /** See the shared socket. */
    hope() {
      if (!wanted || stream || hidden) return;
      attempt = 0;
      timers.clear(retry);
      retry = timers.set(open, backoff(attempt, random));
    },

    wake() {
      hidden = false;
      if (!wanted) return;
      if (stream) {
        doubt();
        return;
      }
      attempt = 0;
      open();
    },
  };
}
