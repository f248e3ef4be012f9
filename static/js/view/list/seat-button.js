/**
 * One seat of the list: a button that says name, state and price, and shows them.
 *
 * Invariant: it is built once and then only patched, so that it keeps the focus whatever happens to the seat. It is
 * never disabled: who asks for a seat that cannot be had is told why.
 * @module
 */

import { html } from '../elements.js';

/** @typedef {import('../../model/shown.js').ShownStatus} ShownStatus */

/**
 * @typedef {object} SeatLook
 * @property {ShownStatus} status
 * @property {string} label everything about it, for whoever cannot see it
 * @property {string} mark what stands below its number: the price, or why it cannot be had
 * @property {boolean} dimmed
 * @property {boolean} highlighted
 */

/** @type {Record<ShownStatus, { pressed: 'true' | 'false' | null, disabled: boolean }>} */
const ROLES = {
  unknown: { pressed: null, disabled: true },
  available: { pressed: 'false', disabled: false },
  locked: { pressed: null, disabled: true },
  occupied: { pressed: null, disabled: true },
  blocked: { pressed: null, disabled: true },
  selected: { pressed: 'true', disabled: false },
  pending: { pressed: 'false', disabled: true },
  // It may be free again: the server has the last word.
  lost: { pressed: 'false', disabled: false },
};

/** @param {import('../../model/plan.js').Seat} seat */
export function createSeatButton(seat) {
  const button = html(
    'button',
    { type: 'button', class: 'list-seat', tabindex: '-1', 'data-seat': seat.id, 'data-index': String(seat.index) },
    html('span', { class: 'list-seat-number' }, seat.number),
  );
  button.style.setProperty('--list-category', seat.color);
  return button;
}

/**
 * @param {HTMLButtonElement} button
 * @param {SeatLook} look
 */
export function paintSeat(button, { status, label, mark, dimmed, highlighted }) {
  const { pressed, disabled } = ROLES[status];
  set(button, 'data-status', status);
  set(button, 'aria-label', label);
  set(button, 'aria-pressed', pressed);
  set(button, 'aria-disabled', disabled ? 'true' : null);
  set(button, 'data-dimmed', dimmed ? '' : null);
  set(button, 'data-highlighted', highlighted ? '' : null);
  // Drawn by the style sheet: it is in the name as well, and for those who speak to the page the number is the label.
  set(button, 'data-mark', mark);
}

/**
 * Screen readers speak up for every attribute that is written, changed or not.
 * @param {Element} element
 * @param {string} name
 * @param {string | null} value null for none
 */
function set(element, name, value) {
  if (element.getAttribute(name) === value) return;
  if (value === null) element.removeAttribute(name);
  else element.setAttribute(name, value);
}
