/**
 * Draws what is on a plan besides its seats: areas and row labels. Drawn once, never touched again.
 * @module
 */

import { readableOn } from '../model/color.js';
import { svg } from './elements.js';

/** @typedef {import('../model/area.js').Area} Area */

/**
 * @param {import('../model/plan.js').SeatPlan} plan
 * @returns {SVGGElement}
 */
export function drawScenery(plan) {
  const labels = plan.rows.flatMap((row) => row.labels);
  return svg(
    'g',
    { class: 'scenery', 'aria-hidden': 'true' },
    ...plan.areas.map(drawArea),
    ...labels.map(({ x, y, text }) => svg('text', { class: 'row-label', x, y }, text)),
  );
}

/** @param {Area} area */
function drawArea(area) {
  const turn = area.rotation ? ` rotate(${area.rotation})` : '';
  const group = svg('g', { transform: `translate(${area.x} ${area.y})${turn}` });
  const outline = drawOutline(area);
  if (outline) {
    outline.classList.add('area');
    // The style sheet paints with this colour, or on a dark ground with a shade of it.
    if (area.color) outline.setAttribute('color', area.color);
    else outline.setAttribute('fill', 'none');
    if (area.borderColor) outline.setAttribute('stroke', area.borderColor);
    group.append(outline);
  }
  if (area.text) {
    const { x, y, size, content, color } = area.text;
    const text = svg('text', { class: 'area-text', x, y, 'font-size': size }, content);
    const paint = color ?? (outline ? readableOn(area.color) : null);
    if (paint) text.setAttribute('color', paint);
    group.append(text);
  }
  return group;
}

/** @param {Area} area */
function drawOutline({ outline }) {
  switch (outline.kind) {
    case 'polygon':
      return svg('polygon', { points: outline.points.map(({ x, y }) => `${x},${y}`).join(' ') });
    case 'rectangle':
      return svg('rect', { width: outline.width, height: outline.height, rx: 4 });
    case 'ellipse':
      return svg('ellipse', { rx: outline.rx, ry: outline.ry });
    case 'none':
      return null;
  }
}
