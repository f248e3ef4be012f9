/**
 * The seat map: a plan on canvas with pan and zoom, told what changed and asked what is where.
 *
 * It asks what a seat's state is and says which seat was chosen; what follows from that is not known here. There is no
 * element per seat: whoever needs one puts it where `placeOf` says, with `pointer-events: none`, so that fingers reach
 * the map. Invariant: nothing is drawn when nothing changed.
 * @module
 */

import { canBeAimedAt, detailAt } from '../../model/detail.js';
import { seatAt } from '../../model/neighbours.js';
import { isOn } from '../../model/sections.js';
import { createCamera } from './camera.js';
import { createPalette, readColors } from './colors.js';
import { listenToGestures } from './gestures.js';
import { createMinimap } from './minimap.js';
import { createPainter } from './painter.js';
import { createRenderer } from './renderer.js';
import { createScene } from './scene.js';
import { createSurface } from './surface.js';

/** @typedef {import('../../model/plan.js').SeatPlan} SeatPlan */
/** @typedef {import('../../model/plan.js').Point} Point */
/** @typedef {import('../../model/bounds.js').Box} Box */
/** @typedef {import('../../model/sections.js').Section} Section */
/** @typedef {ReturnType<typeof createMapView>} MapView */

/** How far from a seat's edge a tap or click may land. */
const REACH_PX = { touch: 16, other: 5 };
/** How large seats become when a tap could not tell them apart. */
const AIMED_RADIUS_PX = 13;
/** How large they become where a tap on a large section looks into a part of it. */
const SEEN_RADIUS_PX = 6;
/** A finger's width: a larger seat needs no reach beyond itself. */
const FINGER_PX = 22;

/**
 * @typedef {object} MapParts
 * @property {HTMLElement} frame a positioned box, which the map fills
 * @property {SeatPlan} plan
 * @property {(index: number) => import('../../model/shown.js').ShownStatus} statusOf
 * @property {(section: Section, free: number) => string} blockText what a block says besides its name
 * @property {() => import('./colors.js').MapColors} [colors]
 * @property {boolean} reducedMotion
 * @property {boolean} [readOnly] seats are neither chosen nor pointed at
 * @property {(index: number, pointerType: string) => void} chosen
 * @property {(index: number | null) => void} hovered
 * @property {() => void} moved the view is another
 * @property {AbortSignal} signal ends the map
 */

