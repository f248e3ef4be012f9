/**
 * One visitor in one showtime: joins the replica, the visitor's own seats and the connection, and says which
 * seats look different after each event.
 *
 * It draws nothing and words nothing. Invariant: what it says of a seat is the replica's state under the
 * visitor's own, and every difference is announced once.
 * @module
 */

import { createMine, observeDiff, observeStatus } from '../model/mine.js';
import { isBefore } from '../model/position.js';
import { applyMessage, createReplica, snapshotOfStatus, statusAt } from '../model/replica.js';
import { shownStatus } from '../model/shown.js';
import { createCommands } from './commands.js';
import { createConnection } from './connection.js';
import { createPoller } from './poller.js';

/** @typedef {import('../model/wire.js').ServerMessage} ServerMessage */
/** @typedef {import('../model/wire.js').StatusAnswer} StatusAnswer */
/** @typedef {import('../model/mine.js').Effect} Effect */
/** @typedef {import('./connection.js').Link} Link */
/** @typedef {ReturnType<typeof createRoom>} Room */

/**
 * @typedef {{ kind: 'lost', losses: import('../model/mine.js').Loss[] }
 *   | { kind: 'failed', action: import('./commands.js').Action, seatIds: string[], error: import('./api.js').ApiError }
 * } Notice something the visitor must be told
 */

/**
 * @typedef {object} RoomListeners
 * @property {(indices: number[] | 'all') => void} seatsChanged
 * @property {() => void} ownChanged
 * @property {(link: Link, stale: { since: string | null } | null) => void} linkChanged
 * @property {(notice: Notice) => void} noticed
 * @property {() => void} planChanged the room has stopped; its seats are those of another plan
 */

/**
 * @typedef {object} RoomParts
 * @property {import('../model/wire.js').Showtime} showtime
 * @property {readonly string[]} seatIds
 * @property {string} userId
 * @property {boolean} restore whether the visitor may hold seats from before
 * @property {import('./api.js').Api} api
 * @property {import('../model/time.js').ServerClock} clock
 * @property {new (url: string) => WebSocket} WebSocket
 * @property {import('./timers.js').Timers} timers
 * @property {() => number} random
 * @property {(since: string | null) => string} socketUrl
 * @property {RoomListeners} listeners
 */

/** @param {RoomParts} parts */
export function createRoom(parts) {
  const { showtime, userId, api, clock, timers, random, listeners } = parts;
  const replica = createReplica(parts.seatIds);
  const mine = createMine();
  /** @type {Link} */
  let link = { state: 'connecting', again: false };
  let restore = parts.restore;

  const ask = (/** @type {string | null} */ etag) => api.status(showtime.showtimeId, userId, etag);
  const commands = createCommands({ showtimeId: showtime.showtimeId, userId, api, clock, mine, replica, changed, noticed, reconcile });
  const connection = createConnection({
    WebSocket: parts.WebSocket,
    timers,
    random,
    poller: createPoller({ timers, random, ask }),
    showtimeId: showtime.showtimeId,
    socketUrl: parts.socketUrl,
    position: () => replica.position,
    receive,
    receiveStatus,
    announce(/** @type {Link} */ newLink) {
      link = newLink;
      listeners.linkChanged(link, replica.stale);
    },
  });

  /**
   * @param {ServerMessage} message
   * @returns {import('./connection.js').Reception}
   */
  function receive(message) {
    switch (message.type) {
      case 'welcome':
        clock.observe(message.serverTime);
        // Of a store out of reach the new node tells anew.
        replica.stale = null;
        return 'ok';
      case 'pong':
        clock.observe(message.serverTime);
        return 'ok';
      case 'status':
        applyMessage(replica, message);
        listeners.linkChanged(link, replica.stale);
        return 'ok';
      case 'snapshot':
      case 'diff':
        return receiveSeats(message);
      case 'bye':
      case 'error':
        return 'ok';
    }
  }

  /**
   * @param {import('../model/wire.js').Snapshot | import('../model/wire.js').Diff} message
   * @returns {import('./connection.js').Reception}
   */
  function receiveSeats(message) {
    if (message.type === 'snapshot' && leavesPlan(message.plan)) return 'ok';
    const outcome = applyMessage(replica, message);
    if (outcome.kind === 'gap') return outcome.resumable ? 'gap' : 'lost';
    if (outcome.kind === 'replaced') {
      listeners.seatsChanged('all');
      changed(observeDiff(mine, { ...emptyDiff(), position: replica.position ?? '' }, clock.now()));
      if (restore || mine.seats.size) reconcile();
    } else if (message.type === 'diff' && outcome.kind === 'patched') {
      listeners.seatsChanged(outcome.changed);
      changed(observeDiff(mine, message, clock.now()));
      if (commands.takeUnsure(message.changes.map((change) => change.seatId))) reconcile();
    }
    return 'ok';
  }

  /** @param {StatusAnswer | null} answer of the poller, null when nothing has changed */
  function receiveStatus(answer) {
    if (!answer || leavesPlan(answer.plan)) return;
    clock.observe(answer.serverTime);
    replica.stale = answer.stale ? { since: answer.staleSince ?? null } : null;
    if (!isBefore(answer.position, replica.position)) {
      applyMessage(replica, snapshotOfStatus(answer));
      listeners.seatsChanged('all');
    }
    takeOwn(answer);
  }

  /** Asks the server which seats are the visitor's. */
  async function reconcile() {
    try {
      const { body } = await ask(null);
      if (body && body.plan === showtime.plan) takeOwn(body);
    } catch {
      // The next snapshot or poll asks again.
      restore = true;
    }
  }

  /** @param {StatusAnswer} answer */
  function takeOwn(answer) {
    restore = false;
    changed(observeStatus(mine, answer, clock.now()));
  }

  /** @param {string} plan */
  function leavesPlan(plan) {
    if (plan === showtime.plan) return false;
    connection.stop();
    listeners.planChanged();
    return true;
  }

  /** @param {Effect} effect */
  function changed(effect) {
    if (effect.lost.length) noticed({ kind: 'lost', losses: effect.lost });
    if (!effect.changed.length) return;
    listeners.seatsChanged(effect.changed.flatMap((id) => replica.indexOf.get(id) ?? []));
    listeners.ownChanged();
  }

  function noticed(/** @type {Notice} */ notice) {
    listeners.noticed(notice);
    if (notice.kind === 'failed') connection.refresh();
  }

  return {
    start: connection.start,
    stop: connection.stop,
    wake: connection.wake,
    lock: commands.lock,
    unlock: commands.unlock,
    extend: commands.extend,

    /** @param {number} index */
    statusOf(index) {
      return shownStatus(statusAt(replica, index), mine.seats.get(replica.seatIds[index]));
    },

    /** @param {number} index */
    deadlineOf(index) {
      return mine.seats.get(replica.seatIds[index])?.expiresAt ?? replica.locks.get(index) ?? null;
    },

    /** The visitor's seats in plan order, those on their way in and out included. */
    own() {
      return [...mine.seats]
        .filter(([, own]) => own.phase !== 'freed')
        .map(([seatId, own]) => ({ seatId, index: replica.indexOf.get(seatId) ?? -1, ...own }))
        .sort((a, b) => a.index - b.index);
    },
  };
}

/** @returns {import('../model/wire.js').Diff} */
function emptyDiff() {
  return { type: 'diff', showtimeId: '', prev: '', position: '', changes: [] };
}
