/**
 * What a countdown shows, and when that changes.
 *
 * A countdown never promises more than there is: begun seconds are not shown, so `0:00` comes up to a second before the
 * end. It knows no clock and no timer; whoever shows it asks when to look again.
 * @module
 */

import { countdown, timeLeft } from './time.js';

/** A timer that fires this early would still find the old second. */
const AFTER_TURN_MS = 2;

/**
 * Writes the whole seconds of a span as `m:ss` or `h:mm:ss`.
 * @param {number} milliseconds
 */
export function wholeSeconds(milliseconds) {
  return countdown(Math.floor(milliseconds / 1000) * 1000);
}

/**
 * How long what is shown of some deadlines stays right.
 * @param {(string | null)[]} deadlines RFC 3339
 * @param {number} now milliseconds
 * @returns {number | null} milliseconds, at most about a second; null when nothing counts down
 */
export function untilNextSecond(deadlines, now) {
  let soonest = Infinity;
  for (const deadline of deadlines) {
    const left = timeLeft(deadline, now);
    if (left) soonest = Math.min(soonest, (left % 1000) + AFTER_TURN_MS);
  }
  return soonest === Infinity ? null : soonest;
}

/**
 * The deadline that comes first.
 * @param {{ expiresAt: string | null }[]} seats
 * @returns {string | null} null when none has one
 */
export function firstDeadline(seats) {
  let first = null;
  for (const { expiresAt } of seats) {
    if (expiresAt !== null && (first === null || Date.parse(expiresAt) < Date.parse(first))) first = expiresAt;
  }
  return first;
}
