/**
 * The panel of the visitor's own seats: name, price and time left of each, their sum, extend and remove.
 *
 * Entries are kept by seat id, so that a button keeps its focus while others come and go.
 * @module
 */

import { countdown, timeLeft } from '../model/time.js';
import { byId, html } from './elements.js';

/** @typedef {ReturnType<import('../live/room.js').Room['own']>[number]} Own */
/** @typedef {{ item: HTMLLIElement, left: HTMLElement, remove: HTMLButtonElement, own: Own }} Entry */

/** From here on the time left is shown as urgent, and said once. */
const URGENT_MS = 60_000;

/**
 * @typedef {object} OwnSeatsParts
 * @property {(index: number) => string} nameOf
 * @property {(own: Own) => import('../model/wire.js').Amount | undefined} amountOf
 * @property {(amount: import('../model/wire.js').Amount | undefined) => string} money
 * @property {() => number} now the server's time in milliseconds
 * @property {number} lockSeconds
 * @property {(seatId: string) => void} removed
 * @property {() => void} extended
 * @property {(index: number) => void} pointed
 * @property {(text: string) => void} warned
 * @property {AbortSignal} signal
 */

/** @param {OwnSeatsParts} parts */
export function createOwnSeats(parts) {
  const list = byId('own-list', HTMLElement);
  const panel = byId('own', HTMLElement);
  const sum = byId('own-sum', HTMLElement);
  const total = byId('own-total', HTMLElement);
  const count = byId('own-count', HTMLElement);
  const extend = byId('extend', HTMLButtonElement);
  /** @type {Map<string, Entry>} */
  const entries = new Map();
  const warned = new Set();
  // With locks shorter than a few minutes everything would be urgent from the start.
  const urgentMs = Math.min(URGENT_MS, (parts.lockSeconds * 1000) / 4);

  /** @param {Own[]} seats in plan order */
  function update(seats) {
    const kept = new Set(seats.map((own) => own.seatId));
    for (const [id, entry] of entries) if (!kept.has(id)) drop(id, entry);
    seats.forEach((own, place) => {
      const entry = entries.get(own.seatId) ?? add(own);
      entry.own = own;
      entry.item.dataset.phase = own.phase;
      entry.remove.disabled = own.phase !== 'held';
      if (list.children[place] !== entry.item) list.insertBefore(entry.item, list.children[place] ?? null);
    });
    const held = seats.filter((own) => own.phase === 'held');
    panel.toggleAttribute('data-empty', seats.length === 0);
    count.textContent = String(seats.length);
    const amounts = held.map((own) => Number(parts.amountOf(own) ?? NaN)).filter(Number.isFinite);
    sum.hidden = !amounts.length;
    total.textContent = parts.money(amounts.reduce((all, amount) => all + amount, 0));
    extend.disabled = held.length === 0;
    tick();
  }

  /**
   * @param {Own} own
   * @returns {Entry}
   */
  function add(own) {
    const name = parts.nameOf(own.index);
    const left = html('span', { class: 'countdown' });
    const remove = html('button', { type: 'button', class: 'remove', 'aria-label': `Give back ${name}` }, '×');
    const point = html('button', { type: 'button', class: 'own-name' }, name);
    const price = html('span', { class: 'price' }, parts.money(parts.amountOf(own)));
    const item = html('li', { 'data-own': own.seatId }, point, price, left, remove);
    remove.addEventListener('click', () => parts.removed(own.seatId));
    point.addEventListener('click', () => parts.pointed(own.index));
    const entry = { item, left, remove, own };
    entries.set(own.seatId, entry);
    return entry;
  }

  /**
   * @param {string} id
   * @param {Entry} entry
   */
  function drop(id, entry) {
    const hadFocus = entry.item.contains(document.activeElement);
    entry.item.remove();
    entries.delete(id);
    warned.delete(id);
    if (hadFocus) panel.focus();
  }

  function tick() {
    for (const [id, { own, left, item }] of entries) {
      const rest = own.phase === 'held' ? timeLeft(own.expiresAt, parts.now()) : null;
      setText(left, own.phase === 'locking' ? 'asking …' : own.phase === 'unlocking' ? 'giving back …' : rest === null ? '' : countdown(rest));
      const urgent = rest !== null && rest <= urgentMs;
      item.toggleAttribute('data-urgent', urgent);
      if (!urgent) warned.delete(id);
      if (!urgent || warned.has(id) || rest === 0) continue;
      warned.add(id);
      parts.warned(`${parts.nameOf(own.index)} is yours for ${Math.ceil(rest / 1000)} more seconds.`);
    }
  }

  const ticking = setInterval(tick, 250);
  parts.signal.addEventListener('abort', () => {
    clearInterval(ticking);
    for (const [id, entry] of entries) drop(id, entry);
  });
  extend.addEventListener('click', parts.extended, { signal: parts.signal });
  return { update };
}

/**
 * @param {HTMLElement} element
 * @param {string} text
 */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
