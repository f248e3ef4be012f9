/**
 * What is on a plan besides its seats: areas with their captions, and row labels.
 *
 * Invariant: an area that seats lie on is toned down so far that the seats keep their contrast.
 * @module
 */

import { cornersOf } from '../../model/area.js';
import { gridOf } from '../../model/seat-grid.js';
import { isOn } from '../../model/sections.js';

/** @typedef {import('../../model/area.js').Area} Area */
/** @typedef {import('../../model/bounds.js').Box} Box */
/** @typedef {import('./colors.js').Palette} Palette */
/** @typedef {{ area: Area, box: Box, path: Path2D | null, fill: string | null, edge: string | null, textColor: string | null, covered: boolean }} Piece */

/** How many of the seats near an area are looked at to know whether some lie on it. */
const SEATS_ASKED = 300;
/** Smaller text is a smear. */
const LEAST_TEXT_PX = 6;
const ROW_LABEL_SIZE = 11;
const LEAST_ROW_LABEL_PX = 6.5;

/**
 * @param {import('../../model/plan.js').SeatPlan} plan
 * @param {import('../../model/sections.js').Section[]} sections
 * @param {Palette} palette
 * @param {string} font family
 */
export function createScenery(plan, sections, palette, font) {
  const pieces = plan.areas.map((area) => pieceOf(area, plan, sections, palette));
  const labels = plan.rows.flatMap((row) => row.labels);

  /**
   * Draws what lies in a part of the plan.
   * @param {CanvasRenderingContext2D} context in plan units
   * @param {Box} region
   * @param {number} scale CSS pixels per plan unit
   * @param {boolean} fromAfar leave out what blocks are drawn over
   */
  function draw(context, region, scale, fromAfar) {
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    for (const piece of pieces) {
      if (!overlap(piece.box, region)) continue;
      drawPiece(context, piece, scale, fromAfar);
    }
    if (fromAfar || ROW_LABEL_SIZE * scale < LEAST_ROW_LABEL_PX) return;
    context.font = `${ROW_LABEL_SIZE}px ${font}`;
    context.fillStyle = palette.quiet;
    for (const { x, y, text } of labels) {
      if (overlap({ x: x - 30, y: y - 12, width: 60, height: 24 }, region)) context.fillText(text, x, y);
    }
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Piece} piece
   * @param {number} scale
   * @param {boolean} fromAfar
   */
  function drawPiece(context, { area, path, fill, edge, textColor, covered }, scale, fromAfar) {
    context.save();
    context.translate(area.x, area.y);
    context.rotate((area.rotation * Math.PI) / 180);
    if (path && fill) {
      context.fillStyle = fill;
      context.fill(path);
    }
    if (path && edge) {
      context.strokeStyle = edge;
      context.lineWidth = Math.max(1, 1 / scale);
      context.stroke(path);
    }
    if (area.text && textColor && area.text.size * scale >= LEAST_TEXT_PX && !(fromAfar && covered)) {
      context.font = `${area.text.size}px ${font}`;
      context.fillStyle = textColor;
      context.fillText(area.text.content, area.text.x, area.text.y);
    }
    context.restore();
  }

  return { draw };
}

/**
 * @param {Area} area
 * @param {import('../../model/plan.js').SeatPlan} plan
 * @param {import('../../model/sections.js').Section[]} sections
 * @param {Palette} palette
 * @returns {Piece}
 */
function pieceOf(area, plan, sections, palette) {
  const path = pathOf(area);
  const box = boxOf(area);
  const under = path !== null && holdsSeats(area, path, box, plan);
  const paint = under ? palette.ground : palette.area;
  const fill = path && area.color ? paint(area.color) : null;
  const edge = area.borderColor && path ? palette.area(area.borderColor) : null;
  const ground = fill ?? palette.background;
  const own = area.text?.color ?? (fill ? palette.ink(fill) : palette.quiet);
  const textColor = area.text ? palette.textOn(own, ground) : null;
  const place = area.text ? onPlan(area, area.text) : null;
  // A block says its own name.
  const covered = place !== null && sections.some((section) => section.name === area.text?.content.trim() || (contains(section.box, place) && isOn(section, place)));
  return { area, box, path, fill, edge, textColor, covered };
}

/** @param {Area} area */
function pathOf({ outline }) {
  const path = new Path2D();
  switch (outline.kind) {
    case 'polygon':
      outline.points.forEach(({ x, y }, at) => (at ? path.lineTo(x, y) : path.moveTo(x, y)));
      path.closePath();
      return path;
    case 'rectangle':
      path.roundRect(0, 0, outline.width, outline.height, 4);
      return path;
    case 'ellipse':
      path.ellipse(0, 0, outline.rx, outline.ry, 0, 0, 2 * Math.PI);
      return path;
    case 'none':
      return null;
  }
}

/** @param {Area} area */
function boxOf(area) {
  const corners = cornersOf(area);
  if (area.text) {
    const half = Math.max(1, area.text.content.length) * area.text.size * 0.4;
    const { x, y } = onPlan(area, area.text);
    corners.push({ x: x - half, y: y - half }, { x: x + half, y: y + half });
  }
  const xs = corners.map(({ x }) => x);
  const ys = corners.map(({ y }) => y);
  const [left, top] = [Math.min(...xs) - 2, Math.min(...ys) - 2];
  return { x: left, y: top, width: Math.max(...xs) + 2 - left, height: Math.max(...ys) + 2 - top };
}

/** @type {CanvasRenderingContext2D | null} */
let scratch = null;

/**
 * @param {Area} area
 * @param {Path2D} path
 * @param {Box} box
 * @param {import('../../model/plan.js').SeatPlan} plan
 */
function holdsSeats(area, path, box, plan) {
  scratch ??= document.createElement('canvas').getContext('2d');
  const near = gridOf(plan.seats).within(box);
  const step = Math.max(1, Math.ceil(near.length / SEATS_ASKED));
  const angle = (-area.rotation * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  for (let at = 0; at < near.length; at += step) {
    const [dx, dy] = [near[at].x - area.x, near[at].y - area.y];
    if (scratch?.isPointInPath(path, dx * cos - dy * sin, dx * sin + dy * cos)) return true;
  }
  return false;
}

/**
 * @param {Area} area
 * @param {import('../../model/plan.js').Point} point relative to it
 */
function onPlan({ x, y, rotation }, point) {
  const angle = (rotation * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return { x: x + point.x * cos - point.y * sin, y: y + point.x * sin + point.y * cos };
}

/**
 * @param {Box} box
 * @param {import('../../model/plan.js').Point} point
 */
function contains(box, { x, y }) {
  return x >= box.x && y >= box.y && x <= box.x + box.width && y <= box.y + box.height;
}

/**
 * @param {Box} a
 * @param {Box} b
 */
export function overlap(a, b) {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
