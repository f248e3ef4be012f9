/**
 * A pinch on a trackpad where browsers tell of it by gesture events, as Safari does; elsewhere it comes as a wheel.
 *
 * Invariant: over the frame such a pinch never zooms the page.
 * @module
 */

/** @typedef {import('../../model/plan.js').Point} Point */
/** @typedef {MouseEvent & { scale: number }} GestureEvent `scale` counts from the beginning of the pinch */

/**
 * @param {object} parts
 * @param {HTMLElement} parts.frame
 * @param {(factor: number, at: Point) => void} parts.pinched by how much since the last time
 * @param {(event: MouseEvent) => Point} parts.placeOf
 * @param {AbortSignal} parts.signal ends the listening
 */
export function listenToTrackpad({ frame, pinched, placeOf, signal }) {
  let before = 1;

  /** @param {Event} event */
  function onGesture(event) {
    event.preventDefault();
    const { scale } = /** @type {GestureEvent} */ (event);
    if (event.type === 'gesturechange' && scale > 0) pinched(scale / before, placeOf(/** @type {GestureEvent} */ (event)));
    before = event.type === 'gesturechange' && scale > 0 ? scale : 1;
  }

  for (const type of ['gesturestart', 'gesturechange', 'gestureend']) frame.addEventListener(type, onGesture, { passive: false, signal });
}
