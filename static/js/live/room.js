/**
 * One visitor in one showtime: joins the replica, the visitor's own seats and the connection, and says which
 * seats look different after each event.
 *
 * It draws nothing and words nothing. Invariants: what it says of a seat is the replica's state under the visitor's
 * own, and every difference is announced once; after `leave` nothing is announced.
 * @module
 */

import { changedBetween } from '../model/comparison.js';
import { createMine, observeDiff } from '../model/mine.js';
import { isBefore } from '../model/position.js';
import { applyMessage, createReplica, snapshotOfStatus, statusAt } from '../model/replica.js';
import { shownStatus } from '../model/shown.js';
import { createCommands } from './commands.js';
import { createConnection } from './connection.js';
import { createFreshness } from './freshness.js';
import { createLosses } from './losses.js';
import { createOfferWatch } from './offer-watch.js';
import { createPoller } from './poller.js';
import { createReconciler } from './reconciler.js';

/** @typedef {import('../model/wire.js').ServerMessage} ServerMessage */
/** @typedef {import('../model/wire.js').StatusAnswer} StatusAnswer */
/** @typedef {import('../model/mine.js').Effect} Effect */
/** @typedef {import('./connection.js').Link} Link */
/** @typedef {ReturnType<typeof createRoom>} LiveRoom */
/** @typedef {{ seatId: string, index: number, phase: 'locking' | 'held' | 'unlocking', expiresAt: string | null, lockedAt: string | null, price: import('../model/wire.js').Amount }} OwnSeat */

/**
 * @typedef {object} RoomListeners
 * @property {(indices: number[] | 'all') => void} seatsChanged
 * @property {() => void} ownChanged
 * @property {() => void} linkChanged
 * @property {(seatIds: string[], restored: boolean) => void} locked
 * @property {(seatIds: string[]) => void} unlocked
 * @property {(losses: import('../model/mine.js').Loss[]) => void} lost
 * @property {(action: import('./commands.js').Action, seatIds: string[], error: import('./api.js').ApiError) => void} refused
 * @property {() => void} replaced the room has ended; the showtime has another plan, or is sold on other terms
 */

/**
 * @typedef {object} RoomParts
 * @property {import('../model/wire.js').Showtime} showtime
 * @property {readonly string[]} seatIds
 * @property {string} userId
 * @property {boolean} restore whether the visitor may hold seats from before, or from elsewhere
 * @property {import('./api.js').Api} api
 * @property {import('../model/time.js').ServerClock} clock
 * @property {import('./shared-socket.js').SharedSocket} socket
 * @property {(new (url: string) => EventSource) | undefined} EventSource
 * @property {import('./stream-places.js').StreamPlaces} places
 * @property {boolean} [background] whether nobody looks at the room itself
 * @property {import('./timers.js').Timers} timers
 * @property {() => number} random
 * @property {(since: string | null) => string} streamUrl
 * @property {RoomListeners} listeners
 */

/** A room that is entered while the store is out of reach says so right after its map. */
const TOLD_STALE_MS = 500;

