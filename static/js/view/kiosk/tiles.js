/**
 * The tiles of a kiosk's first screen: one large button for each showtime, with the seats that are free now.
 *
 * It knows no room and no client. Invariant: a tile keeps its element, and with it the finger or the focus on it, for as
 * long as its showtime is offered.
 * @module
 */

import { html } from '../elements.js';
import { freeText } from '../showtimes/showtime-words.js';

/**
 * @typedef {object} Tile
 * @property {string} id
 * @property {string} title
 * @property {string} startsAt
 * @property {number | null} free null while it is not known
 * @property {string} age says how old the number is, empty while it is current
 * @property {number} own how many seats the visitor holds there
 */

/** @typedef {ReturnType<typeof createTiles>} Tiles */

const PARTS = /** @type {const} */ (['name', 'starts', 'free', 'age', 'own']);

/**
 * @param {{ host: HTMLElement, texts: import('../../texts/texts.js').Texts, chosen: (id: string) => void }} parts
 */
export function createTiles({ host, texts, chosen }) {
  /** @type {Map<string, HTMLLIElement>} */
  const items = new Map();

  /** @param {string} id */
  function make(id) {
    const button = html('button', { type: 'button' }, ...PARTS.map((part) => html('span', { class: part })));
    button.addEventListener('click', () => chosen(id));
    const item = html('li', { 'data-tile': id }, button);
    items.set(id, item);
    return item;
  }

  /**
   * @param {HTMLLIElement} item
   * @param {Tile} tile
   */
  function fill(item, { title, startsAt, free, age, own }) {
    const words = {
      name: title,
      starts: texts.dayAndTime(startsAt),
      free: free === null ? '…' : freeText(texts, free),
      age,
      own: own ? texts.t('kiosk.yours', { count: own }) : '',
    };
    for (const part of PARTS) {
      const place = /** @type {HTMLElement} */ (item.querySelector(`.${part}`));
      if (place.textContent !== words[part]) place.textContent = words[part];
    }
    item.querySelector('.free')?.toggleAttribute('data-none', free === 0);
  }

  return {
    /** @param {readonly Tile[]} tiles in the order to be shown; those not named disappear */
    show(tiles) {
      const shown = new Set(tiles.map(({ id }) => id));
      for (const [id, item] of items) {
        if (shown.has(id)) continue;
        item.remove();
        items.delete(id);
      }
      tiles.forEach((tile, place) => {
        const item = items.get(tile.id) ?? make(tile.id);
        fill(item, tile);
        if (host.children[place] !== item) host.insertBefore(item, host.children[place] ?? null);
      });
    },

    /** @param {string} id */
    focus(id) {
      items.get(id)?.querySelector('button')?.focus();
    },
  };
}
