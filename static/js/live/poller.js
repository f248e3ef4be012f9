/**
 * Asks for a showtime's status again and again, at the server's pace, while there is no socket.
 *
 * Invariant: at most one request is under way, and an answer that comes after `stop` is dropped.
 * @module
 */

import { jittered } from './backoff.js';

/** @typedef {import('../model/wire.js').StatusAnswer} StatusAnswer */
/** @typedef {{ etag: string | null, body: StatusAnswer | null }} Polled body is null when nothing has changed */

/**
 * @typedef {object} PollerParts
 * @property {import('./timers.js').Timers} timers
 * @property {() => number} random
 * @property {(etag: string | null) => Promise<Polled>} ask
 */

/**
 * @typedef {object} PollListener
 * @property {(body: StatusAnswer | null, intervalSeconds: number) => void} received
 * @property {(error: unknown) => void} failed
 */

/** @typedef {{ start(listener: PollListener): void, stop(): void, now(): void }} Poller */

/** Until the first answer names the interval. */
const DEFAULT_SECONDS = 10;

/**
 * @param {PollerParts} parts
 * @returns {Poller}
 */
export function createPoller({ timers, random, ask }) {
  /** @type {PollListener | null} */
  let listener = null;
  /** @type {number | undefined} */
  let timer;
  /** @type {string | null} */
  let etag = null;
  let seconds = DEFAULT_SECONDS;
  let asking = false;

  async function poll() {
    timers.clear(timer);
    if (asking) return;
    asking = true;
    const asker = listener;
    try {
      const answer = await ask(etag);
      if (asker && asker === listener) take(asker, answer);
    } catch (error) {
      if (asker && asker === listener) asker.failed(error);
    }
    asking = false;
    // Whoever started again meanwhile got no request of their own, and gets it at once.
    if (listener) timer = timers.set(poll, listener === asker ? jittered(seconds * 1000, random) : 0);
  }

  /**
   * @param {PollListener} asker
   * @param {Polled} answer
   */
  function take(asker, answer) {
    etag = answer.etag;
    if (answer.body?.pollIntervalSeconds) seconds = answer.body.pollIntervalSeconds;
    asker.received(answer.body, seconds);
  }

  return {
    start(newListener) {
      listener = newListener;
      // What the socket brought since the last poll may be newer than that poll's answer.
      etag = null;
      poll();
    },
    stop() {
      listener = null;
      timers.clear(timer);
    },
    now() {
      if (listener) poll();
    },
  };
}
