/**
 * The panel of the visitor's own seats: each with price and time left, their sum, more time for all, giving back.
 *
 * In a narrow container it is one line that unfolds. Entries are kept by seat id: an update touches only what it
 * changes, and when the entry that has the focus goes, the focus goes to its neighbour.
 * @module
 */

import { firstDeadline, untilNextSecond, wholeSeconds } from '../../model/countdown.js';
import { priceIn } from '../../model/filter.js';
import { timeLeft } from '../../model/time.js';
import { html } from '../elements.js';
import { icon } from './icons.js';
import { createOwnEntry, setText } from './own-entry.js';
import { createTicker } from './ticker.js';

/** @typedef {import('./own-entry.js').Own} Own */
/** @typedef {import('./own-entry.js').OwnEntry} OwnEntry */
/** @typedef {import('../../model/wire.js').Amount} Amount */

/**
 * @typedef {object} OwnSeatsParts
 * @property {HTMLElement} host
 * @property {import('../../texts/texts.js').Texts} texts
 * @property {(index: number) => string} nameOf
 * @property {(own: Own) => Amount | undefined} amountOf
 * @property {(amount: Amount | undefined) => string} money
 * @property {() => number} now the server's time in milliseconds
 * @property {number} lockSeconds
 * @property {(seatIds: string[]) => void} giveBack
 * @property {() => Promise<unknown>} extend
 * @property {(index: number) => void} show brings the seat into sight
 * @property {boolean} [readOnly] whether no seat can be chosen: without seats there is nothing to tell then
 * @property {AbortSignal} signal
 */

/** From here on the time left is shown as urgent. */
const URGENT_MS = 60_000;

/** @param {OwnSeatsParts} parts */
export function createOwnSeats(parts) {
  const { host, texts, signal } = parts;
  const frame = createFrame(texts);
  /** @type {Map<string, OwnEntry>} */
  const entries = new Map();
  /** @type {Own[]} */
  let own = [];
  // With locks shorter than a few minutes everything would be urgent from the start.
  const urgentMs = Math.min(URGENT_MS, (parts.lockSeconds * 1000) / 4);
  const tick = createTicker(showTimes, signal);

  /** @param {Own[]} seats in plan order */
  function update(seats) {
    own = seats;
    const kept = new Set(seats.map(({ seatId }) => seatId));
    for (const [id, entry] of entries) if (!kept.has(id)) drop(id, entry);
    seats.forEach((seat, place) => {
      const entry = entries.get(seat.seatId) ?? add(seat);
      entry.update(seat);
      entry.setPrice(parts.money(parts.amountOf(seat)));
      if (frame.list.children[place] !== entry.item) frame.list.insertBefore(entry.item, frame.list.children[place] ?? null);
    });
    showSums();
    tick();
  }

  /** @param {Own} seat */
  function add(seat) {
    const entry = createOwnEntry(seat, {
      texts,
      name: parts.nameOf(seat.index),
      price: parts.money(parts.amountOf(seat)),
      shown: () => parts.show(seat.index),
      givenBack: () => parts.giveBack([seat.seatId]),
    });
    entries.set(seat.seatId, entry);
    return entry;
  }

  /**
   * @param {string} id
   * @param {OwnEntry} entry
   */
  function drop(id, entry) {
    const neighbour = entry.item.nextElementSibling ?? entry.item.previousElementSibling;
    const hadFocus = entry.item.matches(':focus-within');
    entry.item.remove();
    entries.delete(id);
    if (!hadFocus) return;
    const next = [...entries.values()].find(({ item }) => item === neighbour);
    (next?.remove ?? frame.panel).focus();
  }

  function showSums() {
    const held = heldOf(own);
    const amounts = held.map((seat) => priceIn(parts.amountOf(seat) ?? null)).filter((price) => price !== null);
    const total = amounts.length ? parts.money(amounts.reduce((all, price) => all + price, 0)) : '';
    // What goes must not take the focus along: not the last entry, not the button that gave everything back.
    if (!own.length && frame.panel.matches(':focus-within')) frame.panel.focus();
    if (own.length < 2 && frame.giveBackAll.matches(':focus')) frame.panel.focus();
    frame.panel.toggleAttribute('data-empty', own.length === 0);
    frame.panel.hidden = parts.readOnly === true && own.length === 0;
    setText(frame.count, String(own.length));
    setText(frame.lineCount, texts.t('own.seats', { count: own.length }));
    for (const place of frame.totals) setText(place, total);
    frame.sum.hidden = !total;
    frame.extend.setAttribute('aria-disabled', String(!held.some(({ expiresAt }) => expiresAt !== null)));
    frame.giveBackAll.setAttribute('aria-disabled', String(!held.length));
    if (held.length) setText(frame.giveBackAll, texts.t('own.giveBackAll', { count: held.length }));
    frame.giveBackAll.hidden = own.length < 2;
  }

  function showTimes() {
    const now = parts.now();
    const deadlines = heldOf(own).map(({ expiresAt }) => expiresAt);
    for (const entry of entries.values()) entry.tick(now, urgentMs);
    const rest = timeLeft(firstDeadline(heldOf(own)), now);
    setText(frame.lineLeft, rest === null ? '' : wholeSeconds(rest));
    frame.line.toggleAttribute('data-urgent', rest !== null && rest <= urgentMs);
    return untilNextSecond(deadlines, now);
  }

  onceAtATime(frame.extend, parts.extend);
  frame.giveBackAll.addEventListener('click', () => {
    const held = heldOf(own);
    if (held.length) parts.giveBack(held.map(({ seatId }) => seatId));
  });
  host.append(frame.panel);
  signal.addEventListener('abort', () => frame.panel.remove());
  update([]);
  return { update, focus: () => frame.panel.focus() };
}

