/**
 * Keeps the picture up with the scene and the camera: one animation frame at most per frame, none when nothing changed.
 *
 * What is seen is moved as it is; what is missing or too coarse is drawn behind it in slices and then shown. Invariant:
 * a seat that changed is drawn in what is seen soon, and in what is being drawn before that is shown.
 * @module
 */

import { detailAt } from '../../model/detail.js';

/** @typedef {import('./surface.js').Layer} Layer */
/** @typedef {{ layer: Layer, steps: Generator<void, void, void>, late: Set<number> }} Job a layer being drawn, and what changed since */
/** @typedef {ReturnType<typeof createRenderer>} Renderer */

/** What drawing may take of a frame. */
const BUDGET_MS = 5;
const MOST_SLICES = 8;
/** Frames that come faster than the first leave time for more slices, those slower than the second for fewer. */
const QUICK_MS = 20;
const SLOW_MS = 30;
/** How many changed seats are drawn before the clock is looked at. */
const BATCH = 12;
/** Changes that others make may wait this long, so that several are drawn at once. */
const PATIENCE_MS = 40;
/** More changes at once are cheaper drawn anew than patched. */
const MOST_PATCHES = 250;
/** How long the view must rest before what is seen is drawn anew for its new scale. */
const REST_MS = 110;
/** Between these, what is seen may be scaled while the view moves. */
const COARSEST = 1.9;
const FINEST = 0.55;
/** The share of the margin from which on more is drawn ahead of a pan. */
const LEAST_ROOM = 0.3;

/**
 * @param {object} parts
 * @param {import('./surface.js').Surface} parts.surface
 * @param {import('./camera.js').Camera} parts.camera
 * @param {import('./scene.js').Scene} parts.scene
 * @param {number} parts.radius of the smallest seats
 * @param {() => import('./painter.js').Painter} parts.painter
 * @param {() => void} parts.moved
 */
export function createRenderer({ surface, camera, scene, radius, painter, moved }) {
  const { bounds } = scene.plan;
  const size = { seats: scene.plan.seats.length, sections: scene.sections.length };
  /** @type {Set<number>} */
  const changed = new Set();
  let job = /** @type {Job | null} */ (null);
  let outdated = true;
  let request = 0;
  let movedAt = -Infinity;
  let viewChanged = false;
  let sized = false;
  let patchedAt = -Infinity;
  let urgent = false;
  let slices = 3;
  let framedAt = -Infinity;

  function schedule() {
    if (!request && sized) request = requestAnimationFrame(onFrame);
  }

  /** @param {number} now */
  function onFrame(now) {
    request = 0;
    adapt(now);
    const gliding = camera.step(now);
    if (viewChanged) movedAt = now;
    const restless = now - movedAt < REST_MS;
    const told = viewChanged;
    viewChanged = false;
    const until = performance.now() + BUDGET_MS;
    if (urgent || now - patchedAt >= PATIENCE_MS) patch(now, until);
    if (!job && isWanting(restless)) begin();
    if (job) work(until);
    surface.place(camera.view());
    if (told) moved();
    if (gliding || restless || job || changed.size) schedule();
  }

  /**
   * What the canvas takes after a slice was drawn on it cannot be measured, but it shows in when the next frame comes.
   * @param {number} now
   */
  function adapt(now) {
    if (job && now - framedAt > SLOW_MS) slices = Math.max(1, slices >> 1);
    else if (job && now - framedAt < QUICK_MS) slices = Math.min(MOST_SLICES, slices + 1);
    framedAt = now;
  }

  /**
   * Brings what changed onto what is seen, and remembers it for what is being drawn.
   * @param {number} now
   * @param {number} until
   */
  function patch(now, until) {
    if (!changed.size) return;
    if (changed.size > MOST_PATCHES) {
      changed.clear();
      outdated = true;
    }
    const seen = surface.seen();
    while (seen && changed.size && performance.now() < until) painter().patch(seen, taken(changed));
    if (changed.size) return;
    patchedAt = now;
    urgent = false;
  }

  /** @param {boolean} restless whether the view moves or has just moved */
  function isWanting(restless) {
    const seen = surface.seen();
    if (outdated || !seen) return true;
    const ratio = camera.scale() / seen.scale;
    const room = surface.roomLeft(camera.view(), bounds);
    if (room < 0) return true;
    if (Math.abs(ratio - 1) < 1e-6) return room < LEAST_ROOM;
    return !restless || ratio > COARSEST || ratio < FINEST;
  }

  function begin() {
    const layer = surface.prepare(camera.view(), detailAt(radius * camera.scale(), size), bounds);
    outdated = false;
    job = { layer, steps: painter().paint(layer), late: new Set() };
  }

  /** @param {number} until */
  function work(until) {
    for (let slice = 0; job && slice < slices; slice += 1) {
      step(job);
      if (performance.now() >= until) return;
    }
  }

  /**
   * Draws one more slice behind, last of all what changed meanwhile, and shows it when nothing is left.
   * @param {Job} underWay
   */
  function step({ layer, steps, late }) {
    if (!steps.next().done) return;
    if (late.size > MOST_PATCHES) {
      late.clear();
      outdated = true;
    }
    if (late.size) painter().patch(layer, taken(late));
    if (late.size) return;
    surface.swap();
    job = null;
  }

  return {
    /** The view is another. */
    viewMoved() {
      viewChanged = true;
      schedule();
    },

    /**
     * @param {Iterable<number>} indices of seats that look different now
     * @param {boolean} atOnce whether the visitor did it, and waits to see it
     */
    seatsChanged(indices, atOnce) {
      for (const index of indices) {
        changed.add(index);
        job?.late.add(index);
      }
      urgent ||= atOnce && changed.size > 0;
      if (changed.size) schedule();
    },

    /** Everything may look different now. */
    allChanged() {
      outdated = true;
      job = null;
      schedule();
    },

    /** The frame has a size, perhaps another: what is seen is drawn at once, since what there was does not fit. */
    resized() {
      sized = true;
      changed.clear();
      begin();
      while (job) step(job);
      surface.place(camera.view());
      viewChanged = true;
      schedule();
    },

    dispose() {
      cancelAnimationFrame(request);
      sized = false;
      job = null;
    },
  };
}

/**
 * Takes some out of a set.
 * @param {Set<number>} set
 */
function taken(set) {
  /** @type {number[]} */
  const some = [];
  for (const one of set) {
    if (some.length === BATCH) break;
    set.delete(one);
    some.push(one);
  }
  return some;
}
