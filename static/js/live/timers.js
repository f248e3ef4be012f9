/**
 * The passage of time as an argument, so that tests can own it.
 * @module
 */

/**
 * @typedef {object} Timers
 * @property {(action: () => void, milliseconds: number) => number} set
 * @property {(timer: number | undefined) => void} clear
 */

/**
 * The timers of a page.
 * @param {Pick<Window, 'setTimeout' | 'clearTimeout'>} scope
 * @returns {Timers}
 */
export function pageTimers(scope) {
  return {
    set: (action, milliseconds) => scope.setTimeout(action, milliseconds),
    clear: (timer) => scope.clearTimeout(timer),
  };
}
