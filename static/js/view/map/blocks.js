/**
 * Sections from afar: a filled outline with the section's name and how many of its seats are free.
 *
 * Invariant: the fuller the colour, the larger the share of free seats; one without any is an empty outline.
 * @module
 */

import { mixed } from '../../model/contrast.js';
import { roomAt } from '../../model/sections.js';

/** @typedef {import('../../model/sections.js').Section} Section */
/** @typedef {{ free: number, known: number }} Count */

const LARGEST_TEXT_PX = 14;
const LEAST_TEXT_PX = 7;
const PADDING_PX = 1;
const LINE_HEIGHT = 1.2;
/** The faintest fill of a section that has a free seat. */
const FAINTEST = 0.3;

/**
 * @param {Section[]} sections
 * @param {Count[]} counts
 * @param {import('./colors.js').Palette} palette
 * @param {string} font family
 * @param {(section: Section, free: number) => string} blockText
 */
export function createBlocks(sections, counts, palette, font, blockText) {
  const paths = sections.map(({ outline }) => {
    const path = new Path2D();
    outline.forEach(({ x, y }, at) => (at ? path.lineTo(x, y) : path.moveTo(x, y)));
    path.closePath();
    return path;
  });
  /** @type {Map<string, number>} the width of a text in a font of one pixel */
  const widths = new Map();

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {string} text
   */
  function widthOf(context, text) {
    let width = widths.get(text);
    if (width === undefined) {
      context.font = `600 20px ${font}`;
      width = context.measureText(text).width / 20;
      // Counts come and go: what is kept of them has a bound.
      if (widths.size > 5000) widths.clear();
      widths.set(text, width);
    }
    return width;
  }

  /** @param {Count} count */
  function fillOf({ free, known }, /** @type {Section} */ { color, seats }) {
    const full = palette.seat(color);
    if (!known) return mixed(palette.background, palette.taken, FAINTEST);
    if (!free) return palette.background;
    return mixed(palette.background, full, FAINTEST + (1 - FAINTEST) * Math.round((8 * free) / seats.length) / 8);
  }

  /**
   * The largest size at which all lines lie on the section.
   * @param {CanvasRenderingContext2D} context
   * @param {Section} section
   * @param {string[]} lines
   * @param {number} scale
   */
  function sizeFor(context, section, lines, scale) {
    const widest = Math.max(...lines.map((line) => widthOf(context, line)));
    for (let size = LARGEST_TEXT_PX; size >= LEAST_TEXT_PX; size -= 1) {
      const half = (lines.length * size * LINE_HEIGHT) / 2 / scale;
      const room = Math.min(roomAt(section, section.centre.y - half), roomAt(section, section.centre.y + half));
      if (room * scale >= (widest * size) / 2 + PADDING_PX) return size;
    }
    return null;
  }

  return {
    /**
     * @param {CanvasRenderingContext2D} context in plan units
     * @param {Section} section
     * @param {number} scale CSS pixels per plan unit
     */
    draw(context, section, scale) {
      const count = counts[section.index];
      const fill = fillOf(count, section);
      context.fillStyle = fill;
      context.fill(paths[section.index]);
      context.strokeStyle = count.free ? palette.seat(section.color) : palette.taken;
      context.lineWidth = 1 / scale;
      context.stroke(paths[section.index]);
      const number = count.known ? [blockText(section, count.free)] : [];
      const choices = [[section.name, ...number], number.length ? [String(count.free)] : [], [section.name]];
      for (const choice of choices) {
        const lines = choice.filter(Boolean);
        if (!lines.length) continue;
        const size = sizeFor(context, section, lines, scale);
        if (size === null) continue;
        writeLines(context, section.centre, lines, size / scale, count.free ? palette.ink(fill) : palette.quiet);
        break;
      }
    },
  };

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {import('../../model/plan.js').Point} centre
   * @param {string[]} lines
   * @param {number} size
   * @param {string} color
   */
  function writeLines(context, centre, lines, size, color) {
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.fillStyle = color;
    const top = centre.y - ((lines.length - 1) * size * LINE_HEIGHT) / 2;
    lines.forEach((line, at) => {
      context.font = `${at || lines.length === 1 ? 400 : 600} ${size}px ${font}`;
      context.fillText(line, centre.x, top + at * size * LINE_HEIGHT);
    });
  }
}