/** @param {RoomParts} parts */
export function createRoom(parts) {
  const { showtime, userId, api, clock, timers, random, listeners } = parts;
  const { showtimeId } = showtime;
  const replica = createReplica(parts.seatIds);
  const mine = createMine();
  const freshness = createFreshness(clock, replica);
  /** @type {Link} */
  let link = { state: 'connecting', again: false };
  let left = false;
  /** @type {number | undefined} */
  let unsaid;

  const serverStatusOf = (/** @type {string} */ id) => {
    const index = replica.indexOf.get(id);
    return index === undefined || replica.position === null ? null : statusAt(replica, index);
  };
  const losses = createLosses({ timers, statusOf: serverStatusOf, over: (ids) => listeners.seatsChanged(indicesOf(ids)) });
  const ask = (/** @type {string | null} */ etag) => api.status(showtimeId, userId, etag);
  const reconciler = createReconciler({ timers, random, clock, mine, restore: parts.restore, ask, unsure: () => commands.isUnsure(), received: receiveOwn, found, outdated });
  const commands = createCommands({ showtimeId, userId, api, clock, mine, replica, losses, changed, succeeded, refused, reconcile: reconciler.now });
  const offer = createOfferWatch({ showtime, ask: () => api.showtime(showtimeId), timers, random, changed: endReplaced });
  const connection = createConnection({
    ...parts,
    showtimeId,
    poller: createPoller({ timers, random, ask }),
    position: () => replica.position,
    age: freshness.age,
    receive,
    receiveStatus,
    check,
    proved: freshness.prove,
    entered() {
      timers.clear(unsaid);
      if (replica.stale) unsaid = timers.set(() => setStale(null), TOLD_STALE_MS);
    },
    announce(newLink) {
      link = newLink;
      if (link.state === 'offline' && link.gone) {
        reconciler.stop();
        offer.stop();
      }
      listeners.linkChanged();
    },
  });

  /**
   * @param {ServerMessage} message
   * @returns {import('./socket-rung.js').Reception}
   */
  function receive(message) {
    switch (message.type) {
      case 'welcome':
        clock.observe(message.serverTime);
        return 'ok';
      case 'status':
        setStale(message.stale ? { since: message.since ?? null } : null);
        return 'ok';
      case 'snapshot':
      case 'diff':
        return receiveSeats(message);
      default:
        return 'ok';
    }
  }

  /**
   * @param {import('../model/wire.js').Snapshot | import('../model/wire.js').Diff} message
   * @returns {import('./socket-rung.js').Reception}
   */
  function receiveSeats(message) {
    if (message.type === 'snapshot' && leavesPlan(message.plan)) return 'ok';
    const before = { ...replica };
    const outcome = applyMessage(replica, message);
    if (outcome.kind === 'gap') return outcome.resumable ? 'gap' : 'lost';
    freshness.prove();
    if (outcome.kind === 'replaced') {
      replaced(before);
      changed(observeDiff(mine, { ...emptyDiff(), position: replica.position ?? '' }, clock.now()));
      if (commands.isUnsure()) reconciler.now();
      else reconciler.skipped(message.position);
    } else if (message.type === 'diff' && outcome.kind === 'patched') {
      losses.compare();
      listeners.seatsChanged(outcome.changed);
      changed(observeDiff(mine, message, clock.now()));
      if (commands.takeUnsure(message.changes.map((change) => change.seatId))) reconciler.now();
    }
    return 'ok';
  }

  /** @param {StatusAnswer | null} answer null when nothing has changed */
  function receiveStatus(answer) {
    if (left || (answer && leavesPlan(answer.plan))) return;
    if (!answer) {
      freshness.prove();
      return;
    }
    clock.observe(answer.serverTime);
    setStale(answer.stale ? { since: answer.staleSince ?? null } : null);
    if (!isBefore(answer.position, replica.position)) {
      const before = { ...replica };
      if (applyMessage(replica, snapshotOfStatus(answer)).kind === 'replaced') replaced(before);
      freshness.prove();
    }
    reconciler.take(answer);
  }

  /**
   * The answer to a question about the own seats. A live map moves by its own messages: one from elsewhere that is ahead
   * of them would make the next one a gap.
   * @param {StatusAnswer} answer
   */
  function receiveOwn(answer) {
    if (link.state !== 'live' || answer.plan !== showtime.plan) receiveStatus(answer);
    else reconciler.take(answer);
  }

  /** @param {import('../model/replica.js').Replica} before */
  function replaced(before) {
    losses.compare();
    offer.at(replica.position);
    const indices = before.position === null ? 'all' : changedBetween(before, replica);
    if (indices.length) listeners.seatsChanged(indices);
  }

  /** @param {{ since: string | null } | null} stale */
  function setStale(stale) {
    timers.clear(unsaid);
    const isNews = replica.stale?.since !== stale?.since || !replica.stale !== !stale;
    replica.stale = stale;
    freshness.told();
    if (isNews && !stale) freshness.prove();
    if (isNews) listeners.linkChanged();
  }

  /** Asks whether the map is where the server's is, and takes in what it lacks. */
  async function check() {
    const since = replica.position;
    if (since === null) return false;
    const answer = await api.changes(showtimeId, since);
    if (left) return false;
    if (!answer) return true;
    setStale(answer.stale ? { since: answer.staleSince ?? null } : null);
    if (answer.snapshot) receive({ ...answer.snapshot, type: 'snapshot' });
    const { from, position, changes } = answer;
    if (!from || !position || !changes) return false;
    if (changes.length) receive({ type: 'diff', showtimeId, prev: from, position, changes });
    return !changes.length;
  }

  /** @param {string} plan */
  function leavesPlan(plan) {
    if (plan === showtime.plan) return false;
    endReplaced();
    return true;
  }

  function endReplaced() {
    leave();
    listeners.replaced();
  }

  /**
   * Takes in what the server says of the visitor's own seats.
   * @param {Effect} effect
   * @param {string[]} seatIds those that it did not know to be held
   */
  function found(effect, seatIds) {
    changed(effect);
    if (seatIds.length) listeners.locked(seatIds, true);
  }

  /** @type {import('./reconciler.js').ReconcilerParts['outdated']} */
  function outdated(position, seatIds) {
    return isBefore(position, replica.position) && seatIds.some((id) => serverStatusOf(id) !== 'locked');
  }

  /** @param {Effect} effect */
  function changed(effect) {
    if (effect.lost.length) losses.add(effect.lost);
    if (effect.changed.length) {
      listeners.seatsChanged(indicesOf(effect.changed));
      listeners.ownChanged();
    }
    if (effect.lost.length) listeners.lost(effect.lost);
  }

  /** @type {import('./commands.js').CommandParts['succeeded']} */
  function succeeded(action, seatIds) {
    if (action === 'unlock') {
      listeners.unlocked(seatIds);
      return;
    }
    const held = seatIds.filter((id) => mine.seats.get(id)?.phase === 'held');
    if (held.length) listeners.locked(held, false);
  }

  /** @type {RoomListeners['refused']} */
  function refused(action, seatIds, error) {
    listeners.refused(action, seatIds, error);
    connection.refresh();
  }

  /** @param {string[]} seatIds */
  function indicesOf(seatIds) {
    return seatIds.flatMap((id) => replica.indexOf.get(id) ?? []);
  }

  function leave() {
    left = true;
    connection.stop();
    commands.stop();
    reconciler.stop();
    offer.stop();
    losses.clear();
    timers.clear(unsaid);
  }

  return {
    start() {
      connection.start();
      reconciler.start();
    },
    leave,
    hide: connection.hide,
    wake() {
      if (left) return;
      const polls = link.state === 'polling' || link.state === 'offline';
      connection.wake();
      // A poll says whose the seats are as well.
      if (!polls && (mine.seats.size || parts.restore || link.state !== 'live')) reconciler.now();
    },
    lock: commands.lock,
    unlock: commands.unlock,
    extend: commands.extend,
    link: () => link,
    stale: () => replica.stale,
    asOf: freshness.asOf,

    /** @param {number} index */
    statusOf(index) {
      const id = replica.seatIds[index];
      const status = replica.position === null ? null : statusAt(replica, index);
      return shownStatus(status, mine.seats.get(id), losses.has(id));
    },

    /** @param {number} index */
    deadlineOf(index) {
      return mine.seats.get(replica.seatIds[index])?.expiresAt ?? replica.locks.get(index) ?? null;
    },

    /** The visitor's seats in plan order, those on their way in and out included. */
    own() {
      /** @type {OwnSeat[]} */
      const own = [];
      for (const [seatId, { phase, expiresAt, lockedAt, price }] of mine.seats) {
        if (phase !== 'freed') own.push({ seatId, index: replica.indexOf.get(seatId) ?? -1, phase, expiresAt, lockedAt, price });
      }
      return own.sort((a, b) => a.index - b.index);
    },
  };
}

/** @returns {import('../model/wire.js').Diff} */
function emptyDiff() {
  return { type: 'diff', showtimeId: '', prev: '', position: '', changes: [] };
}
