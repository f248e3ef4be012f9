/**
 * The part of the plan that is seen: applies view boxes to the SVG, once per frame at most.
 *
 * It hears no input; gestures, keys and buttons call it.
 * @module
 */

import { fit, keepOver, reframe, reveal, zoom } from '../model/viewbox.js';

/** @typedef {import('../model/viewbox.js').Box} Box */
/** @typedef {import('../model/viewbox.js').Point} Point */
/** @typedef {ReturnType<typeof createViewport>} Viewport */

/** The radius in pixels that a seat may be enlarged to. */
const LARGEST_RADIUS_PX = 36;
/** A smaller seat cannot be made out, and one of the second size can. */
const LEAST_RADIUS_PX = 4;
const CLEAR_RADIUS_PX = 9;

/**
 * @param {SVGSVGElement} element
 * @param {import('../model/plan.js').SeatPlan} plan
 */
export function createViewport(element, plan) {
  const radius = Math.min(...new Set(plan.seats.map((seat) => seat.radius))) || 10;
  let frame = frameOf(element);
  let box = fit(plan.bounds, frame);
  let fitted = true;
  let scheduled = false;

  function draw() {
    if (scheduled) return;
    scheduled = true;
    requestAnimationFrame(() => {
      scheduled = false;
      element.setAttribute('viewBox', `${box.x} ${box.y} ${box.width} ${box.height}`);
    });
  }

  function move(/** @type {Box} */ next) {
    box = keepOver(next, plan.bounds);
    fitted = false;
    draw();
  }

  const resizes = new ResizeObserver(() => {
    const next = frameOf(element);
    box = fitted ? fit(plan.bounds, next) : reframe(box, frame, next);
    frame = next;
    draw();
  });
  resizes.observe(element);
  draw();

  return {
    fit() {
      box = fit(plan.bounds, frame);
      fitted = true;
      draw();
    },

    /**
     * @param {number} factor
     * @param {Point} [point] in plan units; the middle when absent
     */
    zoom(factor, point = { x: box.x + box.width / 2, y: box.y + box.height / 2 }) {
      const most = fit(plan.bounds, frame).width * 1.2;
      move(zoom(box, factor, point, { least: (frame.width * radius) / LARGEST_RADIUS_PX, most }));
    },

    /**
     * @param {number} dx pixels
     * @param {number} dy pixels
     */
    pan(dx, dy) {
      const scale = box.width / frame.width;
      move({ ...box, x: box.x - dx * scale, y: box.y - dy * scale });
    },

    /**
     * Brings a seat into sight, and closer when it is too small to be made out.
     * @param {import('../model/plan.js').Seat} seat
     */
    reveal(seat) {
      const size = (seat.radius * frame.width) / box.width;
      const factor = size < LEAST_RADIUS_PX ? CLEAR_RADIUS_PX / size : 1;
      const closer = zoom(box, factor, seat, { least: 0, most: Infinity });
      const next = reveal(closer, seat, seat.radius * 3);
      if (next.x !== box.x || next.y !== box.y || factor > 1) move(next);
    },

    /**
     * Where a place on the screen lies on the plan.
     * @param {number} clientX
     * @param {number} clientY
     * @returns {Point}
     */
    toPlan(clientX, clientY) {
      const rect = element.getBoundingClientRect();
      const scale = box.width / frame.width;
      return { x: box.x + (clientX - rect.left) * scale, y: box.y + (clientY - rect.top) * scale };
    },

    /** Pixels per plan unit. */
    scale: () => frame.width / box.width,

    dispose: () => resizes.disconnect(),
  };
}

/** @param {SVGSVGElement} element */
function frameOf(element) {
  return { width: Math.max(1, element.clientWidth), height: Math.max(1, element.clientHeight) };
}
