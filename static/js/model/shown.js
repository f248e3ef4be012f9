/**
 * What a visitor sees of a seat: the server's state under the visitor's own requests and locks.
 * @module
 */

/**
 * `unknown` until the server has said something, `pending` while it is asked, `lost` for a while after a seat of the
 * visitor's own was lost.
 * @typedef {import('./wire.js').SeatStatus | 'unknown' | 'selected' | 'pending' | 'lost'} ShownStatus
 */

/**
 * @param {import('./wire.js').SeatStatus | null} status the server's; null before it has said something
 * @param {import('./mine.js').OwnSeat | undefined} own
 * @param {boolean} [lost] whether the visitor lost the seat a moment ago
 * @returns {ShownStatus}
 */
export function shownStatus(status, own, lost = false) {
  switch (own?.phase) {
    case undefined:
      return status === null ? 'unknown' : lost ? 'lost' : status;
    case 'locking':
    case 'unlocking':
      return 'pending';
    case 'held':
      return 'selected';
    case 'freed':
      return 'available';
  }
}
