/**
 * One showtime on screen: ties the room to map, list and panel, and tells the page what happens.
 *
 * It decides nothing about seats: the room says what they are, and `choosing.js` what a choice means. Invariant: whatever
 * shows seats is told of every change, once and in the same turn.
 * @module
 */

import { pageTimers } from '../../live/timers.js';
import { createAnnouncer } from '../announcer.js';
import { createListView } from '../list/list-view.js';
import { readColors } from '../map/colors.js';
import { createMapView } from '../map/map-view.js';
import { drawSwatch } from '../map/seat-shapes.js';
import { createBadge } from '../panel/badge.js';
import { createExpiryWarning } from '../panel/expiry-warning.js';
import { createLegend } from '../panel/legend.js';
import { createLosses } from '../panel/losses.js';
import { createOwnSeats } from '../panel/own-seats.js';
import { createSeatCard } from '../panel/seat-card.js';
import { createSpokenSeats } from '../spoken-seats.js';
import { meaningOf } from './choosing.js';
import { createControls } from './controls.js';
import { createFocusWatch } from './focus-watch.js';
import { createMapCursor } from './map-cursor.js';

/** @typedef {import('../../client.js').Room} Room */
/** @typedef {import('../../model/plan.js').Seat} Seat */
/** @typedef {import('../../model/shown.js').ShownStatus} ShownStatus */
/** @typedef {ReturnType<typeof openShowing>} Showing */

/**
 * @typedef {object} ShowingParts
 * @property {Room} room
 * @property {import('./shell.js').Shell} shell
 * @property {import('../../texts/texts.js').Texts} texts
 * @property {boolean} readOnly
 * @property {AbortSignal} signal
 * @property {(type: string, detail: object) => boolean} tell dispatches an event; false when the page took it over
 * @property {() => void} replaced
 */

