/**
 * The page of one showtime: builds room and view, and ties what one says to what the other does.
 * @module
 */

import { ApiError } from '../live/api.js';
import { backoff } from '../live/backoff.js';
import { createRoom } from '../live/room.js';
import { readPlan } from '../model/plan.js';
import { showLink } from './badge.js';
import { byId } from './elements.js';
import { dayAndTime, moneyIn } from './format.js';
import { drawLegend } from './legend.js';
import { tell } from './messages.js';
import { createOwnSeats } from './own-seats.js';
import { createSeatMap } from './seat-map.js';
import { cannotOpenText, noticeText, unavailableText } from './words.js';

/** @typedef {import('../live/room.js').Room} Room */

/**
 * @typedef {object} MapPageParts
 * @property {string} showtimeId
 * @property {import('./visitor.js').Visitor} visitor
 * @property {import('../live/api.js').Api} api
 * @property {import('../model/time.js').ServerClock} clock
 * @property {import('../live/timers.js').Timers} timers
 * @property {() => number} random
 * @property {new (url: string) => WebSocket} WebSocket
 * @property {(since: string | null) => string} socketUrl
 * @property {(room: Room) => void} opened a room is there to be woken
 */

/**
 * Opens the page as soon as the server lets it; a refusal is final and is shown.
 * @param {MapPageParts} parts
 * @param {number} [attempt]
 */
export async function keepOpening(parts, attempt = 0) {
  try {
    await open(parts);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    showFailure(error);
    if (!error.isFinal) parts.timers.set(() => keepOpening(parts, attempt + 1), 500 + backoff(attempt, parts.random));
  }
}

/**
 * Loads showtime and plan and opens the room; does so again when the plan is replaced.
 * @param {MapPageParts} parts
 */
async function open(parts) {
  const showtime = await parts.api.showtime(parts.showtimeId);
  const plan = readPlan(await parts.api.plan(showtime.plan));
  const money = moneyIn(showtime.currency);
  const ending = new AbortController();
  const nameOf = (/** @type {number} */ index) => plan.seats[index]?.name ?? '';
  const indexOf = new Map(plan.seats.map((seat) => [seat.id, seat.index]));
  const nameOfId = (/** @type {string} */ id) => nameOf(indexOf.get(id) ?? -1) || id;
  showTitle(showtime);
  drawLegend(plan, (category) => money(showtime.prices[category]));

  const room = createRoom({
    ...parts,
    showtime,
    seatIds: plan.seats.map((seat) => seat.id),
    userId: parts.visitor.userId,
    restore: parts.visitor.returning,
    listeners: {
      seatsChanged: (indices) => map.update(indices),
      ownChanged: () => ownSeats.update(room.own()),
      linkChanged: showLink,
      noticed(notice) {
        for (const text of noticeText(notice, nameOfId)) tell(text, 'problem');
      },
      planChanged() {
        ending.abort();
        map.dispose();
        tell('The seating plan was replaced.', 'info');
        keepOpening({ ...parts, visitor: { ...parts.visitor, returning: true } });
      },
    },
  });

  const map = createSeatMap({
    plan,
    priceOf: (seat) => money(showtime.prices[seat.category]),
    statusOf: room.statusOf,
    chosen: (index) => choose(room, plan.seats[index]),
  });

  const ownSeats = createOwnSeats({
    nameOf,
    amountOf: (own) => own.price ?? showtime.prices[plan.seats[own.index].category],
    money,
    now: parts.clock.now,
    lockSeconds: showtime.lockSeconds,
    removed: (seatId) => room.unlock([seatId]),
    extended: room.extend,
    pointed: map.point,
    warned: (text) => tell(text, 'info'),
    signal: ending.signal,
  });

  map.update('all');
  ownSeats.update([]);
  byId('map-frame', HTMLElement).removeAttribute('aria-busy');
  parts.opened(room);
  room.start();
}

/** @param {ApiError} error */
function showFailure(error) {
  showLink({ state: 'offline', gone: error.code === 'unknown_showtime' }, null);
  tell(cannotOpenText(error), 'problem');
}

/**
 * What a click on a seat means depends on its state.
 * @param {Room} room
 * @param {import('../model/plan.js').Seat} seat
 */
function choose(room, seat) {
  const status = room.statusOf(seat.index);
  switch (status) {
    case 'available':
      room.lock([seat.id]);
      break;
    case 'selected':
      room.unlock([seat.id]);
      break;
    case 'locked':
    case 'occupied':
    case 'blocked':
      tell(unavailableText(seat.name, status, room.deadlineOf(seat.index)), 'info');
      break;
    case 'pending':
      break;
  }
}

/** @param {import('../model/wire.js').Showtime} showtime */
function showTitle(showtime) {
  document.title = `${showtime.title} · Seatcast`;
  byId('title', HTMLElement).textContent = showtime.title;
  const starts = byId('starts', HTMLTimeElement);
  starts.dateTime = showtime.startsAt;
  starts.textContent = dayAndTime(showtime.startsAt);
}
