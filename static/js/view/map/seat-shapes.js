/**
 * How a seat looks in each state: by shape and weight first, by colour on top. The map and its legend draw with this.
 *
 * A free seat is a full disc, one's own a larger square with a tick; what cannot be had is small or hollow. Invariant:
 * without any colour all states differ, and as dots free, taken and one's own still do.
 * @module
 */

import { createPalette } from './colors.js';

/** @typedef {import('../../model/shown.js').ShownStatus} ShownStatus */
/** @typedef {import('./colors.js').Palette} Palette */
/** @typedef {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} Context */

/** @type {ShownStatus[]} */
export const STATUSES = ['unknown', 'available', 'locked', 'occupied', 'blocked', 'selected', 'pending', 'lost'];

/** How far a shape reaches from its seat's centre, in radii. */
export const REACH = 1.3;

/** Smaller shapes lose their inner drawing: only size, outline and fill can be made out. */
const READABLE_RADIUS = 5.5;

/** @type {Record<ShownStatus, (pen: Pen) => void>} */
const SHAPES = {
  unknown: ({ ring, palette }) => ring(0.66, 0.16, palette.taken),
  available: ({ disc, color }) => disc(0.9, color),
  locked: ({ ring, bar, small, palette }) => {
    ring(0.6, small ? 0.36 : 0.24, palette.taken);
    if (!small) bar(0.62, 0.26, palette.taken);
  },
  occupied: ({ cross, disc, small, palette }) => (small ? disc(0.34, palette.taken) : cross(0.46, 0.2, palette.taken)),
  blocked: ({ box, slash, small, palette }) => {
    box(0.5, 0.16, palette.taken);
    if (!small) slash(0.5, 0.16, palette.taken);
  },
  selected: ({ square, tick, small, palette }) => {
    square(1.12, palette.mine);
    if (!small) tick(0.22, palette.ink(palette.mine));
  },
  pending: ({ disc, ring, palette, color, dashes }) => {
    disc(0.5, color);
    dashes();
    ring(0.95, 0.2, palette.mine);
  },
  lost: ({ triangle, mark, small, palette }) => {
    triangle(1.2, palette.lost);
    if (!small) mark(palette.ink(palette.lost));
  },
};

/** @typedef {ReturnType<typeof createPen>} Pen */

/**
 * Draws one seat.
 * @param {Context} context
 * @param {ShownStatus} status
 * @param {{ x: number, y: number, radius: number, color: string }} seat radius in the context's units, colour as it is to be
 * @param {Palette} palette
 * @param {number} [resolution] pixels per unit of the context
 */
export function drawSeat(context, status, seat, palette, resolution = 1) {
  context.save();
  context.translate(seat.x, seat.y);
  context.scale(seat.radius, seat.radius);
  context.lineCap = 'round';
  context.lineJoin = 'round';
  SHAPES[status](createPen(context, seat.color, palette, seat.radius * resolution < READABLE_RADIUS));
  context.restore();
}

/**
 * Draws a seat of the legend so that it fills a canvas.
 * @param {HTMLCanvasElement} canvas
 * @param {ShownStatus} status
 * @param {string | null} color of a category as the plan has it; null for none in particular
 * @param {import('./colors.js').MapColors} colors
 */
export function drawSwatch(canvas, status, color, colors) {
  const context = canvas.getContext('2d');
  if (!context) return;
  const palette = createPalette(colors);
  const size = Math.min(canvas.width, canvas.height);
  context.clearRect(0, 0, canvas.width, canvas.height);
  const place = { x: canvas.width / 2, y: canvas.height / 2, radius: size / 2 / REACH };
  drawSeat(context, status, { ...place, color: color ? palette.seat(color) : palette.quiet }, palette);
}

/**
 * Strokes and fills about the origin, for a seat of radius 1.
 * @param {Context} context
 * @param {string} color
 * @param {Palette} palette
 * @param {boolean} small
 */
function createPen(context, color, palette, small) {
  /** @param {number} width @param {string} paint */
  function stroke(width, paint) {
    context.lineWidth = width;
    context.strokeStyle = paint;
    context.stroke();
  }

  /** @param {number} r @param {string} paint */
  function disc(r, paint) {
    context.beginPath();
    context.arc(0, 0, r, 0, 2 * Math.PI);
    context.fillStyle = paint;
    context.fill();
  }

  /** @param {number} r @param {number} width @param {string} paint */
  function ring(r, width, paint) {
    context.beginPath();
    context.arc(0, 0, r, 0, 2 * Math.PI);
    stroke(width, paint);
  }

  /** @param {number} half @param {number} width @param {string} paint */
  function box(half, width, paint) {
    context.beginPath();
    context.rect(-half, -half, 2 * half, 2 * half);
    stroke(width, paint);
  }

  /** @param {number} side @param {string} paint */
  function square(side, paint) {
    context.beginPath();
    context.roundRect(-side, -side, 2 * side, 2 * side, 0.34);
    context.fillStyle = paint;
    context.fill();
  }

  /** @param {number} side @param {string} paint */
  function triangle(side, paint) {
    line([0, -side], [side * 0.95, side * 0.75], [-side * 0.95, side * 0.75]);
    context.closePath();
    context.fillStyle = paint;
    context.fill();
  }

  /** @param {number[][]} points */
  function line(...points) {
    context.beginPath();
    points.forEach(([x, y], at) => (at ? context.lineTo(x, y) : context.moveTo(x, y)));
  }

  return {
    color, palette, small, disc, ring, box, square, triangle,
    /** @param {number} length @param {number} width @param {string} paint */
    bar(length, width, paint) {
      line([-length / 2, 0], [length / 2, 0]);
      stroke(width, paint);
    },
    /** @param {number} half @param {number} width @param {string} paint */
    cross(half, width, paint) {
      line([-half, -half], [half, half]);
      stroke(width, paint);
      line([-half, half], [half, -half]);
      stroke(width, paint);
    },
    /** @param {number} half @param {number} width @param {string} paint */
    slash(half, width, paint) {
      line([-half, half], [half, -half]);
      stroke(width, paint);
    },
    /** @param {number} width @param {string} paint */
    tick(width, paint) {
      line([-0.52, 0.04], [-0.14, 0.42], [0.54, -0.4]);
      stroke(width, paint);
    },
    /** @param {string} paint */
    mark(paint) {
      line([0, -0.4], [0, 0.2]);
      stroke(0.22, paint);
      line([0, 0.54], [0, 0.55]);
      stroke(0.24, paint);
    },
    dashes: () => context.setLineDash(small ? [] : [0.45, 0.3]),
  };
}