/** @param {Own[]} own */
function heldOf(own) {
  return own.filter(({ phase }) => phase === 'held');
}

/**
 * Runs an action on clicks, but not again before its answer has come.
 * @param {HTMLButtonElement} button
 * @param {() => Promise<unknown>} action
 */
export function onceAtATime(button, action) {
  button.addEventListener('click', async () => {
    if (button.ariaDisabled === 'true' || button.ariaBusy === 'true') return;
    button.ariaBusy = 'true';
    try {
      await action();
    } finally {
      button.ariaBusy = 'false';
    }
  });
}

/** @param {import('../../texts/texts.js').Texts} texts */
function createFrame({ t }) {
  const count = html('span', { class: 'count' });
  const [lineCount, lineTotal, lineLeft] = ['line-count', 'line-total price', 'line-left'].map((name) => html('span', { class: name }));
  const line = html('button', { type: 'button', class: 'own-line', 'aria-expanded': 'false', 'aria-controls': 'own-body' }, lineCount, lineTotal, lineLeft, icon('fold'));
  const list = html('ul', { class: 'own-list' });
  const total = html('strong', { class: 'price' });
  const sum = html('p', { class: 'sum' }, html('span', {}, t('own.total')), total);
  const extend = html('button', { type: 'button', class: 'primary', 'data-action': 'extend' }, t('own.extend'));
  const giveBackAll = html('button', { type: 'button', 'data-action': 'give-back-all' });
  const actions = html('div', { class: 'own-actions' }, extend, giveBackAll, html('slot', { name: 'actions' }));
  const body = html('div', { class: 'own-body', id: 'own-body' }, list, sum, actions);
  const title = html('h2', { id: 'own-title' }, t('own.title'), ' ', count);
  const hint = html('p', { class: 'hint' }, t('own.hint'));
  const panel = html('section', { class: 'own', part: 'own', 'data-part': 'own', 'aria-labelledby': 'own-title', tabindex: '-1' }, title, hint, line, body);
  line.addEventListener('click', () => {
    const open = panel.toggleAttribute('data-open');
    line.setAttribute('aria-expanded', String(open));
  });
  return { panel, count, line, lineCount, lineLeft, list, sum, totals: [total, lineTotal], extend, giveBackAll };
}
