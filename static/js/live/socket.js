/**
 * One WebSocket from opening to its end, with a watch over its silence.
 *
 * It never reconnects and does not know what messages mean, `bye` excepted. Invariant: `closed` is called
 * exactly once, and nothing is received after it.
 * @module
 */

/** @typedef {import('../model/wire.js').ServerMessage} ServerMessage */
/** @typedef {{ code: number, reconnectAfterMs: number | null }} Closing */

/**
 * @typedef {object} LiveSocket
 * @property {(message: object) => void} send
 * @property {(answerMs?: number) => void} probe asks for a sign of life now
 * @property {() => void} close
 */

/**
 * @typedef {object} SocketParts
 * @property {new (url: string) => WebSocket} WebSocket
 * @property {import('./timers.js').Timers} timers
 * @property {string} url
 * @property {(message: ServerMessage) => void} received
 * @property {(closing: Closing) => void} closed
 */

/** A page does not see the server's ping frames, so it asks for an answer of its own when it hears nothing. */
const QUIET_MS = 20_000;
const ANSWER_MS = 8_000;

/** The code for a link that was given up here; never sent. */
const SILENT = 4408;
const FAILED = 1006;

/**
 * @param {SocketParts} parts
 * @returns {LiveSocket}
 */
export function openSocket({ WebSocket, timers, url, received, closed }) {
  /** @type {number | undefined} */
  let watch;
  /** @type {number | null} */
  let reconnectAfterMs = null;
  let ended = false;
  const socket = new WebSocket(url);

  function end(/** @type {number} */ code) {
    if (ended) return;
    ended = true;
    timers.clear(watch);
    closed({ code, reconnectAfterMs });
  }

  function awaitAnswer(answerMs = ANSWER_MS) {
    timers.clear(watch);
    watch = timers.set(() => {
      socket.close();
      end(SILENT);
    }, answerMs);
  }

  function probe(answerMs = ANSWER_MS) {
    send({ type: 'ping' });
    awaitAnswer(answerMs);
  }

  function send(/** @type {object} */ message) {
    if (!ended && socket.readyState === 1) socket.send(JSON.stringify(message));
  }

  function onMessage(/** @type {MessageEvent} */ event) {
    if (ended) return;
    timers.clear(watch);
    watch = timers.set(() => probe(), QUIET_MS);
    const message = parseMessage(event.data);
    if (!message) return;
    if (message.type === 'bye') reconnectAfterMs = message.reconnectAfterMs ?? null;
    received(message);
  }

  socket.addEventListener('message', onMessage);
  socket.addEventListener('close', (event) => end(event.code));
  socket.addEventListener('error', () => end(FAILED));
  awaitAnswer();

  return {
    send,
    probe,
    close() {
      ended = true;
      timers.clear(watch);
      socket.close();
    },
  };
}

/**
 * @param {unknown} data
 * @returns {ServerMessage | null} null for what is not a tagged JSON object
 */
export function parseMessage(data) {
  try {
    const message = JSON.parse(String(data));
    return typeof message?.type === 'string' ? message : null;
  } catch {
    return null;
  }
}
