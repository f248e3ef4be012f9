/**
 * What colours and shapes on the map mean: categories with their prices, and the states of a seat.
 * @module
 */

import { byId, html, svg } from './elements.js';
import { shapeOf } from './shapes.js';
import { STATUS_WORDS } from './words.js';

const RADIUS = 10;

/** @type {import('../model/shown.js').ShownStatus[]} */
const STATES = ['available', 'selected', 'locked', 'occupied', 'blocked'];

/**
 * @param {import('../model/plan.js').SeatPlan} plan
 * @param {(category: string) => string} priceOf
 */
export function drawLegend(plan, priceOf) {
  byId('categories', HTMLElement).replaceChildren(
    ...plan.categories.map(({ name, color }) =>
      html('li', {}, swatch('available', color), html('span', {}, name), html('span', { class: 'price' }, priceOf(name))),
    ),
  );
  byId('states', HTMLElement).replaceChildren(
    ...STATES.map((status) => html('li', {}, swatch(status, null), html('span', {}, STATUS_WORDS[status]))),
  );
}

/**
 * @param {import('../model/shown.js').ShownStatus} status
 * @param {string | null} color
 */
export function swatch(status, color) {
  const path = svg('path', { 'data-status': status, d: shapeOf(status, RADIUS) });
  if (color) path.setAttribute('color', color);
  return svg('svg', { class: 'swatch', viewBox: '-12 -12 24 24', 'aria-hidden': 'true' }, path);
}
