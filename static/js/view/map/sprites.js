/**
 * Seats and seat numbers drawn once for each look and size, to be copied as often as they are on the plan.
 *
 * Invariant: what is kept was drawn at one resolution with one palette; another of either needs new sprites.
 * @module
 */

import { drawSeat, REACH, STATUSES } from './seat-shapes.js';

/** @typedef {{ image: ImageBitmap, half: number }} Sprite centred; `half` is half its width in pixels */
/** @typedef {ReturnType<typeof createSprites>} Sprites */

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
  /** @type {Map<string, Sprite>} */
  const numbers = new Map();

  return {
    resolution,

    /**
     * @param {number} look
     * @param {number} status its place in STATUSES
     * @returns {Sprite}
     */
    seat(look, status) {
      const at = look * STATUSES.length + status;
      return (seats[at] ??= drawn(Math.ceil(looks[look].radius * resolution * REACH) + 1, (context, half) => {
        const radius = looks[look].radius * resolution;
        const color = palette.seat(looks[look].color);
        drawSeat(context, STATUSES[status], { x: half, y: half, radius, color }, palette);
      }));
    },

    /**
     * @param {number} look
     * @param {string} text
     * @returns {Sprite} the text in an ink that can be read on a free seat
     */
    number(look, text) {
      const key = `${look} ${text}`;
      const known = numbers.get(key);
      if (known) return known;
      const radius = looks[look].radius * resolution;
      const sprite = drawn(Math.ceil(radius), (context, half) => {
        // Long numbers are set smaller, so that they stay inside the disc.
        const size = radius * Math.min(0.95, 2.3 / Math.max(2, text.length));
        context.font = `600 ${size}px ${font}`;
        context.textAlign = 'center';
        context.textBaseline = 'middle';
        context.fillStyle = palette.ink(palette.seat(looks[look].color));
        context.fillText(text, half, half + size * 0.06, radius * 1.6);
      });
      numbers.set(key, sprite);
      return sprite;
    },
  };
}

/**
 * @param {number} half
 * @param {(context: OffscreenCanvasRenderingContext2D, half: number) => void} draw
 * @returns {Sprite}
 */
function drawn(half, draw) {
  const canvas = new OffscreenCanvas(2 * half, 2 * half);
  const context = canvas.getContext('2d');
  if (!context) throw new Error('no canvas to draw seats on');
  draw(context, half);
  return { image: canvas.transferToImageBitmap(), half };
}
