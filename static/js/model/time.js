/**
 * The server's clock as seen from here, and the way a countdown is written.
 *
 * The local clock may be wrong by hours; only its steady running is relied on.
 * @module
 */

/** @typedef {{ now(): number, observe(serverTime: string | undefined): void }} ServerClock */

/** How many of the latest observations count. */
const REMEMBERED = 8;

/**
 * Makes a clock that follows the server's.
 *
 * An answer is always older than its arrival, so each observation is too low by its way here, and the
 * highest of the latest ones is the best. Old ones are forgotten because the local clock can be set.
 * @param {() => number} localNow milliseconds
 * @returns {ServerClock}
 */
export function createServerClock(localNow) {
  /** @type {number[]} */
  const offsets = [];
  return {
    now() {
      return localNow() + (offsets.length ? Math.max(...offsets) : 0);
    },
    observe(serverTime) {
      const instant = Date.parse(serverTime ?? '');
      if (Number.isNaN(instant)) return;
      offsets.push(instant - localNow());
      if (offsets.length > REMEMBERED) offsets.shift();
    },
  };
}

/**
 * Milliseconds until a deadline, never below zero.
 * @param {string | null} deadline RFC 3339
 * @param {number} now milliseconds
 * @returns {number | null} null when there is no deadline
 */
export function timeLeft(deadline, now) {
  if (deadline === null) return null;
  const instant = Date.parse(deadline);
  return Number.isNaN(instant) ? null : Math.max(0, instant - now);
}

/**
 * Writes a span as `m:ss` or `h:mm:ss`, rounded up so that zero means over.
 * @param {number} milliseconds
 */
export function countdown(milliseconds) {
  const total = Math.ceil(milliseconds / 1000);
  const seconds = String(total % 60).padStart(2, '0');
  const minutes = Math.floor(total / 60) % 60;
  const hours = Math.floor(total / 3600);
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${seconds}` : `${minutes}:${seconds}`;
}
