/**
 * The map by keyboard: two transparent buttons, one of them over the current seat.
 *
 * The map itself is a picture. What has the focus, has a name and can be pressed is a button that lies over the seat;
 * there are two because a screen reader reads a name when the focus moves, not when a name changes. Invariant: exactly
 * one of them is in the tab order, and it names the current seat.
 * @module
 */

import { nextSeat } from '../../model/neighbours.js';
import { html } from '../elements.js';

/** @typedef {import('../../model/plan.js').Seat} Seat */

/** @type {Record<string, import('../../model/neighbours.js').Direction>} */
const ARROWS = { ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down' };
const ZOOM_STEP = 1.4;

/**
 * @typedef {object} CursorParts
 * @property {HTMLElement} host lies over the map, and is as large
 * @property {import('../../model/plan.js').SeatPlan} plan
 * @property {import('../map/map-view.js').MapView} map
 * @property {string} helpId of the element that explains the keys
 * @property {(index: number) => string} textOf everything about a seat
 * @property {(index: number) => boolean} isOwn
 * @property {(index: number) => void} chosen
 * @property {(index: number | null) => void} focused
 * @property {AbortSignal} signal
 */

/** @param {CursorParts} parts */
export function createMapCursor({ host, plan, map, helpId, textOf, isOwn, chosen, focused, signal }) {
  const buttons = [makeButton(), makeButton()];
  let active = 0;
  let current = 0;
  host.replaceChildren(...buttons);
  makeCurrent(0);

  function makeButton() {
    return html('button', { type: 'button', class: 'cursor', tabindex: '-1', 'aria-describedby': helpId });
  }

  /** @param {number} index */
  function makeCurrent(index) {
    current = index;
    describe();
    place();
  }

  /** @param {Seat | null | undefined} seat */
  function goTo(seat) {
    if (!seat || seat.index === current) return;
    active = 1 - active;
    makeCurrent(seat.index);
    buttons[active].focus({ preventScroll: true });
  }

  function describe() {
    if (!plan.seats.length) return;
    const button = buttons[active];
    setAttribute(button, 'aria-label', textOf(current));
    setAttribute(button, 'aria-pressed', String(isOwn(current)));
    setAttribute(button, 'data-seat-focus', plan.seats[current].id);
    setAttribute(button, 'tabindex', '0');
    const other = buttons[1 - active];
    setAttribute(other, 'tabindex', '-1');
    setAttribute(other, 'aria-hidden', 'true');
    button.removeAttribute('aria-hidden');
  }

  function place() {
    if (!plan.seats.length) return;
    const { x, y, radius } = map.placeOf(current);
    const half = Math.max(radius, 4);
    const { style } = buttons[active];
    style.width = style.height = `${2 * half}px`;
    style.transform = `translate(${x - half}px, ${y - half}px)`;
  }

  function onKey(/** @type {KeyboardEvent} */ event) {
    if (event.altKey || event.ctrlKey || event.metaKey || !act(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
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
    else if (key === '+' || key === '=') map.zoomBy(ZOOM_STEP);
    else if (key === '-') map.zoomBy(1 / ZOOM_STEP);
    else if (key === '0') map.fit();
    else return false;
    return true;
  }

  /** @param {Seat} seat */
  function rowOf(seat) {
    return plan.rows.find((row) => row.seats.includes(seat));
  }

  function onFocus() {
    describe();
    map.setCurrent(current);
    map.reveal(current);
    focused(current);
  }

  function onBlur() {
    map.setCurrent(null);
    focused(null);
  }

  host.addEventListener('keydown', onKey, { signal });
  host.addEventListener('focusin', onFocus, { signal });
  host.addEventListener('focusout', onBlur, { signal });
  host.addEventListener('click', () => chosen(current), { signal });

  return {
    place,

    /** @param {number[] | 'all'} indices seats that may look different now */
    update(indices) {
      if (indices === 'all' || indices.includes(current)) describe();
    },

    /** @returns {number | null} the seat that has the focus */
    focusedSeat: () => (host.contains(/** @type {ShadowRoot} */ (host.getRootNode()).activeElement) ? current : null),

    /**
     * Makes a seat the one that the next press of Tab leads to.
     * @param {number} index
     */
    setCurrent(index) {
      if (host.contains(/** @type {ShadowRoot} */ (host.getRootNode()).activeElement)) goTo(plan.seats[index]);
      else makeCurrent(index);
    },
  };
}

/**
 * @param {Element} element
 * @param {string} name
 * @param {string} value
 */
function setAttribute(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}
