/**
 * How many event streams a client may hold open: a browser has six HTTP/1.1 connections to a server for all its tabs,
 * and a page that holds them all could not even ask for a lock.
 * @module
 */

/** @typedef {ReturnType<typeof createStreamPlaces>} StreamPlaces */

const MOST_STREAMS = 2;

export function createStreamPlaces() {
  let taken = 0;
  return {
    /** Says whether there was a place; whoever got one gives it back. */
    take() {
      if (taken >= MOST_STREAMS) return false;
      taken += 1;
      return true;
    },
    giveBack() {
      taken -= 1;
    },
  };
}
