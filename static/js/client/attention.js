/**
 * Whether anybody looks at the page, and when it comes back from sleep, from the background or to the network.
 * @module
 */

/**
 * @typedef {object} AttentionParts
 * @property {Pick<Window, 'addEventListener'> | undefined} window
 * @property {Pick<Document, 'addEventListener' | 'visibilityState'> | undefined} document
 * @property {() => void} woke
 * @property {() => void} hid
 * @property {AbortSignal} signal
 */

/** @param {AttentionParts} parts */
export function watchAttention({ window, document, woke, hid, signal }) {
  if (!window || !document) return;
  const look = () => (document.visibilityState === 'hidden' ? hid() : woke());
  document.addEventListener('visibilitychange', look, { signal });
  // A page that is shown again from the back-forward cache lost its connections.
  window.addEventListener('pageshow', (event) => event.persisted && look(), { signal });
  window.addEventListener('online', look, { signal });
  // The link says so sooner when it is asked than when its silence is noticed.
  window.addEventListener('offline', look, { signal });
  if (document.visibilityState === 'hidden') hid();
}
