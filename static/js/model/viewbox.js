/**
 * Pan and zoom as arithmetic on a view box. Every box has the frame's proportions, so that one factor turns
 * plan units into pixels.
 * @module
 */

/** @typedef {import('./bounds.js').Box} Box */
/** @typedef {import('./plan.js').Point} Point */
/** @typedef {{ width: number, height: number }} Size in pixels */

/** The smallest box that holds all of `content` with a margin around it.
 * @param {Box} content
 * @param {Size} frame
 * @returns {Box}
 */
export function fit(content, frame) {
  const margin = Math.max(content.width, content.height) * 0.03;
  const scale = Math.max((content.width + 2 * margin) / frame.width, (content.height + 2 * margin) / frame.height);
  return around(centreOf(content), scale, frame);
}

/**
 * Makes what is seen `factor` times larger while `point` stays where it is, within limits.
 * @param {Box} box
 * @param {number} factor
 * @param {Point} point
 * @param {{ least: number, most: number }} widths of the box
 * @returns {Box}
 */
export function zoom(box, factor, point, { least, most }) {
  const width = Math.min(Math.max(box.width / factor, Math.min(least, most)), most);
  const ratio = width / box.width;
  return {
    x: point.x - (point.x - box.x) * ratio,
    y: point.y - (point.y - box.y) * ratio,
    width,
    height: box.height * ratio,
  };
}

/**
 * Moves the box so that what is looked at stays in sight: all of the content where the box is large enough for it, and
 * the closer one looks, the nearer to the box's middle an edge of the content may come.
 * @param {Box} box
 * @param {Box} content
 * @returns {Box}
 */
export function keepOver(box, content) {
  return {
    ...box,
    x: held(box.x, box.width, content.x, content.width),
    y: held(box.y, box.height, content.y, content.height),
  };
}

/**
 * @param {number} at where the box begins
 * @param {number} length of the box
 * @param {number} from where the content begins
 * @param {number} extent of the content
 */
function held(at, length, from, extent) {
  const spare = Math.abs(extent - length) / 2;
  const range = length < extent ? spare + (length / 2) * (1 - length / extent) : spare;
  const offset = at + length / 2 - (from + extent / 2);
  return from + (extent - length) / 2 + Math.min(range, Math.max(-range, offset));
}

/**
 * Moves the box as little as needed for `point` to be seen, with `margin` plan units around it.
 * @param {Box} box
 * @param {Point} point
 * @param {number} margin
 * @returns {Box}
 */
export function reveal(box, point, margin) {
  const room = Math.min(margin, box.width / 2, box.height / 2);
  const x = Math.min(Math.max(box.x, point.x + room - box.width), point.x - room);
  const y = Math.min(Math.max(box.y, point.y + room - box.height), point.y - room);
  return { ...box, x, y };
}

/**
 * The box with the same middle and scale in a frame of another size.
 * @param {Box} box
 * @param {Size} before
 * @param {Size} after
 * @returns {Box}
 */
export function reframe(box, before, after) {
  return around(centreOf(box), box.width / before.width, after);
}

/**
 * @param {Point} centre
 * @param {number} scale plan units per pixel
 * @param {Size} frame
 * @returns {Box}
 */
function around(centre, scale, frame) {
  const width = frame.width * scale;
  const height = frame.height * scale;
  return { x: centre.x - width / 2, y: centre.y - height / 2, width, height };
}

/** @param {Box} box */
function centreOf(box) {
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}
