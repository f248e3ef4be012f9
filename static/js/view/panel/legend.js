/**
 * What colours and shapes on the map mean: the categories with their prices, and the states of a seat.
 *
 * The pictures are the map's own, so that the two cannot disagree.
 * @module
 */

import { html } from '../elements.js';

/** @typedef {import('../../model/shown.js').ShownStatus} ShownStatus */

/**
 * @typedef {object} LegendParts
 * @property {HTMLElement} host
 * @property {import('../../texts/texts.js').Texts} texts
 * @property {{ name: string, color: string }[]} categories
 * @property {(category: string) => string} priceText
 * @property {(canvas: HTMLCanvasElement, status: ShownStatus, color: string | null) => void} drawSwatch
 * @property {boolean} open whether it is unfolded at first
 * @property {AbortSignal} signal
 */

/** @type {ShownStatus[]} */
const STATES = ['available', 'selected', 'pending', 'locked', 'occupied', 'blocked', 'lost'];

/** @param {LegendParts} parts */
export function createLegend({ host, texts, categories, priceText, drawSwatch, open, signal }) {
  /** @type {(() => void)[]} */
  const drawings = [];

  /**
   * @param {ShownStatus} status
   * @param {string | null} color
   * @param {...HTMLElement} words
   */
  function entry(status, color, ...words) {
    const canvas = html('canvas', { class: 'swatch', width: '48', height: '48', 'aria-hidden': 'true' });
    drawings.push(() => drawSwatch(canvas, status, color));
    return html('li', {}, canvas, ...words);
  }

  /**
   * @param {string} title
   * @param {HTMLElement[]} entries
   */
  const group = (title, entries) => [html('h3', {}, title), html('ul', {}, ...entries)];

  const priced = categories.map(({ name, color }) => entry('available', color, html('span', {}, name), html('span', { class: 'price' }, priceText(name))));
  const states = STATES.map((status) => entry(status, null, html('span', {}, texts.status(status))));
  const legend = html('details', { class: 'legend', part: 'legend', 'data-part': 'legend' }, html('summary', {}, texts.t('legend.title')));
  if (priced.length) legend.append(...group(texts.t('legend.prices'), priced));
  legend.append(...group(texts.t('legend.seats'), states));
  legend.open = open;
  host.append(legend);
  signal.addEventListener('abort', () => legend.remove());

  /** Draws the pictures anew, for other colours of the page. */
  function recolor() {
    for (const draw of drawings) draw();
  }

  recolor();
  return { recolor };
}
