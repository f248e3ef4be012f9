/**
 * The place of a plan that people come to look at.
 *
 * The format does not say which area is the stage. The largest area without a seat on it is taken for it: a stage, a
 * screen, a pitch. Where there is none, the middle of the seats is as good a guess as any.
 * @module
 */

import { cornersOf } from './area.js';

/** @typedef {import('./plan.js').Point} Point */

/**
 * @param {import('./plan.js').SeatPlan} plan
 * @returns {Point}
 */
export function focusOf(plan) {
  const boxes = plan.areas
    .filter(({ outline }) => outline.kind !== 'none')
    .map((area) => boxOf(cornersOf(area)))
    .sort((a, b) => sizeOf(b) - sizeOf(a));
  const stage = boxes.find((box) => sizeOf(box) > 0 && !plan.seats.some((seat) => isIn(seat, box)));
  return middleOf(stage ?? boxOf(plan.seats));
}

/** @typedef {{ left: number, top: number, right: number, bottom: number }} Edges */

/**
 * @param {Point[]} points
 * @returns {Edges}
 */
function boxOf(points) {
  const edges = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const { x, y } of points) {
    edges.left = Math.min(edges.left, x);
    edges.top = Math.min(edges.top, y);
    edges.right = Math.max(edges.right, x);
    edges.bottom = Math.max(edges.bottom, y);
  }
  return edges;
}

/** @param {Edges} box */
function sizeOf({ left, top, right, bottom }) {
  return right > left && bottom > top ? (right - left) * (bottom - top) : 0;
}

/**
 * @param {Point} point
 * @param {Edges} box
 */
function isIn({ x, y }, { left, top, right, bottom }) {
  return x > left && x < right && y > top && y < bottom;
}

/**
 * @param {Edges} box
 * @returns {Point}
 */
function middleOf({ left, top, right, bottom }) {
  return left <= right ? { x: (left + right) / 2, y: (top + bottom) / 2 } : { x: 0, y: 0 };
}
