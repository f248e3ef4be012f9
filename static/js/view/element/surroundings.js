/**
 * Everything of a seat map but the map: list, own seats, legend, tools, card, warnings, messages, announcements.
 *
 * It comes after the first picture of the map, which needs none of it. Invariant: whatever shows seats is told of every
 * change that it is handed, in the same turn.
 * @module
 */

import { pageTimers } from '../../live/timers.js';
import { createAnnouncer } from '../announcer.js';
import { createListView } from '../list/list-view.js';
import { readColors } from '../map/colors.js';
import { drawSwatch } from '../map/seat-shapes.js';
import { createBadge } from '../panel/badge.js';
import { createExpiryWarning } from '../panel/expiry-warning.js';
import { createLegend } from '../panel/legend.js';
import { createLosses } from '../panel/losses.js';
import { createMessages } from '../panel/messages.js';
import { createOwnSeats } from '../panel/own-seats.js';
import { createSeatCard } from '../panel/seat-card.js';
import { createSpokenSeats } from '../spoken-seats.js';
import { createControls } from './controls.js';
import { createFocusWatch } from './focus-watch.js';

/** @typedef {import('../../client.js').RoomEvents} RoomEvents */
/** @typedef {import('../../model/shown.js').ShownStatus} ShownStatus */
/** @typedef {ReturnType<typeof createSurroundings>} Surroundings */

/**
 * @typedef {object} SurroundingParts
 * @property {import('../../client.js').Room} room
 * @property {import('./shell.js').Shell} shell
 * @property {import('../../texts/texts.js').Texts} texts
 * @property {import('./labels.js').Labels} labels
 * @property {import('../map/map-view.js').MapView} map
 * @property {boolean} readOnly
 * @property {AbortSignal} signal
 * @property {(index: number) => void} chosen
 * @property {() => void} [remarked] seats may be called something else now
 */

/** @param {SurroundingParts} parts */
export function createSurroundings(parts) {
  const { room, shell, texts, labels, map, readOnly, signal, chosen } = parts;
  const { plan } = room;
  const statusOf = (/** @type {number} */ index) => room.statusOf(index);
  const now = () => room.now();
  const announcer = createAnnouncer({ host: shell.frame, texts, timers: pageTimers(window), now: () => performance.now(), signal });
  const focusWatch = createFocusWatch({ statusOf, textOf: labels.textOf, say: announcer.say });
  createSpokenSeats({ room, say: announcer.say, texts, nameOf: labels.nameOfId, signal });
  const messages = createMessages({ host: shell.overlay, texts, gone: () => panel.focus(), signal });
  const losses = createLosses({ messages, texts, nameOf: labels.nameOfId, now });
  const badge = createBadge({ host: shell.badge, texts, read: () => ({ link: room.link, stale: room.stale, asOf: room.asOf }), now, signal });
  const swatch = (/** @type {HTMLCanvasElement} */ canvas, /** @type {ShownStatus} */ status, /** @type {string | null} */ color) =>
    drawSwatch(canvas, status, color, readColors(shell.canvas));
  const card = createSeatCard({ host: shell.overlay, texts, factsOf, placeOf: map.placeOf, chosen, drawSwatch: swatch, now, readOnly, signal });
  const list = createListView({
    host: shell.list,
    plan,
    texts,
    statusOf,
    priceText: labels.priceText,
    labelOf: labels.textOf,
    readOnly,
    chosen,
    focused(index) {
      if (index !== null) map.reveal(index);
      focusWatch.focused(index);
    },
    signal,
  });
  const panel = createOwnPanel(parts, swatch, (index) => (shell.list.classList.contains('is-shown') ? list.focus(index) : map.reveal(index)));
  const controls = createControls({ room, shell, texts, map, list, money: labels.money, remarks: labels.remarks, remarked: () => parts.remarked?.(), readOnly, signal });

  if (readOnly) shell.help.textContent = texts.t('map.helpReadOnly');

  /** @param {number} index */
  function factsOf(index) {
    const seat = plan.seats[index];
    const { category, color } = seat;
    return { name: labels.nameOf(index), category, color, price: labels.priceText(seat), status: statusOf(index), deadline: room.deadlineOf(index) };
  }

  return {
    messages,
    mark: controls.mark,
    ownChanged: panel.update,
    linkChanged: badge.update,
    mapMoved: card.place,

    /** @param {number[] | 'all'} indices seats that may look different now */
    update(indices) {
      list.update(indices);
      card.update();
      controls.update(indices);
      focusWatch.update(indices);
    },

    /** @param {number | null} index of the seat that the pointer is over */
    hovered: (index) => card.show(index),

    /** @param {number} index of the seat that a finger has touched */
    touched: (index) => card.show(index, { touch: true }),

    /** @param {number | null} index of the seat on the map that has the focus */
    focused(index) {
      card.show(index);
      focusWatch.focused(index);
    },

    /**
     * Says why a seat cannot be had.
     * @param {number} index
     */
    explain: (index) => messages.tell(texts.unavailable(plan.seats[index], statusOf(index), room.deadlineOf(index), now()), { group: 'explain' }),

    /** @param {RoomEvents['lost']} detail */
    lost: ({ losses: lost }) => losses.tell(lost),

    recolor() {
      card.recolor();
      panel.recolor();
    },
  };
}

/**
 * Own seats with their warning, and the legend.
 * @param {SurroundingParts} parts
 * @param {(canvas: HTMLCanvasElement, status: ShownStatus, color: string | null) => void} swatch
 * @param {(index: number) => void} show brings a seat into sight
 */
function createOwnPanel({ room, shell, texts, labels, readOnly, signal }, swatch, show) {
  const { showtime } = room;
  const { nameOf, money } = labels;
  const common = { texts, nameOf, now: () => room.now(), extend: () => room.extend(), signal };
  const ownSeats = createOwnSeats({
    ...common,
    host: shell.panel,
    amountOf: (own) => own.price ?? room.priceOf(own.index),
    money,
    lockSeconds: showtime.lockSeconds,
    giveBack: (seatIds) => room.unlock(seatIds),
    show,
    readOnly,
  });
  const warning = createExpiryWarning({
    ...common,
    host: shell.overlay,
    rules: showtime,
    gone: () => ownSeats.focus(),
    sized: (pixels) => shell.stage.style.setProperty('--warning-size', `${pixels}px`),
  });
  const legend = createLegend({
    host: shell.panel,
    texts,
    categories: room.plan.categories,
    priceText: (category) => money(showtime.prices[category]),
    drawSwatch: swatch,
    // Where the panel lies below the map, the room is the map's until the legend is asked for.
    open: shell.panel.offsetTop < shell.stage.offsetTop + shell.stage.offsetHeight,
    signal,
  });

  return {
    focus: ownSeats.focus,
    recolor: legend.recolor,
    update() {
      const own = room.own();
      ownSeats.update(own);
      warning.update(own);
    },
  };
}
