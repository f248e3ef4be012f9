/**
 * Where the map looks, and how it gets there: at once, in a short glide, or carried on by a flick.
 *
 * It draws nothing and hears no input; time comes as an argument. Invariant: some of the plan is in view, all of it
 * where there is room, and the view has the frame's proportions.
 * @module
 */

import { fit, keepOver, reframe, reveal, zoom } from '../../model/viewbox.js';

/** @typedef {import('../../model/bounds.js').Box} Box */
/** @typedef {import('../../model/plan.js').Point} Point */
/** @typedef {import('../../model/viewbox.js').Size} Size */
/** @typedef {ReturnType<typeof createCamera>} Camera */

/** The radius in pixels that a seat may be enlarged to. */
const LARGEST_RADIUS_PX = 36;
/** A smaller seat cannot be made out, and one of the second size can. */
const LEAST_RADIUS_PX = 6;
const CLEAR_RADIUS_PX = 11;
const GLIDE_MS = 200;
/** How fast a flick slows down: by its e-th part in this time. */
const SLOWING_MS = 160;
/** Pixels per millisecond below which a flick is over. */
const STILL = 0.03;

/**
 * @param {object} parts
 * @param {Box} parts.content
 * @param {number} parts.radius of the smallest seats
 * @param {() => boolean} parts.still whether glides and flicks are unwelcome
 * @param {() => void} parts.moved
 */
export function createCamera({ content, radius, still, moved }) {
  /** @type {Size} */
  let frame = { width: 1, height: 1 };
  let view = fit(content, frame);
  let fitted = true;
  /** @type {{ from: Box, to: Box, since: number | null } | null} */
  let glide = null;
  /** @type {{ x: number, y: number, at: number | null } | null} */
  let flick = null;

  const limits = () => ({ least: (frame.width * radius) / LARGEST_RADIUS_PX, most: fit(content, frame).width * 1.15 });

  /** @param {Box} next */
  function move(next) {
    view = keepOver(next, content);
    moved();
  }

  /** @param {Box} to @param {boolean} smooth */
  function go(to, smooth) {
    flick = null;
    const target = keepOver(to, content);
    glide = smooth && !still() ? { from: view, to: target, since: null } : null;
    if (glide) moved();
    else move(target);
  }

  /** Where the view will be when it comes to rest. */
  const destination = () => glide?.to ?? view;

  /** @param {number} now */
  function stepGlide(now) {
    if (!glide) return;
    glide.since ??= now;
    const part = Math.min(1, (now - glide.since) / GLIDE_MS);
    const eased = 1 - (1 - part) ** 3;
    const { from, to } = glide;
    if (part === 1) glide = null;
    move(part === 1 ? to : between(from, to, eased));
  }

  /** @param {number} now */
  function stepFlick(now) {
    if (!flick) return;
    const passed = now - (flick.at ?? now);
    flick.at = now;
    const kept = Math.exp(-passed / SLOWING_MS);
    const scale = frame.width / view.width;
    const before = view;
    move({ ...view, x: view.x - (flick.x * passed) / scale, y: view.y - (flick.y * passed) / scale });
    flick.x *= kept;
    flick.y *= kept;
    const stuck = passed > 0 && before.x === view.x && before.y === view.y;
    if (stuck || Math.hypot(flick.x, flick.y) < STILL) flick = null;
  }

  return {
    view: () => view,
    destination,
    /** CSS pixels per plan unit. */
    scale: () => frame.width / view.width,
    isFitted: () => fitted,

    /** @param {Size} size */
    resize(size) {
      glide = null;
      view = fitted ? fit(content, size) : reframe(view, frame, size);
      frame = size;
      moved();
    },

    /** @param {boolean} smooth */
    fit(smooth) {
      fitted = true;
      go(fit(content, frame), smooth);
    },

    /**
     * @param {Box} box
     * @param {boolean} smooth
     */
    show(box, smooth) {
      fitted = false;
      const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
      const whole = fit(box, frame);
      go(zoom(whole, 1, middle, limits()), smooth);
    },

    /**
     * @param {number} factor
     * @param {Point} [point] in plan units; the middle when absent
     * @param {boolean} [smooth]
     */
    zoom(factor, point, smooth = false) {
      const start = smooth ? destination() : view;
      const fixed = point ?? { x: start.x + start.width / 2, y: start.y + start.height / 2 };
      fitted = false;
      go(zoom(start, factor, fixed, limits()), smooth);
    },

    /**
     * @param {number} dx pixels
     * @param {number} dy pixels
     */
    pan(dx, dy) {
      const scale = frame.width / view.width;
      fitted = false;
      go({ ...view, x: view.x - dx / scale, y: view.y - dy / scale }, false);
    },

    /** @param {Point} point that comes to the middle */
    centre({ x, y }) {
      fitted = false;
      go({ ...view, x: x - view.width / 2, y: y - view.height / 2 }, false);
    },

    /**
     * @param {number} x pixels per millisecond
     * @param {number} y pixels per millisecond
     */
    flick(x, y) {
      if (still() || Math.hypot(x, y) < STILL * 5) return;
      flick = { x, y, at: null };
      moved();
    },

    /**
     * Ends glides and flicks where they are, as a finger does that touches the map.
     * @returns {boolean} whether there were any
     */
    halt() {
      const wasMoving = glide !== null || flick !== null;
      glide = null;
      flick = null;
      return wasMoving;
    },

    /**
     * Brings a seat into sight, and closer when it is too small to be made out.
     * @param {import('../../model/plan.js').Seat} seat
     * @param {boolean} smooth
     */
    reveal(seat, smooth) {
      const start = destination();
      const size = (seat.radius * frame.width) / start.width;
      const factor = size < LEAST_RADIUS_PX ? CLEAR_RADIUS_PX / size : 1;
      const closer = factor > 1 ? zoom(start, factor, seat, limits()) : start;
      const next = reveal(closer, seat, seat.radius * 4);
      if (next.x === start.x && next.y === start.y && next.width === start.width) return;
      fitted = false;
      go(next, smooth);
    },

    /**
     * Goes on with a glide or a flick.
     * @param {number} now
     * @returns {boolean} whether there is more to come
     */
    step(now) {
      stepGlide(now);
      stepFlick(now);
      return glide !== null || flick !== null;
    },

    isGliding: () => glide !== null,

    /**
     * @param {number} x pixels within the frame
     * @param {number} y pixels within the frame
     * @returns {Point}
     */
    toPlan(x, y) {
      const scale = view.width / frame.width;
      return { x: view.x + x * scale, y: view.y + y * scale };
    },

    /**
     * @param {Point} point
     * @returns {Point} pixels within the frame
     */
    toFrame({ x, y }) {
      const scale = frame.width / view.width;
      return { x: (x - view.x) * scale, y: (y - view.y) * scale };
    },
  };
}

/**
 * @param {Box} from
 * @param {Box} to
 * @param {number} part
 */
function between(from, to, part) {
  /** @param {number} a @param {number} b */
  const mix = (a, b) => a + (b - a) * part;
  return { x: mix(from.x, to.x), y: mix(from.y, to.y), width: mix(from.width, to.width), height: mix(from.height, to.height) };
}
