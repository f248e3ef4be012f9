/**
 * The map by keyboard: one seat at a time takes part in the tab order, arrows move to its neighbours.
 * @module
 */

import { nextSeat } from '../model/neighbours.js';
import { seatIndexOf } from './seat-layer.js';

/** @typedef {import('../model/plan.js').Seat} Seat */

/** @type {Record<string, import('../model/neighbours.js').Direction>} */
const ARROWS = { ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down' };
const STEP = 1.4;

/**
 * @typedef {object} KeyParts
 * @property {SVGSVGElement} element
 * @property {import('../model/plan.js').SeatPlan} plan
 * @property {(index: number) => SVGElement} elementOf
 * @property {import('./viewport.js').Viewport} viewport
 * @property {(index: number) => void} chosen
 * @property {AbortSignal} signal
 */

/** @param {KeyParts} parts */
export function listenToKeys({ element, plan, elementOf, viewport, chosen, signal }) {
  let current = 0;

  /** @param {number} index */
  function makeCurrent(index) {
    elementOf(current)?.setAttribute('tabindex', '-1');
    current = index;
    elementOf(current)?.setAttribute('tabindex', '0');
  }

  /** @param {Seat | null | undefined} seat */
  function goTo(seat) {
    if (!seat) return;
    makeCurrent(seat.index);
    elementOf(seat.index).focus({ preventScroll: true });
  }

  function onKey(/** @type {KeyboardEvent} */ event) {
    if (event.altKey || event.ctrlKey || event.metaKey || !act(event.key)) return;
    event.preventDefault();
  }

  /**
   * @param {string} key
   * @returns {boolean} whether the key means something here
   */
  function act(key) {
    const seat = plan.seats[current];
    if (ARROWS[key]) goTo(nextSeat(plan.seats, seat, ARROWS[key]));
    else if (key === 'Home') goTo(rowOf(seat)?.seats.at(0));
    else if (key === 'End') goTo(rowOf(seat)?.seats.at(-1));
    else if (key === 'Enter' || key === ' ') chosen(current);
    else if (key === '+' || key === '=') viewport.zoom(STEP, seat);
    else if (key === '-') viewport.zoom(1 / STEP, seat);
    else if (key === '0') viewport.fit();
    else return false;
    return true;
  }

  /** @param {Seat} seat */
  function rowOf(seat) {
    return plan.rows.find((row) => row.seats.includes(seat));
  }

  function onFocus(/** @type {FocusEvent} */ event) {
    const index = seatIndexOf(event.target);
    if (index === null) return;
    makeCurrent(index);
    if (event.target instanceof Element && event.target.matches(':focus-visible')) viewport.reveal(plan.seats[index]);
  }

  makeCurrent(0);
  element.addEventListener('keydown', onKey, { signal });
  element.addEventListener('focusin', onFocus, { signal });
}
