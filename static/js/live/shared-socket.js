/**
 * The one WebSocket that all rooms of a client share: opened while somebody needs it, opened again when it ends.
 *
 * It hands each message to the rooms of its showtime and does not know what messages mean. Invariants: at most one
 * socket; no attempt before the back-off or the server's `bye` allows one, unless the page was woken; a member hears
 * nothing after it left.
 * @module
 */

import { backoff } from './backoff.js';
import { afterClose } from './close-codes.js';
import { openSocket } from './socket.js';

/** @typedef {import('../model/wire.js').ServerMessage} ServerMessage */
/** @typedef {ReturnType<typeof createSharedSocket>} SharedSocket */

/**
 * @typedef {object} Member one room
 * @property {string} showtimeId
 * @property {() => string | null} position from where it wants to go on
 * @property {() => void} asked the socket is open, and the room was asked for
 * @property {(message: ServerMessage) => void} received a message about its showtime
 * @property {() => void} alive the other end answered: what was sent before has arrived
 * @property {(pauseMs: number | null) => void} closed until the next attempt; null when there will be none
 */

/**
 * @typedef {object} SharedSocketParts
 * @property {(new (url: string) => WebSocket) | undefined} WebSocket
 * @property {import('./timers.js').Timers} timers
 * @property {() => number} random
 * @property {string} url
 * @property {(serverTime: string) => void} observe
 */

/** A socket that lives this long makes the next back-off start anew. */
const STEADY_MS = 5_000;
const LONGEST_PAUSE_MS = 60_000;
/** A page that leaves one room often enters the next at once. */
const LINGER_MS = 2_000;
/** How long a showtime and its plan may take to load. */
const PREPARED_MS = 30_000;
/** A link that slept is more likely dead than slow. */
const WOKEN_ANSWER_MS = 3_000;

/** @param {SharedSocketParts} parts */
export function createSharedSocket(parts) {
  const { timers, random } = parts;
  /** @type {Set<Member>} */
  const members = new Set();
  /** @type {import('./socket.js').LiveSocket | null} */
  let socket = null;
  let open = false;
  let refused = !parts.WebSocket;
  let attempt = 0;
  /** @type {number | undefined} */
  let retry;
  /** @type {number | undefined} */
  let steady;
  /** @type {number | undefined} */
  let linger;

  function connect() {
    timers.clear(retry);
    retry = undefined;
    if (members.size) begin();
  }

  function begin() {
    const { WebSocket, url } = parts;
    if (socket || refused || !WebSocket) return;
    try {
      socket = openSocket({ WebSocket, timers, url, received, closed });
    } catch {
      // Some browsers throw where a policy forbids the address.
      closed({ code: 1006, reconnectAfterMs: null });
    }
  }

  /** @param {ServerMessage} message */
  function received(message) {
    if (message.type === 'welcome') {
      parts.observe(message.serverTime);
      open = true;
      steady = timers.set(() => (attempt = 0), STEADY_MS);
      for (const member of members) enter(member);
    } else if (message.type === 'pong') {
      parts.observe(message.serverTime);
      for (const member of members) member.alive();
    } else if (message.type !== 'bye') {
      for (const member of members) if (member.showtimeId === message.showtimeId) member.received(message);
    }
  }

  /** @param {import('./socket.js').Closing} closing */
  function closed({ code, reconnectAfterMs }) {
    drop();
    refused = afterClose(code) === 'stay';
    const pause = reconnectAfterMs === null ? backoff(attempt, random) : Math.min(reconnectAfterMs, LONGEST_PAUSE_MS);
    attempt += 1;
    if (!refused) retry = timers.set(connect, pause);
    for (const member of members) member.closed(refused ? null : pause);
  }

  function drop() {
    socket = null;
    open = false;
    timers.clear(steady);
  }

  /** @param {Member} member */
  function enter(member) {
    ask(member.showtimeId, member.position());
    member.asked();
  }

  /**
   * @param {string} showtimeId
   * @param {string | null} since
   */
  function ask(showtimeId, since) {
    socket?.send(since === null ? { type: 'subscribe', showtimeId } : { type: 'subscribe', showtimeId, since });
  }

  /** The next attempt is not allowed any earlier for that. */
  function close() {
    timers.clear(linger);
    socket?.close();
    drop();
  }

  return {
    /** Somebody is about to join: the way to the server is made meanwhile. Nobody who does not come keeps it open. */
    prepare() {
      if (members.size || socket || retry !== undefined) return;
      timers.clear(linger);
      linger = timers.set(close, PREPARED_MS);
      begin();
    },

    /** @param {Member} member */
    join(member) {
      timers.clear(linger);
      members.add(member);
      if (open) enter(member);
      else if (refused) member.closed(null);
      else if (retry !== undefined) member.closed(Infinity);
      else connect();
    },

    /** @param {Member} member */
    leave(member) {
      const { showtimeId } = member;
      if (!members.delete(member)) return;
      const isLast = ![...members].some((other) => other.showtimeId === showtimeId);
      if (open && isLast) socket?.send({ type: 'unsubscribe', showtimeId });
      if (!members.size) linger = timers.set(close, LINGER_MS);
    },

    /** Asks for a room again: history since a position, or the whole map. */
    ask,

    /** The page was woken or the network came back: do not wait for any timer. */
    wake() {
      if (socket) {
        socket.probe(WOKEN_ANSWER_MS);
        return;
      }
      attempt = 0;
      connect();
    },

    /** The server was out of reach and is heard again by other means: what was in vain until now says nothing any more. */
    hope() {
      if (retry === undefined) return;
      timers.clear(retry);
      attempt = 0;
      retry = timers.set(connect, backoff(attempt, random));
    },

    /** Ends the socket for good: who is still in it hears no more. */
    close() {
      members.clear();
      timers.clear(retry);
      retry = undefined;
      close();
    },
  };
}
