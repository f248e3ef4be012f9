/**
 * The shape of a seat in each state, as path data about the origin. Shapes differ so that no state is told by
 * colour alone: disc, ring with a bar, cross, crossed-out square, larger disc with a tick, small disc.
 * @module
 */

/** @typedef {import('../model/shown.js').ShownStatus} ShownStatus */

/** @type {Record<ShownStatus, (radius: number) => string>} */
const SHAPES = {
  available: (r) => disc(r * 0.9),
  locked: (r) => disc(r * 0.9) + disc(r * 0.62) + bar(r),
  occupied: (r) => polygon(r, CROSS),
  blocked: (r) => polygon(r, square(0.72)) + polygon(r, square(0.52)) + polygon(r, SLASH),
  selected: (r) => disc(r * 1.12) + polygon(r, TICK),
  pending: (r) => disc(r * 0.6),
};

const CROSS = [-0.62, -0.44, -0.44, -0.62, 0, -0.18, 0.44, -0.62, 0.62, -0.44, 0.18, 0, 0.62, 0.44, 0.44, 0.62, 0, 0.18, -0.44, 0.62, -0.62, 0.44, -0.18, 0];
const SLASH = [-0.5, 0.5, -0.5, 0.26, 0.26, -0.5, 0.5, -0.5, 0.5, -0.26, -0.26, 0.5];
const TICK = [-0.62, 0.06, -0.42, -0.14, -0.12, 0.16, 0.46, -0.44, 0.66, -0.24, -0.12, 0.56];

/** @type {Map<string, string>} */
const drawn = new Map();

/**
 * @param {ShownStatus} status
 * @param {number} radius
 * @returns {string} the `d` of a path, to be filled by the even-odd rule
 */
export function shapeOf(status, radius) {
  const key = `${status} ${radius}`;
  const known = drawn.get(key);
  if (known) return known;
  const shape = SHAPES[status](radius);
  drawn.set(key, shape);
  return shape;
}

/** @param {number} r */
function disc(r) {
  return `M${-r},0a${r},${r} 0 1,0 ${2 * r},0a${r},${r} 0 1,0 ${-2 * r},0Z`;
}

/** @param {number} r */
function bar(r) {
  return `M${-r * 0.38},${-r * 0.13}h${r * 0.76}v${r * 0.26}h${-r * 0.76}Z`;
}

/** @param {number} half */
function square(half) {
  return [-half, -half, half, -half, half, half, -half, half];
}

/**
 * @param {number} r
 * @param {number[]} coordinates x and y in turn, for radius 1
 */
function polygon(r, coordinates) {
  const scaled = coordinates.map((value) => Math.round(value * r * 100) / 100);
  return `M${scaled.join(' ')}Z`;
}
