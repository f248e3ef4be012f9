/**
 * Fingers, mouse and wheel on the map: pinch, drag, flick, tap, double tap. The page itself never zooms by them.
 *
 * It knows no seats; taps go to whoever knows. Invariant: what dragged, pinched or halted a flick is not a tap.
 * @module
 */

import { listenToTrackpad } from './trackpad.js';

/** @typedef {import('../../model/plan.js').Point} Point */

/** A pointer that moved less than this has not dragged; fingers are less steady. */
const DRAG_PX = { touch: 10, other: 4 };
const WHEEL_SPEED = 0.0018;
/** The pixels of one line, for mice whose wheel counts in lines. */
const LINE_PX = 18;
/** A jump of a coarse wheel is no more than this at once. */
const MOST_WHEEL_PX = 240;
const DOUBLE_TAP_MS = 320;
const DOUBLE_TAP_PX = 32;
const CLOSER = 2.2;
/** The time before a finger is lifted that a flick's speed is taken from. */
const FLICK_MS = 90;
/** The main button among those of a mouse that are down. */
const MAIN_BUTTON = 1;

/**
 * @param {object} parts
 * @param {HTMLElement} parts.frame
 * @param {HTMLElement} parts.host the part of the frame that is the map, under whatever else is in the frame
 * @param {import('./camera.js').Camera} parts.camera
 * @param {(at: Point, pointerType: string) => boolean} parts.tap at pixels within the frame; whether it meant something
 * @param {(at: Point | null) => void} parts.point where a mouse rests
 * @param {AbortSignal} parts.signal ends the listening
 */
export function listenToGestures({ frame, host, camera, tap, point, signal }) {
  /** @type {Map<number, Point>} */
  const pointers = new Map();
  /** @type {{ x: number, y: number, at: number }[]} the last steps of a drag */
  let trail = [];
  let start = { x: 0, y: 0 };
  let dragged = false;
  /** Whether the view still moved when it was touched. */
  let halted = false;
  let pointerType = 'mouse';
  let lastTap = { x: 0, y: 0, at: -Infinity, meant: false, lookedCloser: false };

  /**
   * @param {MouseEvent} event
   * @returns {Point} pixels within the frame
   */
  function placeOf(event) {
    const { left, top } = frame.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }

  function onWheel(/** @type {WheelEvent} */ event) {
    event.preventDefault();
    const raw = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * LINE_PX : event.deltaY;
    const delta = Math.min(MOST_WHEEL_PX, Math.max(-MOST_WHEEL_PX, raw));
    // A trackpad's pinch comes as a wheel with the control key, in much smaller steps.
    const speed = event.ctrlKey && Math.abs(delta) < 60 ? WHEEL_SPEED * 5 : WHEEL_SPEED;
    const at = placeOf(event);
    camera.zoom(Math.exp(-delta * speed), camera.toPlan(at.x, at.y));
  }

  function onDown(/** @type {PointerEvent} */ event) {
    if (event.pointerType === 'mouse' && event.button !== 0) return;
    pointerType = event.pointerType;
    const stopped = camera.halt();
    if (!pointers.size) {
      dragged = false;
      halted = stopped;
      start = { x: event.clientX, y: event.clientY };
      trail = [];
    }
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  }

  function onMove(/** @type {PointerEvent} */ event) {
    // Where a mouse lets go outside of the map, nothing here hears of it.
    if (event.pointerType === 'mouse' && !(event.buttons & MAIN_BUTTON)) letGo(event.pointerId);
    const before = pointers.get(event.pointerId);
    if (!before) {
      if (event.pointerType !== 'touch' && !pointers.size) point(placeOf(event));
      return;
    }
    const after = { x: event.clientX, y: event.clientY };
    if (!dragged && pointers.size === 1 && distance(after, start) < DRAG_PX[event.pointerType === 'touch' ? 'touch' : 'other']) return;
    if (!dragged) beginDrag();
    if (!host.hasPointerCapture(event.pointerId)) host.setPointerCapture(event.pointerId);
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
    pointers.set(event.pointerId, after);
    if (other) pinch(before, after, other);
    else camera.pan(after.x - before.x, after.y - before.y);
    trail.push({ ...after, at: event.timeStamp });
    if (trail.length > 12) trail.shift();
  }

  function beginDrag() {
    dragged = true;
    point(null);
    host.classList.add('is-dragging');
  }

  /**
   * @param {Point} before
   * @param {Point} after
   * @param {Point} other the finger that rests
   */
  function pinch(before, after, other) {
    const { left, top } = frame.getBoundingClientRect();
    camera.pan((after.x - before.x) / 2, (after.y - before.y) / 2);
    const factor = distance(after, other) / Math.max(1, distance(before, other));
    camera.zoom(factor, camera.toPlan((after.x + other.x) / 2 - left, (after.y + other.y) / 2 - top));
    trail = [];
  }

  /**
   * @param {number} pointerId
   * @returns {boolean} whether it was the last that held the map
   */
  function letGo(pointerId) {
    if (!pointers.delete(pointerId)) return false;
    // The finger that stays goes on from where it is.
    if (pointers.size) trail = [];
    else host.classList.remove('is-dragging');
    return !pointers.size;
  }

  function onUp(/** @type {PointerEvent} */ event) {
    if (letGo(event.pointerId) && dragged && event.type === 'pointerup') flick(event.timeStamp);
  }

  /** @param {number} now */
  function flick(now) {
    const recent = trail.filter(({ at }) => now - at < FLICK_MS);
    if (recent.length < 2) return;
    const [first, last] = [recent[0], recent[recent.length - 1]];
    const time = Math.max(8, last.at - first.at);
    camera.flick((last.x - first.x) / time, (last.y - first.y) / time);
  }

  function onClick(/** @type {MouseEvent} */ event) {
    if (dragged || halted) return;
    const at = placeOf(event);
    const again = event.timeStamp - lastTap.at < DOUBLE_TAP_MS && distance(at, lastTap) < DOUBLE_TAP_PX;
    if (again && !lastTap.meant) {
      lastTap.at = -Infinity;
      camera.zoom(CLOSER, camera.toPlan(at.x, at.y), true);
      return;
    }
    // While the view glides nobody can have aimed at what is under the finger.
    if (camera.isGliding() || (again && lastTap.lookedCloser)) return;
    const width = camera.destination().width;
    const meant = tap(at, pointerType);
    lastTap = { ...at, at: event.timeStamp, meant, lookedCloser: camera.destination().width !== width };
  }

  // Where fingers on a screen make these gestures as well, the map follows the fingers.
  listenToTrackpad({ frame, pinched: (factor, at) => !pointers.size && camera.zoom(factor, camera.toPlan(at.x, at.y)), placeOf, signal });
  frame.addEventListener('wheel', onWheel, { passive: false, signal });
  host.addEventListener('pointerdown', onDown, { signal });
  host.addEventListener('pointermove', onMove, { signal });
  host.addEventListener('pointerup', onUp, { signal });
  host.addEventListener('pointercancel', onUp, { signal });
  host.addEventListener('pointerleave', () => point(null), { signal });
  host.addEventListener('click', onClick, { signal });
}

/**
 * @param {Point} a
 * @param {Point} b
 */
function distance(a, b) {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
