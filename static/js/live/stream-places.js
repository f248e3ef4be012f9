/**
 * How many event streams a client may hold open: a browser has six HTTP/1.1 connections to a server for all its tabs,
 * and a page that holds them all could not even ask for a lock.
 *
 * A room that somebody looks at goes before one in the background, which only counts and may as well poll.
 * @module
 */

/** @typedef {ReturnType<typeof createStreamPlaces>} StreamPlaces */

const MOST_STREAMS = 2;

/** @typedef {{ background: boolean, yielded: () => void }} Taker `yielded`: the place has gone to a room that is looked at */

export function createStreamPlaces() {
  /** @type {Set<Taker>} */
  const takers = new Set();

  /** Has a room in the background make place. */
  function makePlace() {
    const one = [...takers].find(({ background }) => background);
    if (!one) return false;
    takers.delete(one);
    one.yielded();
    return true;
  }

  return {
    /**
     * Says whether there was a place; whoever got one gives it back.
     * @param {Taker} taker
     */
    take(taker) {
      if (takers.size >= MOST_STREAMS && (taker.background || !makePlace())) return false;
      takers.add(taker);
      return true;
    },

    /** @param {Taker} taker */
    giveBack(taker) {
      takers.delete(taker);
    },
  };
}