/** @param {MapParts} parts */
export function createMapView({ frame, plan, statusOf, blockText, colors, reducedMotion, readOnly = false, chosen, hovered, moved, signal }) {
  const ending = new AbortController();
  const scene = createScene(plan, statusOf);
  const { sections } = scene;
  const counts = { seats: plan.seats.length, sections: sections.length };
  let size = { width: 0, height: 0 };
  const host = document.createElement('div');
  host.className = 'map-surface';
  frame.prepend(host);
  const surface = createSurface(host);
  const radius = scene.looks.reduce((least, look) => Math.min(least, look.radius), Infinity);
  const smallest = Number.isFinite(radius) && radius > 0 ? radius : 10;
  const camera = createCamera({ content: plan.bounds, radius: smallest, still: () => reducedMotion, moved: () => renderer.viewMoved() });
  let palette = makePalette();
  let painter = makePainter();
  const minimap = createMinimap({ frame, scene, camera, signal: ending.signal });
  const renderer = createRenderer({ surface, camera, scene, radius: smallest, painter: () => painter, moved: follow });

  function makePalette() {
    return createPalette(colors?.() ?? readColors(frame));
  }

  function makePainter() {
    return createPainter(scene, palette, getComputedStyle(frame).fontFamily || 'sans-serif', blockText);
  }

  function follow() {
    minimap.follow(() => palette);
    moved();
  }

  /** @param {readonly number[] | 'all'} indices */
  function update(indices) {
    const changed = scene.update(indices);
    renderer.seatsChanged(changed, changed.some((index) => scene.own.has(index)));
  }

  function resize() {
    const next = { width: frame.clientWidth, height: frame.clientHeight };
    if (!next.width || !next.height || (next.width === size.width && next.height === size.height)) return;
    size = next;
    surface.resize(size);
    camera.resize(size);
    minimap.resize(size);
    renderer.resized();
  }

  /**
   * @param {number} x pixels within the frame
   * @param {number} y pixels within the frame
   * @param {number} reach pixels beyond a seat's edge
   */
  function indexNear(x, y, reach) {
    return seatAt(plan.seats, camera.toPlan(x, y), reach / camera.scale())?.index ?? null;
  }

  /** @param {string} pointerType */
  function reachOf(pointerType) {
    if (pointerType !== 'touch') return REACH_PX.other;
    return Math.max(4, Math.min(REACH_PX.touch, FINGER_PX - smallest * camera.scale()));
  }

  const detail = () => detailAt(smallest * camera.scale(), counts);

  /**
   * Shows a section whole, or where it is too large for seats to be seen then, the part that was pointed at.
   * @param {Section} section
   * @param {Point} point
   */
  function lookInto({ box }, point) {
    const whole = Math.min(size.width / box.width, size.height / box.height);
    if (detailAt(smallest * whole * 0.9, counts) === 'blocks') camera.zoom(SEEN_RADIUS_PX / smallest / camera.scale(), point, true);
    else camera.show(box, true);
  }

  /**
   * @param {Point} at pixels within the frame
   * @param {string} pointerType
   * @returns {boolean} whether the tap meant something there
   */
  function tap(at, pointerType) {
    const point = camera.toPlan(at.x, at.y);
    if (detail() === 'blocks') {
      const near = indexNear(at.x, at.y, reachOf(pointerType));
      const section = sections.findLast((candidate) => isOn(candidate, point)) ?? (near === null ? null : sections[scene.sectionOf[near]]);
      if (section) lookInto(section, point);
      return section !== null;
    }
    const index = indexNear(at.x, at.y, reachOf(pointerType));
    if (index === null) return false;
    const shown = plan.seats[index].radius * camera.scale();
    if (!canBeAimedAt(shown, pointerType)) camera.zoom(AIMED_RADIUS_PX / shown, point, true);
    else if (!readOnly) chosen(index, pointerType);
    return true;
  }

  /** @param {Point | null} at */
  function point(at) {
    if (readOnly) return;
    const index = at && detail() !== 'blocks' ? indexNear(at.x, at.y, REACH_PX.other) : null;
    host.classList.toggle('is-over-seat', index !== null);
    if (index === scene.hovered) return;
    mark(() => {
      scene.hovered = index;
    });
    hovered(index);
  }

  /**
   * Changes rings, and draws what had or has one.
   * @param {() => void} change
   */
  function mark(change) {
    const before = scene.marked();
    change();
    const after = scene.marked();
    renderer.seatsChanged([...before, ...after], true);
  }

  function dispose() {
    ending.abort();
    resizes.disconnect();
    renderer.dispose();
    surface.dispose();
    minimap.dispose();
    host.remove();
  }

  const resizes = new ResizeObserver(resize);

  scene.update('all');
  resize();
  resizes.observe(frame);
  listenToGestures({ frame, host, camera, tap, point, signal: ending.signal });
  signal.addEventListener('abort', dispose, { signal: ending.signal });

  return {
    sections,
    update,

    /** Reads the colours anew, after the theme changed. */
    recolor() {
      palette = makePalette();
      painter = makePainter();
      minimap.forget();
      minimap.follow(() => palette);
      renderer.allChanged();
    },

    /** @param {((index: number) => boolean) | null} isDimmed */
    setDimmed(isDimmed) {
      scene.dimmed = isDimmed ? Uint8Array.from(plan.seats, (seat) => Number(isDimmed(seat.index))) : null;
      renderer.allChanged();
    },

    /** @param {readonly number[] | null} indices */
    setHighlighted(indices) {
      mark(() => {
        scene.highlighted = new Set(indices);
      });
    },

    /** @param {number | null} index of the seat with the focus */
    setCurrent(index) {
      mark(() => {
        scene.current = index;
      });
    },

    /** @param {boolean} reduced */
    setReducedMotion(reduced) {
      reducedMotion = reduced;
    },

    /**
     * Brings a seat into sight, large enough to be read.
     * @param {number} index
     */
    reveal(index) {
      camera.reveal(plan.seats[index], true);
    },

    /** @param {number} index of a section */
    showSection(index) {
      camera.show(sections[index].box, true);
    },

    /** @param {Box} box */
    showBox(box) {
      camera.show(box, true);
    },

    fit: () => camera.fit(true),

    /** @param {number} factor */
    zoomBy: (factor) => camera.zoom(factor, undefined, true),

    indexNear,

    /**
     * @param {number} index
     * @returns {{ x: number, y: number, radius: number }} CSS pixels within the frame
     */
    placeOf(index) {
      const seat = plan.seats[index];
      return { ...camera.toFrame(seat), radius: seat.radius * camera.scale() };
    },

    /** CSS pixels per plan unit. */
    scale: camera.scale,
    dispose,
  };
}
