/**
 * Seats and seat numbers drawn once for each look and size, to be copied as often as they are on the plan.
 *
 * They lie on sheets of many: a canvas of its own for each would take longer to make than to draw on. Invariant: what is
 * kept was drawn at one resolution with one palette; another of either needs new sprites.
 * @module
 */

import { drawSeat, REACH, STATUSES } from './seat-shapes.js';

/** @typedef {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} Context */
/** @typedef {{ image: OffscreenCanvas, x: number, y: number, size: number }} Sprite a square on a sheet, centred on its seat */
/** @typedef {ReturnType<typeof createSprites>} Sprites */

/** How many sprites one side of a sheet holds; large ones are few, since few large seats are seen at once. */
const MOST_PER_SIDE = 12;
const LARGEST_SHEET_PX = 1024;

/**
 * @param {object} parts
 * @param {number} parts.resolution pixels per plan unit
 * @param {{ radius: number, color: string }[]} parts.looks the colours and sizes that seats have
 * @param {import('./colors.js').Palette} parts.palette
 * @param {string} parts.font family
 */
export function createSprites({ resolution, looks, palette, font }) {
  /** @type {(Sprite | undefined)[]} */
  const seats = [];
  /** @type {Map<string, Sprite>[]} */
  const numbers = looks.map(() => new Map());
  const largest = looks.reduce((most, { radius }) => Math.max(most, radius), 0) * resolution;
  const seatSheets = createSheets(2 * (Math.ceil(largest * REACH) + 1));
  const numberSheets = createSheets(2 * Math.ceil(largest));

  return {
    resolution,

    /** How many there are by now. */
    count: () => seatSheets.count() + numberSheets.count(),

    /**
     * @param {number} look
     * @param {number} status its place in STATUSES
     * @returns {Sprite}
     */
    seat(look, status) {
      const at = look * STATUSES.length + status;
      return (seats[at] ??= seatSheets.add((context, x, y) => {
        const color = palette.seat(looks[look].color);
        drawSeat(context, STATUSES[status], { x, y, radius: looks[look].radius * resolution, color }, palette);
      }));
    },

    /**
     * @param {number} look
     * @param {string} text
     * @returns {Sprite} the text in an ink that can be read on a free seat
     */
    number(look, text) {
      const known = numbers[look].get(text);
      if (known) return known;
      const sprite = numberSheets.add((context, x, y) => {
        const radius = looks[look].radius * resolution;
        // Long numbers are set smaller, so that they stay inside the disc.
        const size = radius * Math.min(0.95, 2.3 / Math.max(2, text.length));
        context.font = `600 ${size}px ${font}`;
        context.textAlign = 'center';
        context.textBaseline = 'middle';
        context.fillStyle = palette.ink(palette.seat(looks[look].color));
        context.fillText(text, x, y + size * 0.06, radius * 1.6);
      });
      numbers[look].set(text, sprite);
      return sprite;
    },
  };
}

/** @param {number} size of a sprite */
function createSheets(size) {
  const perSide = Math.max(2, Math.min(MOST_PER_SIDE, Math.floor(LARGEST_SHEET_PX / size)));
  /** @type {OffscreenCanvasRenderingContext2D | null} */
  let context = null;
  let taken = 0;
  let count = 0;

  return {
    count: () => count,

    /**
     * @param {(context: Context, x: number, y: number) => void} draw about a point
     * @returns {Sprite}
     */
    add(draw) {
      if (!context || taken === perSide * perSide) {
        context = new OffscreenCanvas(perSide * size, perSide * size).getContext('2d');
        taken = 0;
      }
      if (!context) throw new Error('no canvas to draw seats on');
      const x = (taken % perSide) * size;
      const y = Math.floor(taken / perSide) * size;
      taken += 1;
      count += 1;
      draw(context, x + size / 2, y + size / 2);
      return { image: context.canvas, x, y, size };
    },
  };
}