/** @param {ShowingParts} parts */
export function openShowing({ room, shell, texts, readOnly, signal, tell, replaced }) {
  const { plan, showtime } = room;
  const money = texts.money(showtime.currency);
  const indexOf = new Map(plan.seats.map((seat) => [seat.id, seat.index]));
  const nameOf = (/** @type {number} */ index) => texts.seatName(plan.seats[index]);
  const nameOfId = (/** @type {string} */ id) => (indexOf.has(id) ? nameOf(/** @type {number} */ (indexOf.get(id))) : id);
  const priceText = (/** @type {Seat} */ seat) => money(room.priceOf(seat.index));
  const now = () => room.now();
  const textOf = (/** @type {number} */ index) => texts.seatText(plan.seats[index], room.statusOf(index), priceText(plan.seats[index]));
  const linkState = () => ({ link: room.link, stale: room.stale, asOf: room.asOf });

  const map = createMapView({
    frame: shell.canvas,
    plan,
    statusOf: (index) => room.statusOf(index),
    blockText: (_, free) => texts.t('map.free', { count: free }),
    reducedMotion: matchMedia('(prefers-reduced-motion: reduce)').matches,
    chosen: choose,
    hovered: (index) => card.show(index),
    moved() {
      cursor.place();
      card.place();
    },
    signal,
  });
  const cursor = createMapCursor({
    host: shell.cursors,
    plan,
    map,
    helpId: shell.help.id,
    textOf,
    isOwn: (index) => room.statusOf(index) === 'selected',
    chosen: choose,
    focused(index) {
      card.show(index);
      focusWatch.focused(index);
    },
    signal,
  });
  const swatch = (/** @type {HTMLCanvasElement} */ canvas, /** @type {ShownStatus} */ status, /** @type {string | null} */ color) =>
    drawSwatch(canvas, status, color, readColors(shell.canvas));
  const card = createSeatCard({ host: shell.overlay, texts, factsOf, placeOf: map.placeOf, chosen: choose, drawSwatch: swatch, now, signal });
  const list = createListView({
    host: shell.list,
    plan,
    texts,
    statusOf: (index) => room.statusOf(index),
    priceText,
    chosen: choose,
    focused(index) {
      if (index !== null) map.reveal(index);
      focusWatch.focused(index);
    },
    signal,
  });
  const announcer = createAnnouncer({ host: shell.frame, texts, timers: pageTimers(window), now: () => performance.now(), signal });
  const focusWatch = createFocusWatch({ statusOf: (index) => room.statusOf(index), textOf, say: announcer.say });
  createSpokenSeats({ room, say: announcer.say, texts, nameOf: nameOfId, signal });
  const badge = createBadge({ host: shell.badge, texts, read: linkState, now, signal });
  const losses = createLosses({ messages: shell.messages, texts, nameOf: nameOfId, now });
  const ownSeats = createOwnSeats({
    host: shell.panel,
    texts,
    nameOf,
    amountOf: (own) => own.price ?? room.priceOf(own.index),
    money,
    now,
    lockSeconds: showtime.lockSeconds,
    giveBack: (seatIds) => room.unlock(seatIds),
    extend: () => room.extend(),
    show: (index) => (shell.list.classList.contains('is-shown') ? list.focus(index) : map.reveal(index)),
    signal,
  });
  const legend = createLegend({
    host: shell.panel,
    texts,
    categories: plan.categories,
    priceText: (category) => money(showtime.prices[category]),
    drawSwatch: swatch,
    // Where the panel lies below the map, the room is the map's until the legend is asked for.
    open: shell.panel.offsetTop < shell.stage.offsetTop + shell.stage.offsetHeight,
    signal,
  });
  const controls = createControls({ room, shell, texts, map, list, money, readOnly, signal });
  const warning = createExpiryWarning({
    host: shell.overlay,
    texts,
    nameOf,
    now,
    rules: showtime,
    extend: () => room.extend(),
    gone: () => ownSeats.focus(),
    signal,
  });

  /** @param {number} index */
  function factsOf(index) {
    const seat = plan.seats[index];
    const { category, color } = seat;
    return { name: nameOf(index), category, color, price: priceText(seat), status: room.statusOf(index), deadline: room.deadlineOf(index) };
  }

  /**
   * @param {number} index
   * @param {string} [pointerType]
   */
  function choose(index, pointerType) {
    const isTouch = pointerType === 'touch';
    if (isTouch) card.show(index, { touch: true });
    const { id } = plan.seats[index];
    const status = room.statusOf(index);
    if (!tell('seatchoose', { seatId: id, index, status }) || readOnly) return;
    const meaning = meaningOf(status);
    if (meaning === 'lock') room.lock([id]);
    else if (meaning === 'unlock') room.unlock([id]);
    // After a touch the card says the same.
    else if (meaning === 'explain' && !isTouch) shell.messages.tell(texts.unavailable(plan.seats[index], status, room.deadlineOf(index)), { group: 'explain' });
  }

  /** @param {number[] | 'all'} indices */
  function seatsChanged(indices) {
    map.update(indices);
    list.update(indices);
    cursor.update(indices);
    card.update();
    controls.update(indices);
    focusWatch.update(indices);
    tell('seatschange', { indices });
  }

  function ownChanged() {
    const own = room.own();
    ownSeats.update(own);
    warning.update(own);
  }

  function linkChanged() {
    badge.update();
    const { link, stale, asOf } = linkState();
    tell('connectionchange', { link, stale, asOf, text: texts.linkText(link, stale, asOf, now()).text });
  }

  room.addEventListener('seatschange', ({ detail }) => seatsChanged(detail.indices), { signal });
  room.addEventListener('ownchange', ownChanged, { signal });
  room.addEventListener('linkchange', linkChanged, { signal });
  room.addEventListener('locked', ({ detail }) => tell('seatlock', detail), { signal });
  room.addEventListener('unlocked', ({ detail }) => tell('seatunlock', detail), { signal });
  room.addEventListener('lost', ({ detail }) => {
    losses.tell(detail.losses);
    const message = texts.noticeTexts({ kind: 'lost', ...detail }, nameOfId).join(' ');
    tell('seatlost', { ...detail, message });
  }, { signal });
  room.addEventListener('refused', ({ detail }) => {
    const messages = texts.noticeTexts({ kind: 'refused', ...detail }, nameOfId);
    for (const message of messages) shell.messages.tell(message, { kind: 'problem' });
    tell('seatrefused', { ...detail, message: messages.join(' ') });
  }, { signal });
  room.addEventListener('replaced', () => replaced(), { signal });

  shell.loading.remove();
  shell.map.removeAttribute('aria-busy');
  ownChanged();
  linkChanged();

  return {
    room,

    /** @param {string[]} seatIds */
    mark(seatIds) {
      const indices = seatIds.flatMap((id) => indexOf.get(id) ?? []);
      controls.mark(indices);
    },

    /** @param {string} seatId */
    show(seatId) {
      const index = indexOf.get(seatId);
      if (index === undefined) return;
      map.reveal(index);
      cursor.setCurrent(index);
    },

    fit: () => map.fit(),
    recolor() {
      map.recolor();
      card.recolor();
      legend.recolor();
    },

    /** @param {string} seatId */
    placeOf(seatId) {
      const index = indexOf.get(seatId);
      if (index === undefined) return null;
      const { x, y } = map.placeOf(index);
      const frame = shell.canvas.getBoundingClientRect();
      return { x: frame.left + x, y: frame.top + y };
    },
  };
}
