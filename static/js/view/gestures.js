/**
 * Wheel, drag and pinch on the map. A drag is not a click: the click that ends one is swallowed.
 * @module
 */

/** @typedef {import('./viewport.js').Viewport} Viewport */

/** A pointer that moved less than this has not dragged. */
const DRAG_PX = 6;
const WHEEL_SPEED = 0.0018;
/** The pixels of one line, for mice whose wheel counts in lines. */
const LINE_PX = 18;

/**
 * @param {SVGSVGElement} element
 * @param {Viewport} viewport
 * @param {AbortSignal} signal ends the listening
 */
export function listenToGestures(element, viewport, signal) {
  /** @type {Map<number, { x: number, y: number }>} */
  const pointers = new Map();
  let travelled = 0;

  function onWheel(/** @type {WheelEvent} */ event) {
    event.preventDefault();
    const delta = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * LINE_PX : event.deltaY;
    // A trackpad's pinch comes as a wheel with the control key, in much smaller steps.
    const speed = event.ctrlKey ? WHEEL_SPEED * 5 : WHEEL_SPEED;
    viewport.zoom(Math.exp(-delta * speed), viewport.toPlan(event.clientX, event.clientY));
  }

  function onDown(/** @type {PointerEvent} */ event) {
    if (event.pointerType === 'mouse' && event.button !== 0) return;
    if (!pointers.size) travelled = 0;
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  }

  function onMove(/** @type {PointerEvent} */ event) {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    const after = { x: event.clientX, y: event.clientY };
    travelled += Math.hypot(after.x - before.x, after.y - before.y);
    if (travelled < DRAG_PX && pointers.size === 1) return;
    if (!element.hasPointerCapture(event.pointerId)) element.setPointerCapture(event.pointerId);
    element.classList.add('is-dragging');
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) pinch(before, after, other);
    else viewport.pan(after.x - before.x, after.y - before.y);
    pointers.set(event.pointerId, after);
  }

  /**
   * @param {{ x: number, y: number }} before
   * @param {{ x: number, y: number }} after
   * @param {{ x: number, y: number }} other the finger that rests
   */
  function pinch(before, after, other) {
    travelled = DRAG_PX;
    viewport.pan((after.x - before.x) / 2, (after.y - before.y) / 2);
    const factor = distance(after, other) / Math.max(1, distance(before, other));
    viewport.zoom(factor, viewport.toPlan((after.x + other.x) / 2, (after.y + other.y) / 2));
  }

  function onUp(/** @type {PointerEvent} */ event) {
    pointers.delete(event.pointerId);
    if (!pointers.size) element.classList.remove('is-dragging');
  }

  function onClick(/** @type {MouseEvent} */ event) {
    if (travelled < DRAG_PX || event.detail === 0) return;
    travelled = 0;
    event.stopPropagation();
  }

  element.addEventListener('wheel', onWheel, { passive: false, signal });
  element.addEventListener('pointerdown', onDown, { signal });
  element.addEventListener('pointermove', onMove, { signal });
  element.addEventListener('pointerup', onUp, { signal });
  element.addEventListener('pointercancel', onUp, { signal });
  element.addEventListener('click', onClick, { capture: true, signal });
}

/**
 * @param {{ x: number, y: number }} a
 * @param {{ x: number, y: number }} b
 */
function distance(a, b) {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
