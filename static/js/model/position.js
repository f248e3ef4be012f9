/**
 * Positions in a showtime's history, written `<epoch>-<seq>`.
 *
 * Positions of different epochs have no order: the history between them is unknown.
 * @module
 */

/** @typedef {{ epoch: string, seq: number }} Position */

const FORM = /^([a-z0-9]{1,32})-(\d{1,16})$/;

/**
 * Reads a position.
 * @param {string | null | undefined} text
 * @returns {Position | null} null when the text is not a position
 */
export function parsePosition(text) {
  const match = FORM.exec(text ?? '');
  if (!match) return null;
  return { epoch: match[1], seq: Number(match[2]) };
}

/**
 * Says whether `a` is known to lie before `b`: same epoch, smaller number.
 * @param {string | null | undefined} a
 * @param {string | null | undefined} b
 */
export function isBefore(a, b) {
  const order = comparePositions(a, b);
  return order !== null && order < 0;
}

/**
 * Orders two positions of one epoch.
 * @param {string | null | undefined} a
 * @param {string | null | undefined} b
 * @returns {number | null} negative, zero or positive; null when they cannot be compared
 */
export function comparePositions(a, b) {
  const left = parsePosition(a);
  const right = parsePosition(b);
  if (!left || !right || left.epoch !== right.epoch) return null;
  return left.seq - right.seq;
}
