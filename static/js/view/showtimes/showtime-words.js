/**
 * A showtime in words that several pages use: what its seats cost, how many are free.
 *
 * It touches no DOM.
 * @module
 */

import { priceRange } from '../../model/price-range.js';

/** @typedef {import('../../texts/texts.js').Texts} Texts */
/** @typedef {import('../../model/wire.js').Showtime} Showtime */

/**
 * @param {Texts} texts
 * @param {Showtime} showtime
 * @returns {string} empty when nothing has a price
 */
export function pricesText(texts, { prices, currency }) {
  const range = priceRange(prices);
  if (!range) return '';
  const money = texts.money(currency);
  if (range.least === range.most) return money(range.least);
  return texts.t('showtimes.prices', { least: money(range.least), most: money(range.most) });
}

/**
 * @param {Texts} texts
 * @param {number} free
 */
export function freeText(texts, free) {
  return free ? texts.t('showtimes.free', { count: free }) : texts.t('showtimes.soldOut');
}
