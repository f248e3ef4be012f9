/**
 * Whether somebody stands at a screen that nobody is meant to touch: for some seconds after a movement or a key.
 *
 * The style sheet hides pointer and buttons while nobody does.
 * @module
 */

const STAYS_MS = 3_000;

/** @param {{ body: HTMLElement, timers: import('../../live/timers.js').Timers }} parts */
export function watchAttendance({ body, timers }) {
  /** @type {number | undefined} */
  let timer;

  function attended() {
    body.toggleAttribute('data-attended', true);
    timers.clear(timer);
    timer = timers.set(() => body.removeAttribute('data-attended'), STAYS_MS);
  }

  for (const sign of ['pointermove', 'pointerdown', 'keydown']) window.addEventListener(sign, attended);
}
