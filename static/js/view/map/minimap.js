/**
 * The whole plan in small, with the part that is seen framed; a click or drag on it moves the view.
 *
 * For pointers only: keyboards and screen readers have other ways, and it is hidden from them. Invariant: it is shown
 * only while the view leaves much of the plan out.
 * @module
 */

/** @typedef {import('../../model/bounds.js').Box} Box */
/** @typedef {import('../../model/viewbox.js').Size} Size */

/** Above this share of the plan in view there is nothing to find. */
const MOST_SEEN = 0.6;
/** Its longer side, as a share of the frame's shorter one and at most. */
const SHARE = 0.27;
const LONGEST_SIDE_PX = 132;

/**
 * @param {object} parts
 * @param {HTMLElement} parts.frame
 * @param {import('./scene.js').Scene} parts.scene
 * @param {import('./camera.js').Camera} parts.camera
 * @param {AbortSignal} parts.signal
 */
export function createMinimap({ frame, scene, camera, signal }) {
  const { bounds } = scene.plan;
  const element = document.createElement('div');
  element.className = 'minimap';
  element.setAttribute('aria-hidden', 'true');
  element.setAttribute('part', 'minimap');
  element.hidden = true;
  const canvas = document.createElement('canvas');
  const window = document.createElement('div');
  window.className = 'minimap-view';
  element.append(canvas, window);
  frame.append(element);
  let drawn = false;
  let scale = 0;

  /** @param {Size} frameSize */
  function resize({ width, height }) {
    const longest = Math.min(LONGEST_SIDE_PX, SHARE * Math.min(width, height));
    scale = longest / Math.max(bounds.width, bounds.height);
    element.style.width = `${bounds.width * scale}px`;
    element.style.height = `${bounds.height * scale}px`;
    drawn = false;
  }

  /** @param {import('./colors.js').Palette} palette */
  function draw(palette) {
    drawn = true;
    const ratio = Math.min(2, devicePixelRatio || 1);
    canvas.width = Math.ceil(bounds.width * scale * ratio);
    canvas.height = Math.ceil(bounds.height * scale * ratio);
    const context = canvas.getContext('2d');
    if (!context) return;
    context.scale(ratio * scale, ratio * scale);
    context.translate(-bounds.x, -bounds.y);
    for (const { outline, color } of scene.sections) {
      context.beginPath();
      outline.forEach(({ x, y }, at) => (at ? context.lineTo(x, y) : context.moveTo(x, y)));
      context.closePath();
      context.fillStyle = palette.seat(color);
      context.fill();
    }
  }

  /** @param {PointerEvent} event */
  function onPointer(event) {
    if (event.type === 'pointermove' && !element.hasPointerCapture(event.pointerId)) return;
    if (event.type === 'pointerdown') element.setPointerCapture(event.pointerId);
    const { left, top } = element.getBoundingClientRect();
    camera.centre({ x: bounds.x + (event.clientX - left) / scale, y: bounds.y + (event.clientY - top) / scale });
  }

  element.addEventListener('pointerdown', onPointer, { signal });
  element.addEventListener('pointermove', onPointer, { signal });

  return {
    resize,

    /**
     * Frames what is seen now.
     * @param {() => import('./colors.js').Palette} palette
     */
    follow(palette) {
      const part = shared(camera.view(), bounds);
      element.hidden = part.width * part.height >= MOST_SEEN * bounds.width * bounds.height;
      if (element.hidden) return;
      if (!drawn) draw(palette());
      window.style.width = `${part.width * scale}px`;
      window.style.height = `${part.height * scale}px`;
      window.style.transform = `translate(${(part.x - bounds.x) * scale}px, ${(part.y - bounds.y) * scale}px)`;
    },

    /** The colours are others. */
    forget() {
      drawn = false;
    },

    dispose: () => element.remove(),
  };
}

/**
 * What two boxes have in common.
 * @param {Box} a
 * @param {Box} b
 * @returns {Box}
 */
function shared(a, b) {
  const [left, top] = [Math.max(a.x, b.x), Math.max(a.y, b.y)];
  const width = Math.max(0, Math.min(a.x + a.width, b.x + b.width) - left);
  const height = Math.max(0, Math.min(a.y + a.height, b.y + b.height) - top);
  return { x: left, y: top, width, height };
}
