/**
 * Whether the visitor of a shared screen is still there: present, asked, or gone.
 *
 * It has no clock and no timer, each call says what time it is; so a page that slept is judged right at its first
 * event. Invariant: once a visit is over, nothing but `begin` brings one back, above all not the touch of the next visitor.
 * @module
 */

/**
 * @typedef {{ phase: 'nobody' }
 *   | { phase: 'present', checkIn: number }
 *   | { phase: 'asking', left: number, checkIn: number }
 *   | { phase: 'over' }} Presence `checkIn`: milliseconds after which to look again; `left`: until the visit is over
 */

/** @typedef {ReturnType<typeof createIdle>} Idle */

const SECOND = 1_000;

/** @param {{ idleMs: number, askMs: number }} times without a sign, and then to answer the question */
export function createIdle({ idleMs, askMs }) {
  /** @type {number | null} */
  let lastSign = null;

  /**
   * @param {number} now milliseconds
   * @returns {Presence}
   */
  function at(now) {
    if (lastSign === null) return { phase: 'nobody' };
    // A clock that was set back must not give a visit hours more.
    lastSign = Math.min(lastSign, now);
    const silent = now - lastSign;
    if (silent < idleMs) return { phase: 'present', checkIn: idleMs - silent };
    const left = idleMs + askMs - silent;
    if (left > 0) return { phase: 'asking', left, checkIn: left % SECOND || SECOND };
    return { phase: 'over' };
  }

  return {
    at,

    /** A visit begins. @param {number} now */
    begin(now) {
      lastSign = now;
    },

    /** The visitor did something. While the question stands only its answer counts. @param {number} now */
    sign(now) {
      if (at(now).phase === 'present') lastSign = now;
    },

    /** The visitor answers the question. @param {number} now */
    stay(now) {
      if (at(now).phase !== 'over' && lastSign !== null) lastSign = now;
    },

    /** The visit has ended. */
    end() {
      lastSign = null;
    },
  };
}
