/**
 * Keeps the picture up with the scene and the camera: one animation frame at most per frame, none when nothing changed.
 *
 * What is seen is moved as it is; what is missing or too coarse is drawn behind it in slices and then shown. Invariant:
 * a seat that changed is drawn in what is seen within a frame, and in what is being drawn before that is shown.
 * @module
 */

import { detailAt } from '../../model/detail.js';

/** @typedef {import('./surface.js').Layer} Layer */
/** @typedef {ReturnType<typeof createRenderer>} Renderer */

/** What drawing may take of a frame. */
const BUDGET_MS = 5;
const MOST_SLICES = 4;
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
  /** @type {{ layer: Layer, steps: Generator<void, void, void>, late: Set<number> } | null} */
  let job = null;
  let outdated = true;
  let request = 0;
  let movedAt = -Infinity;
  let viewChanged = false;
  let sized = false;

  function schedule() {
    if (!request && sized) request = requestAnimationFrame(onFrame);
  }

  /** @param {number} now */
  function onFrame(now) {
    request = 0;
    const gliding = camera.step(now);
    if (viewChanged) movedAt = now;
    const restless = now - movedAt < REST_MS;
    const told = viewChanged;
    viewChanged = false;
    patch();
    if (!job && isWanting(restless)) begin();
    if (job) work(performance.now() + BUDGET_MS);
    surface.place(camera.view());
    if (told) moved();
    if (gliding || restless || job || changed.size) schedule();
  }

  /** Brings what changed onto what is seen, and remembers it for what is being drawn. */
  function patch() {
    if (!changed.size) return;
    const seen = surface.seen();
    if (job) for (const index of changed) job.late.add(index);
    if (changed.size > MOST_PATCHES) outdated = true;
    else if (seen) painter().patch(seen, changed);
    changed.clear();
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
    for (let slice = 0; job && slice < MOST_SLICES; slice += 1) {
      if (job.steps.next().done) finish();
      if (performance.now() >= until) return;
    }
  }

  function finish() {
    if (!job) return;
    const { layer, late } = job;
    job = null;
    if (late.size > MOST_PATCHES) outdated = true;
    else painter().patch(layer, late);
    surface.swap();
  }

  return {
    /** The view is another. */
    viewMoved() {
      viewChanged = true;
      schedule();
    },

    /** @param {Iterable<number>} indices of seats that look different now */
    seatsChanged(indices) {
      for (const index of indices) changed.add(index);
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
      while (job) if (job.steps.next().done) finish();
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
