/**
 * The seat map: scenery, seats, pan and zoom, pointer and keyboard, in one SVG.
 *
 * It asks what a seat's state is and says which seat was chosen; what follows from that is not known here.
 * @module
 */

import { seatAt } from '../model/neighbours.js';
import { byId } from './elements.js';
import { listenToGestures } from './gestures.js';
import { listenToKeys } from './map-keys.js';
import { drawScenery } from './scenery.js';
import { createSeatLayer, seatIndexOf } from './seat-layer.js';
import { createSeatTip } from './seat-tip.js';
import { createViewport } from './viewport.js';

/** @typedef {import('../model/shown.js').ShownStatus} ShownStatus */

/** Seats smaller than this cannot be aimed at with a finger: a tap looks closer first. */
const AIMABLE_RADIUS_PX = { touch: 5, other: 2 };
const LOOK_CLOSER = 3;
const BUTTON_STEP = 1.5;
/** How far beside a seat a tap or click may land. */
const REACH_PX = { touch: 10, other: 3 };

/**
 * @typedef {object} SeatMapParts
 * @property {import('../model/plan.js').SeatPlan} plan
 * @property {(seat: import('../model/plan.js').Seat) => string} priceOf
 * @property {(index: number) => ShownStatus} statusOf
 * @property {(index: number) => void} chosen
 */

/** @param {SeatMapParts} parts */
export function createSeatMap({ plan, priceOf, statusOf, chosen }) {
  const element = byId('map', SVGSVGElement);
  const ending = new AbortController();
  const { signal } = ending;
  const seats = createSeatLayer(plan, priceOf);
  element.replaceChildren(drawScenery(plan), seats.layer);
  const viewport = createViewport(element, plan);
  listenToGestures(element, viewport, signal);
  listenToKeys({ element, plan, elementOf: seats.elementOf, viewport, chosen, signal });
  createSeatTip({ element, plan, statusOf, priceOf, signal });

  function onClick(/** @type {MouseEvent} */ event) {
    // A click without a pointer comes from assistive technology or a script and means its target.
    if (event.detail === 0) {
      const index = seatIndexOf(event.target);
      if (index !== null) chosen(index);
      return;
    }
    const kind = event instanceof PointerEvent && event.pointerType === 'touch' ? 'touch' : 'other';
    const point = viewport.toPlan(event.clientX, event.clientY);
    const seat = seatAt(plan.seats, point, REACH_PX[kind] / viewport.scale());
    if (!seat) return;
    if (seat.radius * viewport.scale() < AIMABLE_RADIUS_PX[kind]) viewport.zoom(LOOK_CLOSER, point);
    else chosen(seat.index);
  }

  element.addEventListener('click', onClick, { signal });
  byId('zoom-in', HTMLButtonElement).addEventListener('click', () => viewport.zoom(BUTTON_STEP), { signal });
  byId('zoom-out', HTMLButtonElement).addEventListener('click', () => viewport.zoom(1 / BUTTON_STEP), { signal });
  byId('zoom-fit', HTMLButtonElement).addEventListener('click', () => viewport.fit(), { signal });

  return {
    /** @param {number[] | 'all'} indices */
    update(indices) {
      if (indices === 'all') plan.seats.forEach((seat) => seats.show(seat.index, statusOf(seat.index)));
      else for (const index of indices) seats.show(index, statusOf(index));
    },

    /**
     * Brings a seat into view and gives it the focus.
     * @param {number} index
     */
    point(index) {
      viewport.reveal(plan.seats[index]);
      seats.elementOf(index).focus({ preventScroll: true });
    },

    dispose() {
      ending.abort();
      viewport.dispose();
    },
  };
}
