/**
 * Runs something again whenever it asks for it, and at once when the page is looked at again.
 *
 * Nothing runs while the page is hidden. A wait is never long: timers stand still while a device sleeps.
 * @module
 */

const LONGEST_MS = 10_000;

/**
 * @param {() => number | null} tick answers how long until it wants to run again, in milliseconds; null for not by itself
 * @param {AbortSignal} signal
 * @returns {() => void} runs it now
 */
export function createTicker(tick, signal) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  function run() {
    clearTimeout(timer);
    if (signal.aborted) return;
    const wait = tick();
    if (wait !== null && !document.hidden) timer = setTimeout(run, Math.min(wait, LONGEST_MS));
  }

  document.addEventListener('visibilitychange', run, { signal });
  signal.addEventListener('abort', () => clearTimeout(timer));
  return run;
}
