/**
 * What seats and rows are called, and what is said about the state of one.
 *
 * The plan's own labels come first; the catalogue's words stand in where it has none.
 * @module
 */

import { capital } from './capital.js';

/** @typedef {import('../model/shown.js').ShownStatus} ShownStatus */
/** @typedef {Pick<import('../model/plan.js').Seat, 'zone' | 'row' | 'number' | 'rowLabel' | 'seatLabel'>} NamedSeat */
/** @typedef {Pick<import('../model/plan.js').Row, 'number' | 'label'>} NamedRow */

/**
 * @param {import('./catalogue.js').Translate} t
 * @param {import('./formats.js').Formats} formats
 * @param {string} locale
 */
export function createSeatWords(t, formats, locale) {
  /**
   * @param {string | null} label
   * @param {string} number
   */
  function rowWords(label, number) {
    return label ?? (number && t('seat.row', { number }));
  }

  /**
   * Zone, row and seat: `Floor, row A, seat 1`.
   * @param {NamedSeat} seat
   */
  function seatName(seat) {
    const number = seat.seatLabel ?? t('seat.seat', { number: seat.number });
    return capital(joined([seat.zone, rowWords(seat.rowLabel, seat.row), number]), locale);
  }

  /** @param {ShownStatus} shown */
  const status = (shown) => t(`status.${shown}`);

  /** @param {string[]} parts */
  const joined = (parts) => parts.filter(Boolean).join(t('seat.separator'));

  return {
    seatName,
    status,

    /**
     * The row alone, without its zone: `Row A`.
     * @param {NamedRow} row
     */
    rowName: (row) => capital(rowWords(row.label, row.number) || t('seat.rowless'), locale),

    /**
     * Several names in one sentence.
     * @param {readonly string[]} names
     */
    seatNames: (names) => names.join(t('seat.listSeparator')),

    /**
     * Everything about a seat in one line, as a screen reader says it.
     * @param {NamedSeat} seat
     * @param {ShownStatus} shown
     * @param {string} priceText may be empty
     */
    seatText: (seat, shown, priceText) => joined([seatName(seat), status(shown), priceText]),

    /**
     * What choosing a seat that cannot be had is answered with.
     * @param {NamedSeat} seat
     * @param {ShownStatus} shown
     * @param {string | null} deadline RFC 3339
     * @param {number} now milliseconds
     */
    unavailable(seat, shown, deadline, now) {
      const words = { seat: seatName(seat), status: status(shown) };
      if (shown !== 'locked' || !deadline) return t('seat.unavailable', words);
      return t('seat.unavailableUntil', { ...words, time: formats.recentTime(deadline, now) });
    },
  };
}
