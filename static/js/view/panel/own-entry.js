/**
 * One of the visitor's own seats in the panel: its name, price, time left, and the button that gives it back.
 *
 * A button that must wait stays in the order of focus, so that no answer of the server takes the focus away.
 * @module
 */

import { wholeSeconds } from '../../model/countdown.js';
import { timeLeft } from '../../model/time.js';
import { html } from '../elements.js';
import { icon } from './icons.js';

/**
 * @typedef {object} Own
 * @property {string} seatId
 * @property {number} index
 * @property {'locking' | 'held' | 'unlocking' | 'freed'} phase
 * @property {string | null} expiresAt
 * @property {string | null} [lockedAt]
 * @property {import('../../model/wire.js').Amount} price
 */

/**
 * @typedef {object} EntryParts
 * @property {import('../../texts/texts.js').Texts} texts
 * @property {string} name
 * @property {string} price
 * @property {() => void} shown the seat is to be shown on the map
 * @property {() => void} givenBack
 */

/** @typedef {ReturnType<typeof createOwnEntry>} OwnEntry */

/**
 * @param {Own} first
 * @param {EntryParts} parts
 */
export function createOwnEntry(first, { texts, name, price, shown, givenBack }) {
  let own = first;
  const left = html('span', { class: 'countdown', role: 'timer' });
  const show = html('button', { type: 'button', class: 'own-name', title: texts.t('own.show', { seat: name }) }, name);
  const amount = html('span', { class: 'price' }, price);
  const remove = html('button', { type: 'button', class: 'remove', 'aria-label': texts.t('own.giveBack', { seat: name }) }, icon('close'));
  const item = html('li', { 'data-own': first.seatId }, show, amount, left, remove);
  show.addEventListener('click', shown);
  remove.addEventListener('click', () => {
    if (own.phase === 'held') givenBack();
  });

  /** @param {Own} next */
  function update(next) {
    own = next;
    item.dataset.phase = own.phase;
    remove.setAttribute('aria-disabled', String(own.phase !== 'held'));
  }

  /**
   * @param {number} now
   * @param {number} urgentMs
   */
  function tick(now, urgentMs) {
    const rest = own.phase === 'held' ? timeLeft(own.expiresAt, now) : null;
    setText(left, rest === null ? phaseText(own.phase) : wholeSeconds(rest));
    item.toggleAttribute('data-urgent', rest !== null && rest <= urgentMs);
  }

  /** @param {Own['phase']} phase */
  function phaseText(phase) {
    if (phase === 'locking') return texts.t('own.asking');
    return phase === 'held' ? '' : texts.t('own.givingBack');
  }

  update(first);
  return { item, remove, update, tick, setPrice: (/** @type {string} */ text) => setText(amount, text) };
}

/**
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
