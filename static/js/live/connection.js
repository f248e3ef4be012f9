/**
 * Keeps a showtime's messages coming, by the best transport that can be had: the shared socket, else an event stream,
 * else polls, and always on the way back up.
 *
 * It does not know what a seat is. Invariants: a lower transport stops as soon as a higher one has brought a message
 * that fits, and not before; attempts at the higher ones go on unless they are refused for good; after `stop` or the
 * showtime's end nothing is received or announced.
 * @module
 */

import { createSocketRung } from './socket-rung.js';
import { createStreamRung } from './stream-rung.js';

/** @typedef {import('../model/wire.js').ServerMessage} ServerMessage */
/** @typedef {import('../model/wire.js').StatusAnswer} StatusAnswer */
/** @typedef {import('./socket-rung.js').Reception} Reception */
/** @typedef {'websocket' | 'events'} Transport */

/**
 * @typedef {{ state: 'connecting', again: boolean }
 *   | { state: 'live', transport: Transport }
 *   | { state: 'polling', seconds: number }
 *   | { state: 'offline', gone: boolean }} Link
 */

/**
 * @typedef {object} ConnectionParts
 * @property {import('./shared-socket.js').SharedSocket} socket
 * @property {(new (url: string) => EventSource) | undefined} EventSource
 * @property {import('./stream-places.js').StreamPlaces} places
 * @property {boolean} [background] see the stream
 * @property {import('./timers.js').Timers} timers
 * @property {() => number} random
 * @property {import('./poller.js').Poller} poller
 * @property {string} showtimeId
 * @property {(since: string | null) => string} streamUrl
 * @property {() => string | null} position where the replica is
 * @property {() => number} age milliseconds since the map was last known to be current
 * @property {(message: ServerMessage) => Reception} receive
 * @property {(body: StatusAnswer | null) => void} receiveStatus null when nothing has changed
 * @property {() => Promise<boolean>} check see the stream
 * @property {() => void} proved
 * @property {() => void} entered a transport begins to tell, its store's being out of reach included
 * @property {(link: Link) => void} announce
 */

/** A longer pause before the next attempt is bridged by the next lower transport. */
const BRIDGE_MS = 1_000;
/** A transport that has brought nothing for this long is not waited for. */
const PATIENCE_MS = 3_000;
/** A link that had its regular sign of life is younger than this. */
const TRUSTED_MS = 30_000;

/** @param {ConnectionParts} parts */
export function createConnection(parts) {
  const { timers, random, poller, showtimeId, position } = parts;
  /** @type {Transport | null} */
  let serving = null;
  let wasLive = false;
  /** Whether the page slept so long that the link has to prove itself. */
  let doubted = false;
  let ended = false;
  /** What polls amount to; null while none was answered. @type {Link | null} */
  let polls = null;
  let polling = false;
  /** @type {number | undefined} */
  let patience;
  /** What is done when patience ends. @type {(() => void) | null} */
  let impatient = null;

  const socketRung = createSocketRung({ socket: parts.socket, timers, random, showtimeId, position, listener: listenTo('websocket') });
  const streamRung = createStreamRung({ ...parts, url: parts.streamUrl, listener: listenTo('events') });

  /**
   * @param {Transport} transport
   * @returns {import('./socket-rung.js').RungListener}
   */
  function listenTo(transport) {
    return {
      receive(message) {
        if (ended) return 'ok';
        const reception = parts.receive(message);
        if (reception === 'ok') trust();
        return reception;
      },
      up: () => rise(transport),
      down: (pauseMs) => fall(transport, pauseMs),
      proved() {
        parts.proved();
        trust();
      },
      gone: end,
    };
  }

  /** @param {Transport} transport */
  function rise(transport) {
    if (ended) return;
    serving = transport;
    wasLive = true;
    doubted = false;
    calm();
    if (isOffline()) hope();
    parts.entered();
    if (transport === 'websocket') streamRung.stop();
    stopPolling();
    tell();
  }

  /**
   * @param {Transport} transport
   * @param {number | null} pauseMs
   */
  function fall(transport, pauseMs) {
    if (ended || (serving && serving !== transport)) return;
    const broke = serving === transport;
    const next = transport === 'websocket' ? descend : startPolling;
    serving = null;
    if (broke) tell();
    if (broke && pauseMs !== null && pauseMs <= BRIDGE_MS) wait(next, pauseMs + PATIENCE_MS);
    else next();
  }

  function descend() {
    if (ended || serving) return;
    if (!polling) wait(startPolling, PATIENCE_MS);
    streamRung.start();
  }

  /**
   * Waits once for a transport; its further attempts do not prolong that.
   * @param {() => void} action
   * @param {number} milliseconds
   */
  function wait(action, milliseconds) {
    if (impatient === action) return;
    calm();
    impatient = action;
    patience = timers.set(action, milliseconds);
  }

  function calm() {
    timers.clear(patience);
    impatient = null;
  }

  function startPolling() {
    calm();
    if (ended || serving || polling) return;
    polling = true;
    poller.start({
      received(body, seconds) {
        parts.receiveStatus(body);
        if (isOffline()) hope();
        polls = { state: 'polling', seconds };
        tell();
      },
      failed(error) {
        if (codeOf(error) === 'unknown_showtime') {
          end();
          return;
        }
        polls = { state: 'offline', gone: false };
        tell();
      },
    });
  }

  function stopPolling() {
    polling = false;
    polls = null;
    poller.stop();
  }

  function isOffline() {
    return polls?.state === 'offline';
  }

  function hope() {
    parts.socket.hope();
    streamRung.hope();
  }

  function tell() {
    if (!ended) parts.announce(linkNow());
  }

  /** @returns {Link} */
  function linkNow() {
    if (serving && !doubted) return { state: 'live', transport: serving };
    return polls ?? { state: 'connecting', again: wasLive };
  }

  function trust() {
    if (!doubted) return;
    doubted = false;
    tell();
  }

  function stop() {
    ended = true;
    calm();
    socketRung.stop();
    streamRung.stop();
    stopPolling();
  }

  function end() {
    if (ended) return;
    stop();
    parts.announce({ state: 'offline', gone: true });
  }

  return {
    start() {
      tell();
      wait(descend, PATIENCE_MS);
      socketRung.start();
    },

    stop,
    hide: streamRung.hide,

    /** The page was woken or the network came back: what the link says of itself is doubted, and no timer waited for. */
    wake() {
      if (ended) return;
      if (serving && parts.age() > TRUSTED_MS) {
        doubted = true;
        tell();
      }
      streamRung.wake();
      poller.now();
    },

    /** Asks for the status at once where only polls bring it. */
    refresh: poller.now,
  };
}

/** @param {unknown} error */
function codeOf(error) {
  return error instanceof Error && 'code' in error ? error.code : null;
}
