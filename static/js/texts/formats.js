/**
 * Money, dates and spans of time as a locale writes them. Words are elsewhere.
 * @module
 */

/** @typedef {import('../model/wire.js').Amount} Amount */
/** @typedef {(amount: Amount | undefined) => string} WriteMoney empty for no price */
/** @typedef {ReturnType<typeof createFormats>} Formats */

/** @type {Intl.DateTimeFormatOptions} short enough for a telephone's title bar */
const DAY_AND_TIME = { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', hour: 'numeric', minute: '2-digit' };
/** @type {Intl.DateTimeFormatOptions} of a fixed width, since it stands in lines that change every second */
const CLOCK_TIME = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' };
const UNITS = /** @type {const} */ (['hour', 'minute', 'second']);

/** @param {string} locale BCP 47 */
export function createFormats(locale) {
  const dayAndTime = new Intl.DateTimeFormat(locale, DAY_AND_TIME);
  const clockTime = new Intl.DateTimeFormat(locale, CLOCK_TIME);
  const day = new Intl.DateTimeFormat(locale, { dateStyle: 'short' });
  const units = UNITS.map((unit) => new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }));

  return {
    /**
     * Makes the writer of one currency.
     * @param {string} currency ISO 4217; anything else is written after the number
     * @returns {WriteMoney}
     */
    money(currency) {
      const write = writerOf(locale, currency);
      return (amount) => {
        if (amount === null || amount === undefined || amount === '') return '';
        const number = Number(amount);
        return Number.isFinite(number) ? write(number) : `${amount} ${currency}`;
      };
    },

    /**
     * A showtime's start, with its weekday.
     * @param {string} instant RFC 3339
     */
    dayAndTime: (instant) => write(dayAndTime, instant),

    /**
     * A time of day, to the second.
     * @param {string | number} instant RFC 3339, or milliseconds
     */
    clockTime: (instant) => write(clockTime, instant),

    /**
     * A time of day, with its date if that is not today's.
     * @param {string | number} instant RFC 3339, or milliseconds
     * @param {number} now milliseconds
     */
    recentTime(instant, now) {
      const isToday = write(day, instant) === write(day, now);
      return isToday ? write(clockTime, instant) : `${write(day, instant)} ${write(clockTime, instant)}`;
    },

    /**
     * A span in words, for reading aloud: `14 minutes 30 seconds`. Rounded up, so that nothing left means over.
     * @param {number} milliseconds
     */
    span(milliseconds) {
      const total = Math.max(0, Math.ceil(milliseconds / 1000));
      const counts = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
      const said = counts.flatMap((count, place) => (count ? [units[place].format(count)] : []));
      return said.join(' ') || units[2].format(0);
    },
  };
}

/**
 * @param {Intl.DateTimeFormat} format
 * @param {string | number} instant
 */
function write(format, instant) {
  const date = new Date(instant);
  return Number.isNaN(date.getTime()) ? String(instant) : format.format(date);
}

/**
 * @param {string} locale
 * @param {string} currency
 * @returns {(amount: number) => string}
 */
function writerOf(locale, currency) {
  try {
    const format = new Intl.NumberFormat(locale, { style: 'currency', currency });
    return (amount) => format.format(amount);
  } catch {
    const format = new Intl.NumberFormat(locale);
    return (amount) => `${format.format(amount)} ${currency}`;
  }
}
