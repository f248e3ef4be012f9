/**
 * Which of several showtimes a screen shows, each for its turn.
 *
 * It has no clock and no timer, each call says what time it is. Invariant: a page that slept goes on with the next one;
 * it never runs through those it missed.
 * @module
 */

/** @typedef {ReturnType<typeof createRotation>} Rotation */

/** @param {number} turnMs */
export function createRotation(turnMs) {
  /** @type {string[]} */
  let ids = [];
  /** @type {string | null} */
  let current = null;
  let turnedAt = 0;
  let paused = false;

  /**
   * @param {string | null} id
   * @param {number} now
   */
  function show(id, now) {
    current = id;
    turnedAt = now;
  }

  return {
    /**
     * Takes over what there is to show; what is shown stays, and when it is gone the one after it follows.
     * @param {readonly string[]} newIds
     * @param {number} now milliseconds
     */
    setIds(newIds, now) {
      const place = current === null ? 0 : ids.indexOf(current);
      ids = [...newIds];
      if (current !== null && ids.includes(current)) return;
      show(ids.length ? ids[place % ids.length] : null, now);
    },

    /**
     * @param {number} now milliseconds
     * @returns {string | null} the one to show, null when there is none
     */
    at(now) {
      if (now < turnedAt) turnedAt = now;
      if (!paused && ids.length > 1 && now - turnedAt >= turnMs) show(neighbour(ids, current, 1), now);
      return current;
    },

    /**
     * Shows the next or the one before at once.
     * @param {1 | -1} step
     * @param {number} now
     */
    step(step, now) {
      if (ids.length) show(neighbour(ids, current, step), now);
    },

    /**
     * @param {boolean} isPaused
     * @param {number} now a turn that was paused begins anew
     */
    setPaused(isPaused, now) {
      paused = isPaused;
      turnedAt = now;
    },

    /**
     * @param {number} now
     * @returns {number | null} milliseconds until the next turn, null when none comes by itself
     */
    next(now) {
      return paused || ids.length < 2 ? null : Math.max(0, turnedAt + turnMs - now);
    },
  };
}

/**
 * @param {readonly string[]} ids
 * @param {string | null} current
 * @param {number} step
 */
function neighbour(ids, current, step) {
  return ids[(ids.indexOf(current ?? '') + step + ids.length) % ids.length];
}
