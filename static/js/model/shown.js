/**
 * What a visitor sees of a seat: the server's state under the visitor's own requests and locks.
 * @module
 */

/** @typedef {import('./wire.js').SeatStatus | 'selected' | 'pending'} ShownStatus */

/**
 * @param {import('./wire.js').SeatStatus} status the server's
 * @param {import('./mine.js').OwnSeat | undefined} own
 * @returns {ShownStatus}
 */
export function shownStatus(status, own) {
  switch (own?.phase) {
    case undefined:
      return status;
    case 'locking':
    case 'unlocking':
      return 'pending';
    case 'held':
      return 'selected';
    case 'freed':
      return 'available';
  }
}
