/**
 * The figures beside a foyer screen's map: seats free in all and by category with prices, and what the pictures mean.
 *
 * The pictures are the map's own, so that the two cannot disagree. Invariant: a category keeps its line while its
 * showtime is shown.
 * @module
 */

import { byId, html } from '../elements.js';
import { drawSwatch } from '../map/seat-shapes.js';
import { setText } from '../panel/own-entry.js';

/** @typedef {import('../../texts/texts.js').Texts} Texts */
/** @typedef {import('../../model/free-counts.js').FreeCount} FreeCount */
/** @typedef {import('../../model/shown.js').ShownStatus} ShownStatus */

/** @type {ShownStatus[]} what a seat can be to everybody */
const STATES = ['available', 'locked', 'occupied', 'blocked'];

/** @param {{ texts: Texts, colors: () => import('../map/colors.js').MapColors, locale: string }} parts */
export function createFacts({ texts, colors, locale }) {
  const categories = byId('categories', HTMLElement);
  const number = new Intl.NumberFormat(locale);
  /** @type {(() => void)[]} */
  let drawings = [];
  let shown = '';

  /**
   * @param {ShownStatus} status
   * @param {string | null} color
   */
  function swatch(status, color) {
    const canvas = html('canvas', { width: '96', height: '96', 'aria-hidden': 'true' });
    drawings.push(() => drawSwatch(canvas, status, color, colors()));
    return canvas;
  }

  /** @param {string} name @param {string} color @param {string} price */
  function line(name, color, price) {
    const words = [html('span', { class: 'name' }, name), html('span', { class: 'count number' }), html('span', { class: 'price' }, price)];
    return html('li', {}, swatch('available', color), ...words);
  }

  /**
   * @param {FreeCount} count
   * @param {(category: string) => string} priceText
   */
  function build(count, priceText) {
    drawings = [];
    categories.replaceChildren(...count.categories.map(({ name, color }) => line(name, color, priceText(name))));
    byId('states', HTMLElement).replaceChildren(...STATES.map((status) => html('li', {}, swatch(status, null), texts.status(status))));
    recolor();
  }

  function recolor() {
    for (const draw of drawings) draw();
  }

  return {
    recolor,

    /**
     * @param {string} id of the showtime, its plan and its prices: another one has other lines
     * @param {FreeCount} count
     * @param {(category: string) => string} priceText
     */
    show(id, count, priceText) {
      if (shown !== id) build(count, priceText);
      shown = id;
      const written = (/** @type {number} */ free) => (count.known ? number.format(free) : '…');
      setText(byId('free', HTMLElement), written(count.free));
      setText(byId('of', HTMLElement), texts.t('wall.of', { count: count.seats }));
      count.categories.forEach(({ free }, place) => {
        categories.children[place].toggleAttribute('data-none', count.known && free === 0);
        setText(/** @type {HTMLElement} */ (categories.children[place].querySelector('.count')), written(free));
      });
    },
  };
}
