/**
 * When the visitor is to be warned that locks of theirs are about to end, and of what.
 *
 * It decides from the own seats and the server's time alone and keeps nothing, so a page that slept over a deadline
 * gets the answer of the moment when it wakes. That a lock is lost is the server's word: a deadline that has passed is
 * only called over here.
 * @module
 */

/**
 * @typedef {object} Held an own seat, as far as it matters here
 * @property {string} seatId
 * @property {string} phase only `held` seats can end
 * @property {string | null} expiresAt null for a lock without an end
 * @property {string | null} [lockedAt] when the lock was made first; absent where that is not known
 */

/**
 * @typedef {object} LockRules
 * @property {number} lockSeconds
 * @property {number} [extendCapSeconds] counted from the first lock; absent where the server has no cap
 */

/**
 * @template {Held} Seat
 * @typedef {object} Warning
 * @property {Seat[]} due those that end soon, the first to end first
 * @property {Seat[]} final those of them that no extension can keep longer
 * @property {Seat[]} over those whose time is up and of which the server has not spoken yet
 * @property {number | null} deadline of the first that is due, in milliseconds
 * @property {number | null} wakeAt when the answer changes by itself
 */

const LONGEST_LEAD_MS = 120_000;
/** Who moves a deadline by less than this has not extended it. */
const WORTH_EXTENDING_MS = 1_000;

/**
 * How long before its end a lock is warned of.
 * @param {LockRules} rules
 */
export function leadOf({ lockSeconds }) {
  return Math.min(LONGEST_LEAD_MS, (lockSeconds * 1000) / 4);
}

/**
 * @template {Held} Seat
 * @param {Seat[]} own
 * @param {number} now milliseconds on the server's clock
 * @param {LockRules} rules
 * @returns {Warning<Seat>}
 */
export function warningAt(own, now, rules) {
  const lead = leadOf(rules);
  const ending = own
    .filter((seat) => seat.phase === 'held' && seat.expiresAt !== null)
    .map((seat) => ({ seat, end: Date.parse(seat.expiresAt ?? '') }))
    .sort((a, b) => a.end - b.end);
  const due = ending.filter(({ end }) => end > now && end - now <= lead);
  const turns = ending.map(({ end }) => (end - now > lead ? end - lead : end)).filter((at) => at > now);
  return {
    due: due.map(({ seat }) => seat),
    final: due.filter(({ seat, end }) => !canExtend(seat, end, now, rules)).map(({ seat }) => seat),
    over: ending.filter(({ end }) => end <= now).map(({ seat }) => seat),
    deadline: due[0]?.end ?? null,
    wakeAt: turns.length ? Math.min(...turns) : null,
  };
}

/**
 * @param {Held} seat
 * @param {number} end
 * @param {number} now
 * @param {LockRules} rules
 */
function canExtend({ lockedAt }, end, now, { lockSeconds, extendCapSeconds }) {
  if (!lockedAt || extendCapSeconds === undefined) return true;
  const latest = Math.min(now + lockSeconds * 1000, Date.parse(lockedAt) + extendCapSeconds * 1000);
  return latest - end >= WORTH_EXTENDING_MS;
}
