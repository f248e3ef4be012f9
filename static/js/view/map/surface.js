/**
 * The two canvases of the map: one is seen, moved and scaled by the compositor; the other is drawn on meanwhile.
 *
 * It knows no seats. Invariant: the canvas that is seen was drawn to its end, and its size has a bound whatever the
 * frame and the screen are.
 * @module
 */

/** @typedef {import('../../model/bounds.js').Box} Box */
/** @typedef {import('../../model/detail.js').Detail} Detail */
/** @typedef {{ width: number, height: number }} Size */
/** @typedef {ReturnType<typeof createSurface>} Surface */

/**
 * @typedef {object} Layer
 * @property {HTMLCanvasElement} canvas
 * @property {CanvasRenderingContext2D} context
 * @property {Box} box the part of the plan that is on it
 * @property {number} resolution its pixels per plan unit
 * @property {number} scale CSS pixels per plan unit that it was drawn for
 * @property {Detail} detail
 */

const LARGEST_RATIO = 2;
/** What is drawn beyond each edge of the frame, as a share of it, so that a pan has something to show. */
const MARGIN = 0.2;
const MOST_PIXELS = 6_000_000;

/** @param {HTMLElement} host */
export function createSurface(host) {
  let front = createLayer(host);
  let back = createLayer(host);
  let shown = false;
  /** @type {Size} */
  let frame = { width: 0, height: 0 };
  let ratio = 1;
  /** @type {Size} pixels of a canvas, the most that this frame has needed */
  let grown = { width: 0, height: 0 };
  /** @type {Size} CSS pixels beyond each edge */
  let margin = { width: 0, height: 0 };

  return {
    /** The layer that is seen; null until there is one. */
    seen: () => (shown ? front : null),

    /**
     * Takes a frame's size; layers that are prepared from now on fit it.
     * @param {Size} size
     */
    resize(size) {
      frame = size;
      grown = { width: 0, height: 0 };
      const wanted = Math.min(LARGEST_RATIO, devicePixelRatio || 1);
      const area = size.width * size.height * (1 + 2 * MARGIN) ** 2;
      ratio = Math.min(wanted, Math.sqrt(MOST_PIXELS / area));
      margin = { width: Math.round(size.width * MARGIN), height: Math.round(size.height * MARGIN) };
    },

    /**
     * Readies the canvas behind for drawing. It reaches beyond the view where there is something to see.
     * @param {Box} view
     * @param {Detail} detail
     * @param {Box} content
     * @returns {Layer}
     */
    prepare(view, detail, content) {
      const scale = frame.width / view.width;
      /** @param {number} units */
      const inside = (units) => Math.max(0, Math.ceil(units * scale));
      const left = Math.min(margin.width, inside(view.x - content.x));
      const top = Math.min(margin.height, inside(view.y - content.y));
      const right = Math.min(margin.width, inside(content.x + content.width - view.x - view.width));
      const bottom = Math.min(margin.height, inside(content.y + content.height - view.y - view.height));
      const { canvas } = back;
      // For one frame canvases only grow: another size costs more than what it saves.
      const width = Math.max(grown.width, Math.ceil((left + frame.width + right) * ratio));
      const height = Math.max(grown.height, Math.ceil((top + frame.height + bottom) * ratio));
      grown = { width, height };
      if (canvas.width !== width) canvas.width = width;
      if (canvas.height !== height) canvas.height = height;
      const resolution = scale * ratio;
      back.scale = scale;
      back.resolution = resolution;
      back.detail = detail;
      back.box = { x: view.x - left / scale, y: view.y - top / scale, width: width / resolution, height: height / resolution };
      return back;
    },

    /** Shows the canvas behind. */
    swap() {
      [front, back] = [back, front];
      front.canvas.style.visibility = 'visible';
      back.canvas.style.visibility = 'hidden';
      shown = true;
    },

    /**
     * Moves what is seen to where it belongs in a view.
     * @param {Box} view
     */
    place(view) {
      const scale = frame.width / view.width;
      const factor = scale / front.resolution;
      let left = (front.box.x - view.x) * scale;
      let top = (front.box.y - view.y) * scale;
      if (Math.abs(front.scale / scale - 1) < 1e-6) {
        // Whole pixels, so that nothing blurs while it is only moved.
        left = Math.round(left * ratio) / ratio;
        top = Math.round(top * ratio) / ratio;
      }
      front.canvas.style.transform = `translate(${left}px, ${top}px) scale(${factor})`;
    },

    /**
     * The smallest share of a margin that is left on a side where the view could still go; below 0 something is missing.
     * @param {Box} view
     * @param {Box} content
     */
    roomLeft(view, content) {
      const { box } = front;
      const across = (margin.width * view.width) / frame.width;
      const down = (margin.height * view.height) / frame.height;
      return Math.min(
        box.x <= content.x ? 1 : (view.x - box.x) / across,
        box.y <= content.y ? 1 : (view.y - box.y) / down,
        box.x + box.width >= content.x + content.width ? 1 : (box.x + box.width - view.x - view.width) / across,
        box.y + box.height >= content.y + content.height ? 1 : (box.y + box.height - view.y - view.height) / down,
      );
    },

    dispose() {
      for (const { canvas } of [front, back]) {
        // An empty canvas gives its memory back at once.
        canvas.width = canvas.height = 0;
        canvas.remove();
      }
    },
  };
}

/**
 * @param {HTMLElement} host
 * @returns {Layer}
 */
function createLayer(host) {
  const canvas = document.createElement('canvas');
  canvas.className = 'map-layer';
  canvas.style.visibility = 'hidden';
  const context = canvas.getContext('2d', { alpha: false });
  if (!context) throw new Error('this browser has no canvas');
  host.append(canvas);
  return { canvas, context, box: { x: 0, y: 0, width: 1, height: 1 }, resolution: 1, scale: 1, detail: 'dots' };
}
