/**
 * One SVG element per seat, each patched only when its own seat changes.
 *
 * It knows how a seat looks in a state, not why it is in it. Its facts in the DOM are `data-seat`,
 * `data-index` and `data-status`.
 * @module
 */

import { svg } from './elements.js';
import { shapeOf } from './shapes.js';
import { seatText } from './words.js';

/** @typedef {import('../model/shown.js').ShownStatus} ShownStatus */
/** @typedef {import('../model/plan.js').Seat} Seat */

/**
 * @param {import('../model/plan.js').SeatPlan} plan
 * @param {(seat: Seat) => string} priceOf
 */
export function createSeatLayer(plan, priceOf) {
  /** @type {SVGPathElement[]} */
  const elements = [];
  /** @type {(ShownStatus | null)[]} */
  const shown = plan.seats.map(() => null);
  const layer = svg('g', { class: 'seats' });
  for (const row of plan.rows) {
    const group = svg('g', { role: 'group', 'aria-label': row.name });
    for (const seat of row.seats) {
      const element = drawSeat(seat);
      elements.push(element);
      group.append(element);
    }
    layer.append(group);
  }

  return {
    layer,

    /** @param {number} index */
    elementOf: (index) => elements[index],

    /**
     * Shows a seat in a state; costs nothing when it is shown so already.
     * @param {number} index
     * @param {ShownStatus} status
     */
    show(index, status) {
      if (shown[index] === status) return;
      shown[index] = status;
      const seat = plan.seats[index];
      const element = elements[index];
      element.setAttribute('data-status', status);
      element.setAttribute('d', shapeOf(status, seat.radius));
      element.setAttribute('aria-label', seatText(seat, status, priceOf(seat)));
      element.setAttribute('aria-pressed', String(status === 'selected'));
    },
  };
}

/** @param {Seat} seat */
function drawSeat(seat) {
  return svg('path', {
    'data-seat': seat.id,
    'data-index': seat.index,
    transform: `translate(${seat.x} ${seat.y})`,
    color: seat.color,
    role: 'button',
    tabindex: -1,
  });
}

/**
 * The seat that an event happened on.
 * @param {EventTarget | null} target
 * @returns {number | null} its index
 */
export function seatIndexOf(target) {
  const element = target instanceof Element ? target.closest('[data-index]') : null;
  return element ? Number(element.getAttribute('data-index')) : null;
}
