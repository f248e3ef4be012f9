/**
 * The face of a room: what it is as properties, what happens as events.
 *
 * It decides nothing. Invariant: an event is sent after the properties say what it tells; none is sent after `leave`.
 * @module
 */

import { createRoom } from '../live/room.js';

/** @typedef {import('../live/room.js').RoomParts} RoomParts */
/** @typedef {import('../live/connection.js').Link} Link */

/** @typedef {import('../client.js').Room} DeclaredRoom */
/** @typedef {import('../client.js').RoomEvents} RoomEvents */

/**
 * A visitor's place in one showtime. `client.d.ts` documents it.
 * @implements {Omit<DeclaredRoom, keyof EventTarget>}
 */
export class Room extends EventTarget {
  /** @type {import('../live/room.js').LiveRoom} */
  #live;
  /** @type {() => void} */
  #onLeave;
  /** @type {() => number} */
  #now;
  #left = false;
  /** What was said of the link last. */
  #told = '';

  /**
   * @param {object} parts
   * @param {import('../model/plan.js').SeatPlan} parts.plan
   * @param {() => void} parts.left
   * @param {Omit<RoomParts, 'seatIds' | 'listeners'>} parts.live
   */
  constructor({ plan, left, live }) {
    super();
    this.showtime = live.showtime;
    this.plan = plan;
    this.userId = live.userId;
    this.#now = live.clock.now;
    this.#onLeave = left;
    this.#live = createRoom({ ...live, seatIds: plan.seats.map((seat) => seat.id), listeners: this.#listeners() });
  }

  /** @returns {Link} */
  get link() {
    return this.#live.link();
  }

  get stale() {
    return this.#live.stale();
  }

  get asOf() {
    return this.#live.asOf();
  }

  now() {
    return this.#now();
  }

  /** @param {number} index */
  statusOf(index) {
    return this.#live.statusOf(index);
  }

  /** @param {number} index */
  deadlineOf(index) {
    return this.#live.deadlineOf(index);
  }

  /** @param {number} index */
  priceOf(index) {
    return this.showtime.prices[this.plan.seats[index]?.category];
  }

  own() {
    return this.#live.own();
  }

  /** @param {string[]} seatIds */
  lock(seatIds) {
    return this.#live.lock(seatIds);
  }

  /** @param {string[]} seatIds */
  unlock(seatIds) {
    return this.#live.unlock(seatIds);
  }

  extend() {
    return this.#live.extend();
  }

  leave() {
    if (this.#left) return;
    this.#left = true;
    this.#live.leave();
    this.#onLeave();
  }

  /**
   * What the client does with its rooms.
   * @param {Room} room
   */
  static controls(room) {
    return { start: room.#live.start, wake: room.#live.wake, hide: room.#live.hide };
  }

  /** @returns {import('../live/room.js').RoomListeners} */
  #listeners() {
    return {
      seatsChanged: (indices) => this.#send('seatschange', { indices }),
      ownChanged: () => this.#send('ownchange', {}),
      linkChanged: () => this.#tellLink(),
      locked: (seatIds, restored) => this.#send('locked', { seatIds, restored }),
      unlocked: (seatIds) => this.#send('unlocked', { seatIds }),
      lost: (losses) => this.#send('lost', { losses }),
      refused: (action, seatIds, error) => this.#send('refused', { action, seatIds, error }),
      replaced: () => {
        this.#send('replaced', {});
        this.leave();
      },
    };
  }

  #tellLink() {
    const { link, stale } = this;
    const told = JSON.stringify([link, stale]);
    if (told === this.#told) return;
    this.#told = told;
    this.#send('linkchange', { link, stale });
  }

  /**
   * @template {keyof RoomEvents} Type
   * @param {Type} type
   * @param {RoomEvents[Type]} detail
   */
  #send(type, detail) {
    if (!this.#left) this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/**
 * @template {never} Name
 * @typedef {Name} Nothing
 */
/** @typedef {Nothing<Exclude<keyof Room, keyof DeclaredRoom>>} Undeclared fails to be a type where a member is not declared */
