/**
 * The time of day by the server's clock, since a foyer screen's own is seldom set right.
 * @module
 */

const MINUTE = 60_000;

/** @param {{ place: HTMLTimeElement, locale: string, timers: import('../../live/timers.js').Timers, now: () => number }} parts */
export function runClock({ place, locale, timers, now }) {
  const format = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' });
  /** @type {number | undefined} */
  let timer;

  function show() {
    timers.clear(timer);
    const instant = now();
    const text = format.format(instant);
    if (place.textContent !== text) place.textContent = text;
    place.dateTime = new Date(instant).toISOString();
    timer = timers.set(show, MINUTE - (instant % MINUTE));
  }

  document.addEventListener('visibilitychange', show);
  show();
  return { update: show };
}
