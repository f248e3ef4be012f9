/**
 * When the map was last known to be the server's.
 *
 * It asks nobody. Invariant: while the server's store is out of reach, the map is never younger than that.
 * @module
 */

/**
 * @param {import('../model/time.js').ServerClock} clock
 * @param {import('../model/replica.js').Replica} replica
 */
export function createFreshness(clock, replica) {
  /** @type {number | null} */
  let asOf = null;

  /** The server has just shown the map to be current. */
  function prove() {
    if (!replica.stale || asOf === null) asOf = clock.now();
    told();
  }

  /** The server has said something about its store. */
  function told() {
    const since = Date.parse(replica.stale?.since ?? '');
    if (asOf !== null && !Number.isNaN(since)) asOf = Math.min(asOf, since);
  }

  return {
    prove,
    told,
    /** Milliseconds on the server's clock; null while there is no map. */
    asOf: () => asOf,
    /** Milliseconds since then. */
    age: () => (asOf === null ? 0 : Math.max(0, clock.now() - asOf)),
  };
}
