/**
 * Keeps a showtime's messages coming: by a socket where it can be had, by polling where it cannot, and always
 * on the way back to the socket.
 *
 * It does not know what a seat is. Invariants: at most one socket; while polling, attempts at the socket go on
 * unless it is refused for good; after `stop` or the showtime's end nothing is received or announced.
 * @module
 */

import { backoff } from './backoff.js';
import { afterClose } from './close-codes.js';
import { openSocket } from './socket.js';

/** @typedef {import('../model/wire.js').ServerMessage} ServerMessage */
/** @typedef {import('../model/wire.js').StatusAnswer} StatusAnswer */

/**
 * @typedef {{ state: 'connecting', again: boolean }
 *   | { state: 'live' }
 *   | { state: 'polling', seconds: number }
 *   | { state: 'offline', gone: boolean }} Link
 */

/** @typedef {'ok' | 'gap' | 'lost'} Reception after `gap` history is asked for, after `lost` a snapshot */

/**
 * @typedef {object} ConnectionParts
 * @property {new (url: string) => WebSocket} WebSocket
 * @property {import('./timers.js').Timers} timers
 * @property {() => number} random
 * @property {import('./poller.js').Poller} poller
 * @property {string} showtimeId
 * @property {(since: string | null) => string} socketUrl
 * @property {() => string | null} position where the replica is
 * @property {(message: ServerMessage) => Reception} receive
 * @property {(body: StatusAnswer | null) => void} receiveStatus null when nothing has changed
 * @property {(link: Link) => void} announce
 */

/** A socket that lives this long makes the next back-off start anew. */
const STEADY_MS = 5_000;
/** A longer pause before the next attempt is bridged by polling. */
const BRIDGE_MS = 1_000;
const RESYNC_MS = 5_000;
const LONGEST_PAUSE_MS = 60_000;

/** @param {ConnectionParts} parts */
export function createConnection(parts) {
  const { timers, random, poller } = parts;
  /** @type {import('./socket.js').LiveSocket | null} */
  let socket = null;
  let live = false;
  let wasLive = false;
  let polling = false;
  let refused = false;
  let ended = false;
  let attempt = 0;
  /** @type {number | undefined} */
  let retry;
  /** @type {number | undefined} */
  let steady;
  /** @type {number | undefined} */
  let resync;

  function connect() {
    timers.clear(retry);
    if (ended || refused || socket) return;
    const { WebSocket } = parts;
    try {
      socket = openSocket({ WebSocket, timers, url: parts.socketUrl(parts.position()), received, closed });
    } catch {
      // Some browsers throw where a policy forbids the address.
      closed({ code: 1006, reconnectAfterMs: null });
    }
  }

  function received(/** @type {ServerMessage} */ message) {
    if (message.type === 'error' && message.code === 'unknown_showtime') {
      end();
      return;
    }
    const reception = parts.receive(message);
    if (ended || (message.type !== 'snapshot' && message.type !== 'diff')) return;
    if (reception === 'ok') settle();
    else askAgain(reception === 'gap' ? parts.position() : null);
  }

  function settle() {
    timers.clear(resync);
    resync = undefined;
    if (live) return;
    live = true;
    wasLive = true;
    steady = timers.set(() => (attempt = 0), STEADY_MS);
    stopPolling();
    parts.announce({ state: 'live' });
  }

  /** Asks once for what is missing; diffs that were under way meanwhile are gaps too, and are not asked for again. */
  function askAgain(/** @type {string | null} */ since) {
    if (resync !== undefined) return;
    subscribe(since);
    resync = timers.set(() => {
      resync = undefined;
      askAgain(null);
    }, RESYNC_MS);
  }

  function subscribe(/** @type {string | null} */ since) {
    const { showtimeId } = parts;
    socket?.send(since === null ? { type: 'subscribe', showtimeId } : { type: 'subscribe', showtimeId, since });
  }

  function closed(/** @type {import('./socket.js').Closing} */ { code, reconnectAfterMs }) {
    const broke = live;
    leaveSocket();
    const next = afterClose(code);
    if (next === 'gone') {
      end();
      return;
    }
    refused = next === 'poll';
    const pause = reconnectAfterMs === null ? backoff(attempt, random) : Math.min(reconnectAfterMs, LONGEST_PAUSE_MS);
    attempt += 1;
    if (!refused) retry = timers.set(connect, pause);
    if (broke) parts.announce({ state: 'connecting', again: true });
    if (!broke || refused || pause > BRIDGE_MS) startPolling();
  }

  function leaveSocket() {
    socket = null;
    live = false;
    timers.clear(steady);
    timers.clear(resync);
    resync = undefined;
  }

  function startPolling() {
    if (polling) return;
    polling = true;
    poller.start({
      received(body, seconds) {
        parts.receiveStatus(body);
        if (!ended) parts.announce({ state: 'polling', seconds });
      },
      failed(error) {
        if (codeOf(error) === 'unknown_showtime') end();
        else parts.announce({ state: 'offline', gone: false });
      },
    });
  }

  function stopPolling() {
    polling = false;
    poller.stop();
  }

  function stop() {
    ended = true;
    timers.clear(retry);
    socket?.close();
    leaveSocket();
    stopPolling();
  }

  function end() {
    stop();
    parts.announce({ state: 'offline', gone: true });
  }

  return {
    start() {
      parts.announce({ state: 'connecting', again: wasLive });
      connect();
    },
    stop,
    /** The page was woken or the network came back: do not wait for any timer. */
    wake() {
      if (ended) return;
      if (socket) {
        socket.probe();
        return;
      }
      attempt = 0;
      connect();
      poller.now();
    },
    /** Asks for the status at once when there is no socket to bring it. */
    refresh() {
      poller.now();
    },
  };
}

/** @param {unknown} error */
function codeOf(error) {
  return error instanceof Error && 'code' in error ? error.code : null;
}
