/**
 * What it means that a visitor chose a seat: it depends on what the seat is at that moment.
 * @module
 */

/** @typedef {import('../../model/shown.js').ShownStatus} ShownStatus */

/** @typedef {'lock' | 'unlock' | 'explain' | 'wait'} Meaning */

/** @type {Record<ShownStatus, Meaning>} */
const MEANINGS = {
  available: 'lock',
  // The server has the last word on whether it is free again.
  lost: 'lock',
  selected: 'unlock',
  locked: 'explain',
  occupied: 'explain',
  blocked: 'explain',
  pending: 'wait',
  unknown: 'wait',
};

/**
 * @param {ShownStatus} status
 * @returns {Meaning}
 */
export function meaningOf(status) {
  return MEANINGS[status];
}
