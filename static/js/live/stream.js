/**
 * One event stream from opening to its end.
 *
 * It never reconnects: the browser's own way back starts from the address, not from what the room knows by then.
 * Invariant: `closed` is called at most once, and nothing is received after it or after `close`.
 * @module
 */

import { parseMessage } from './socket.js';

/** @typedef {import('../model/wire.js').ServerMessage} ServerMessage */

/**
 * @typedef {object} StreamParts
 * @property {new (url: string) => EventSource} EventSource
 * @property {string} url
 * @property {(message: ServerMessage) => void} received
 * @property {(reconnectAfterMs: number | null) => void} closed
 */

/** `error` is the browser's own event as well; the server's has data. */
const EVENTS = ['welcome', 'snapshot', 'diff', 'status', 'bye', 'error'];

/**
 * @param {StreamParts} parts
 * @returns {{ close(): void }}
 */
export function openStream({ EventSource, url, received, closed }) {
  const source = new EventSource(url);
  let ended = false;
  /** @type {number | null} */
  let reconnectAfterMs = null;

  function close() {
    ended = true;
    source.close();
  }

  /** @param {Event} event */
  function onEvent(event) {
    if (ended) return;
    if ('data' in event && event.data !== undefined) {
      const message = parseMessage(event.data);
      if (message?.type === 'bye') reconnectAfterMs = message.reconnectAfterMs ?? null;
      if (message) received(message);
    } else if (event.type === 'error') {
      close();
      closed(reconnectAfterMs);
    }
  }

  for (const name of EVENTS) source.addEventListener(name, onEvent);
  return { close };
}
