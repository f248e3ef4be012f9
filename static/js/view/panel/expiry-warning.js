/**
 * The bar that warns before the first of the visitor's own locks ends, with the time left and one button for more.
 *
 * It is read out once, when it comes. What is due is decided by `model/warning.js`; whether a seat is lost is the
 * server's word, which others tell. It goes when the seats are extended, given back, or lost.
 * @module
 */

import { untilNextSecond, wholeSeconds } from '../../model/countdown.js';
import { warningAt } from '../../model/warning.js';
import { html } from '../elements.js';
import { icon } from './icons.js';
import { setText } from './own-entry.js';
import { onceAtATime } from './own-seats.js';
import { createTicker } from './ticker.js';

/** @typedef {import('./own-entry.js').Own} Own */

/**
 * @typedef {object} ExpiryWarningParts
 * @property {HTMLElement} host
 * @property {import('../../texts/texts.js').Texts} texts
 * @property {(index: number) => string} nameOf
 * @property {() => number} now the server's time in milliseconds
 * @property {import('../../model/warning.js').LockRules} rules
 * @property {() => Promise<unknown>} extend
 * @property {() => void} gone what had the focus goes
 * @property {(pixels: number) => void} [sized] how high the bar is now, 0 while it is hidden
 * @property {AbortSignal} signal
 */

/** More names than this are a number: the bar is read in a hurry. */
const MOST_NAMES = 2;

/** @param {ExpiryWarningParts} parts */
export function createExpiryWarning(parts) {
  const { host, texts, signal } = parts;
  const frame = createFrame(texts);
  /** @type {Own[]} */
  let own = [];
  /** @type {Map<string, string | null>} deadlines that an extension has left as they were */
  const unmoved = new Map();
  const tick = createTicker(show, signal);

  /** @param {Own[]} seats */
  function update(seats) {
    own = seats;
    tick();
  }

  function show() {
    const now = parts.now();
    const { due, final, over, deadline, wakeAt } = warningAt(own, now, parts.rules);
    if (!due.length && !over.length) hide();
    else {
      const stays = due.every((seat) => final.includes(seat) || unmoved.get(seat.seatId) === seat.expiresAt);
      const left = (deadline ?? now) - now;
      const words = (/** @type {string} */ time) => textOf(due, over, stays, time);
      setText(frame.text, words(wholeSeconds(left)));
      const hadFocus = frame.extend.matches(':focus');
      frame.extend.hidden = stays;
      if (stays && hadFocus) parts.gone();
      // What the bar says comes first: a region that is filled while it is hidden is not read out.
      if (frame.bar.hidden) setText(frame.spoken, words(texts.span(Math.floor(left / 1000) * 1000)));
      frame.bar.hidden = false;
    }
    return soonest(untilNextSecond(due.map(({ expiresAt }) => expiresAt), now), wakeAt === null ? null : wakeAt - now);
  }

  function hide() {
    if (frame.bar.hidden) return;
    const hadFocus = frame.bar.matches(':focus-within');
    frame.bar.hidden = true;
    setText(frame.spoken, '');
    if (hadFocus) parts.gone();
  }

  /**
   * @param {Own[]} due
   * @param {Own[]} over
   * @param {boolean} stays whether no extension can help
   * @param {string} time
   */
  function textOf(due, over, stays, time) {
    if (!due.length) return texts.t('warning.over', { count: over.length, seats: called(over) });
    return texts.t(stays ? 'warning.final' : 'own.warning', { count: due.length, seats: called(due), time });
  }

  /** @param {Own[]} seats */
  function called(seats) {
    const many = seats.length > MOST_NAMES;
    return many ? texts.t('own.seats', { count: seats.length }) : texts.seatNames(seats.map(({ index }) => parts.nameOf(index)));
  }

  async function extend() {
    const before = new Map(own.map(({ seatId, expiresAt }) => [seatId, expiresAt]));
    const outcome = await parts.extend();
    if (!isGranted(outcome)) return;
    for (const { seatId, expiresAt } of own) if (before.get(seatId) === expiresAt) unmoved.set(seatId, expiresAt);
    tick();
  }

  onceAtATime(frame.extend, extend);
  // Above whatever is told or listed in the same place.
  host.prepend(frame.bar, frame.spoken);
  const sizes = new ResizeObserver(() => parts.sized?.(frame.bar.offsetHeight));
  sizes.observe(frame.bar);
  signal.addEventListener('abort', () => {
    sizes.disconnect();
    frame.bar.remove();
    frame.spoken.remove();
  });
  return { update };
}

/**
 * @param {unknown} outcome
 */
function isGranted(outcome) {
  return typeof outcome === 'object' && outcome !== null && 'ok' in outcome && outcome.ok === true;
}

/**
 * @param {number | null} a
 * @param {number | null} b
 */
function soonest(a, b) {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}

/** @param {import('../../texts/texts.js').Texts} texts */
function createFrame({ t }) {
  const text = html('p', { id: 'warning-text' });
  const extend = html('button', { type: 'button', class: 'primary', 'data-action': 'keep', 'aria-describedby': 'warning-text' }, t('own.extend'));
  const bar = html('div', { class: 'warning', part: 'warning', 'data-part': 'warning', role: 'group', 'aria-labelledby': 'warning-text', hidden: '' }, icon('clock'), text, extend);
  return { bar, text, extend, spoken: html('div', { class: 'unseen', 'aria-live': 'assertive' }) };
}
