/**
 * Money and dates in the visitor's language.
 * @module
 */

/**
 * Makes the formatter of one currency.
 * @param {string} currency ISO 4217; anything else is written after the number
 * @returns {(amount: import('../model/wire.js').Amount | undefined) => string} empty for no price
 */
export function moneyIn(currency) {
  const write = formatterFor(currency);
  return (amount) => {
    if (amount === null || amount === undefined || amount === '') return '';
    const number = Number(amount);
    return Number.isFinite(number) ? write(number) : `${amount} ${currency}`;
  };
}

/** @type {Intl.DateTimeFormatOptions} short enough for a telephone's title bar */
const DAY_AND_TIME = { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', hour: 'numeric', minute: '2-digit' };

/**
 * A showtime's start, with its weekday.
 * @param {string} instant RFC 3339
 */
export function dayAndTime(instant) {
  const date = new Date(instant);
  if (Number.isNaN(date.getTime())) return instant;
  return new Intl.DateTimeFormat(undefined, DAY_AND_TIME).format(date);
}

/**
 * A time of today, to the second.
 * @param {string} instant RFC 3339
 */
export function clockTime(instant) {
  const date = new Date(instant);
  if (Number.isNaN(date.getTime())) return instant;
  return new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(date);
}

/**
 * @param {string} currency
 * @returns {(amount: number) => string}
 */
function formatterFor(currency) {
  try {
    const format = new Intl.NumberFormat(undefined, { style: 'currency', currency });
    return (amount) => format.format(amount);
  } catch {
    const format = new Intl.NumberFormat();
    return (amount) => `${format.format(amount)} ${currency}`;
  }
}
