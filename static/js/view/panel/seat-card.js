/**
 * The card of one seat: name, category, price, state and deadline in words.
 *
 * Beside the seat for mouse and keyboard, where it can be pointed at and Escape puts it away; for a finger a sheet at the
 * edge of the frame that leaves the seat in sight and has the action on a button. Screen readers have the same words at
 * the seat itself. It decides nothing about a seat: choosing is reported.
 * @module
 */

import { untilNextSecond, wholeSeconds } from '../../model/countdown.js';
import { besideSpot, edgeAwayFrom } from '../../model/placement.js';
import { timeLeft } from '../../model/time.js';
import { html } from '../elements.js';
import { icon } from './icons.js';
import { setText } from './own-entry.js';
import { createTicker } from './ticker.js';

/** @typedef {import('../../model/shown.js').ShownStatus} ShownStatus */
/** @typedef {{ x: number, y: number, radius: number }} Spot in CSS pixels from the frame's left top corner */

/**
 * @typedef {object} SeatFacts
 * @property {string} name
 * @property {string} category
 * @property {string | null} color
 * @property {string} price
 * @property {ShownStatus} status
 * @property {string | null} deadline
 */

/**
 * @typedef {object} SeatCardParts
 * @property {HTMLElement} host the positioned frame of the map
 * @property {import('../../texts/texts.js').Texts} texts
 * @property {(index: number) => SeatFacts} factsOf
 * @property {(index: number) => Spot} placeOf
 * @property {(index: number) => void} chosen the button of the sheet was pressed
 * @property {(canvas: HTMLCanvasElement, status: ShownStatus, color: string | null) => void} drawSwatch
 * @property {() => number} now the server's time in milliseconds
 * @property {boolean} [readOnly] whether nothing is to be offered
 * @property {AbortSignal} signal
 */

/** The pointer has this long to move from a seat to its card. */
const LEAVE_MS = 300;

/** @param {SeatCardParts} parts */
export function createSeatCard(parts) {
  const { host, texts, signal } = parts;
  const frame = createFrame(texts);
  const { card } = frame;
  /** @type {number | null} */
  let current = null;
  /** @type {number | null} the seat that Escape was pressed at */
  let dismissed = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let leaving;
  const tick = createTicker(write, signal);

  /**
   * Shows the card of a seat; of none after a moment, in which the pointer may reach the card.
   * @param {number | null} index
   * @param {{ touch?: boolean }} [options]
   */
  function show(index, { touch = false } = {}) {
    clearTimeout(leaving);
    if (index !== dismissed) dismissed = null;
    if (index === null) {
      if (!card.classList.contains('is-sheet')) leaving = setTimeout(leave, LEAVE_MS);
      return;
    }
    if (index === dismissed) return;
    current = index;
    card.classList.toggle('is-sheet', touch);
    card.hidden = false;
    tick();
    place();
  }

  function leave() {
    if (!card.matches(':hover, :focus-within')) hide();
  }

  function hide() {
    clearTimeout(leaving);
    current = null;
    card.hidden = true;
  }

  function write() {
    if (current === null) return null;
    const now = parts.now();
    const facts = parts.factsOf(current);
    setText(frame.name, facts.name);
    setText(frame.category, facts.category);
    setText(frame.price, facts.price);
    setText(frame.state, stateText(facts, now));
    if (frame.drawn !== `${facts.status} ${facts.color}`) {
      frame.drawn = `${facts.status} ${facts.color}`;
      parts.drawSwatch(frame.swatch, facts.status, facts.color);
    }
    card.dataset.status = facts.status;
    offer(facts.status);
    return facts.status === 'selected' ? untilNextSecond([facts.deadline], now) : null;
  }

  /**
   * Offers to hold the seat or to give it back. A button that was pressed stays while its answer is awaited, and with it
   * the focus.
   * @param {ShownStatus} status
   */
  function offer(status) {
    const offers = !parts.readOnly && (status === 'available' || status === 'selected');
    const waits = status === 'pending' && frame.offeredAt === current;
    if (!offers && !waits && frame.act.matches(':focus')) frame.close.focus();
    frame.act.hidden = !offers && !waits;
    frame.act.setAttribute('aria-disabled', String(!offers));
    if (!waits) frame.offeredAt = offers ? current : null;
    if (offers) setText(frame.act, texts.t(status === 'selected' ? 'card.giveBack' : 'card.reserve'));
  }

  /**
   * @param {SeatFacts} facts
   * @param {number} now
   */
  function stateText({ status, deadline }, now) {
    const left = timeLeft(deadline, now);
    const words = texts.status(status);
    if (left === null || deadline === null) return words;
    if (status === 'selected') return texts.t('card.stateLeft', { status: words, time: wholeSeconds(left) });
    return status === 'locked' ? texts.t('card.stateUntil', { status: words, time: texts.recentTime(deadline, now) }) : words;
  }

  function place() {
    if (current === null) return;
    const spot = parts.placeOf(current);
    const box = { width: host.clientWidth, height: host.clientHeight };
    if (card.classList.contains('is-sheet')) {
      card.style.transform = '';
      card.dataset.edge = edgeAwayFrom(spot, card.offsetHeight, box.height);
      return;
    }
    delete card.dataset.edge;
    // A seat that glides into sight gets its card when it is there.
    card.hidden = spot.x < 0 || spot.y < 0 || spot.x > box.width || spot.y > box.height;
    if (card.hidden) return;
    const { x, y } = besideSpot(spot, { width: card.offsetWidth, height: card.offsetHeight }, box);
    card.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
  }

  function onKey(/** @type {KeyboardEvent} */ event) {
    if (event.key !== 'Escape' || current === null) return;
    dismissed = current;
    hide();
  }

  frame.act.addEventListener('click', () => {
    if (current !== null && frame.act.ariaDisabled !== 'true') parts.chosen(current);
  });
  frame.close.addEventListener('click', hide);
  card.addEventListener('pointerenter', () => clearTimeout(leaving));
  card.addEventListener('pointerleave', () => show(null));
  document.addEventListener('keydown', onKey, { signal });
  host.append(card);
  signal.addEventListener('abort', () => {
    clearTimeout(leaving);
    card.remove();
  });

  return {
    show,
    hide,
    /** Takes in that seats have changed. */
    update: tick,
    /** Follows a map that has moved. */
    place,
    /** Draws the swatch anew, for other colours of the page. */
    recolor() {
      frame.drawn = '';
      tick();
    },
    current: () => current,
  };
}

/** @param {import('../../texts/texts.js').Texts} texts */
function createFrame({ t }) {
  const [name, category, price, state] = ['name', 'category', 'price', 'state'].map((part) => html(part === 'name' ? 'strong' : 'span', { class: `card-${part}` }));
  const swatch = html('canvas', { class: 'swatch', width: '48', height: '48', 'aria-hidden': 'true' });
  const act = html('button', { type: 'button', class: 'primary', 'data-action': 'choose' });
  const close = html('button', { type: 'button', class: 'card-close', 'aria-label': t('card.close') }, icon('close'));
  const card = html('div', { class: 'card', part: 'card', 'data-part': 'card', hidden: '' }, swatch, name, category, price, state, act, close);
  return { card, name, category, price, state, swatch, act, close, drawn: '', offeredAt: /** @type {number | null} */ (null) };
}
