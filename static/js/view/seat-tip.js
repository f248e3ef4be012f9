/**
 * The small card beside the mouse that names the seat under it. Screen readers have the seat's label instead.
 * @module
 */

import { byId } from './elements.js';
import { seatIndexOf } from './seat-layer.js';
import { STATUS_WORDS } from './words.js';

/**
 * @typedef {object} TipParts
 * @property {SVGSVGElement} element
 * @property {import('../model/plan.js').SeatPlan} plan
 * @property {(index: number) => import('../model/shown.js').ShownStatus} statusOf
 * @property {(seat: import('../model/plan.js').Seat) => string} priceOf
 * @property {AbortSignal} signal
 */

/** @param {TipParts} parts */
export function createSeatTip({ element, plan, statusOf, priceOf, signal }) {
  const tip = byId('tip', HTMLElement);
  const name = byId('tip-name', HTMLElement);
  const facts = byId('tip-facts', HTMLElement);

  function onMove(/** @type {PointerEvent} */ event) {
    const index = event.pointerType === 'mouse' && !event.buttons ? seatIndexOf(event.target) : null;
    tip.hidden = index === null;
    if (index === null) return;
    const seat = plan.seats[index];
    name.textContent = seat.name;
    facts.textContent = [seat.category, priceOf(seat), STATUS_WORDS[statusOf(index)]].filter(Boolean).join(' · ');
    place(event);
  }

  function place(/** @type {PointerEvent} */ event) {
    const frame = element.getBoundingClientRect();
    const x = event.clientX - frame.left;
    const y = event.clientY - frame.top;
    const left = x + 16 + tip.offsetWidth > frame.width ? x - 12 - tip.offsetWidth : x + 16;
    const top = y + 16 + tip.offsetHeight > frame.height ? y - 12 - tip.offsetHeight : y + 16;
    tip.style.transform = `translate(${Math.max(0, left)}px, ${Math.max(0, top)}px)`;
  }

  function hide() {
    tip.hidden = true;
  }

  element.addEventListener('pointermove', onMove, { signal });
  element.addEventListener('pointerdown', hide, { signal });
  element.addEventListener('pointerleave', hide, { signal });
}
