/**
 * Areas of a seating plan: stages, pitches, walls and captions. They are looked at, never sold.
 * @module
 */

import { safeColor } from './color.js';

/** @typedef {import('./plan.js').Point} Point */

/**
 * @typedef {{ kind: 'polygon', points: Point[] }
 *   | { kind: 'rectangle', width: number, height: number }
 *   | { kind: 'ellipse', rx: number, ry: number }
 *   | { kind: 'none' }} Outline relative to the area's place; an ellipse is centred on it
 */

/**
 * @typedef {object} Area
 * @property {number} x
 * @property {number} y
 * @property {number} rotation degrees clockwise about (x, y)
 * @property {Outline} outline
 * @property {string | null} color
 * @property {string | null} borderColor
 * @property {(Point & { content: string, size: number, color: string | null }) | null} text relative to (x, y)
 */

/**
 * @typedef {object} RawArea
 * @property {string} [shape]
 * @property {Partial<Point>} [position]
 * @property {string} [color]
 * @property {string} [border_color]
 * @property {number} [rotation]
 * @property {{ points?: Partial<Point>[] }} [polygon]
 * @property {{ width?: number, height?: number }} [rectangle]
 * @property {{ radius?: Partial<Point> }} [ellipse]
 * @property {{ radius?: number }} [circle]
 * @property {{ text?: string, position?: Partial<Point>, color?: string, size?: number }} [text]
 */

const DEFAULT_TEXT_SIZE = 16;

/**
 * @param {RawArea} raw
 * @param {Point} zone the zone's place
 * @returns {Area}
 */
export function readArea(raw, zone) {
  return {
    x: zone.x + (raw.position?.x ?? 0),
    y: zone.y + (raw.position?.y ?? 0),
    rotation: raw.rotation ?? 0,
    outline: outlineOf(raw),
    color: safeColor(raw.color),
    borderColor: safeColor(raw.border_color),
    text: textOf(raw),
  };
}

/**
 * The points that span an area, in the plan's coordinates.
 * @param {Area} area
 * @returns {Point[]}
 */
export function cornersOf(area) {
  const angle = (area.rotation * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return relativeCorners(area).map(({ x, y }) => ({
    x: area.x + x * cos - y * sin,
    y: area.y + x * sin + y * cos,
  }));
}

/**
 * @param {RawArea} raw
 * @returns {Outline}
 */
function outlineOf(raw) {
  switch (raw.shape) {
    case 'polygon':
      return { kind: 'polygon', points: (raw.polygon?.points ?? []).map(({ x = 0, y = 0 }) => ({ x, y })) };
    case 'rectangle':
      return { kind: 'rectangle', width: raw.rectangle?.width ?? 0, height: raw.rectangle?.height ?? 0 };
    case 'ellipse':
      return { kind: 'ellipse', rx: raw.ellipse?.radius?.x ?? 0, ry: raw.ellipse?.radius?.y ?? 0 };
    case 'circle':
      return { kind: 'ellipse', rx: raw.circle?.radius ?? 0, ry: raw.circle?.radius ?? 0 };
    default:
      return { kind: 'none' };
  }
}

/** @param {RawArea} raw */
function textOf({ text }) {
  if (!text?.text?.trim()) return null;
  const { x = 0, y = 0 } = text.position ?? {};
  return { x, y, content: text.text, size: text.size ?? DEFAULT_TEXT_SIZE, color: safeColor(text.color) };
}

/**
 * @param {Area} area
 * @returns {Point[]}
 */
function relativeCorners({ outline, text }) {
  switch (outline.kind) {
    case 'polygon':
      return outline.points;
    case 'rectangle':
      return boxCorners(0, 0, outline.width, outline.height);
    case 'ellipse':
      return boxCorners(-outline.rx, -outline.ry, outline.rx, outline.ry);
    case 'none': {
      if (!text) return [];
      const halfWidth = text.content.length * text.size * 0.3;
      return boxCorners(text.x - halfWidth, text.y - text.size, text.x + halfWidth, text.y + text.size);
    }
  }
}

/**
 * @param {number} left
 * @param {number} top
 * @param {number} right
 * @param {number} bottom
 * @returns {Point[]}
 */
function boxCorners(left, top, right, bottom) {
  return [
    { x: left, y: top },
    { x: right, y: top },
    { x: right, y: bottom },
    { x: left, y: bottom },
  ];
}
