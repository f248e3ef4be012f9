/**
 * The list of showtimes: each with its time, prices and free seats, and the ways to its map and its screens.
 *
 * It asks nobody for anything. Invariant: a showtime keeps its element for as long as it is listed, so that focus and
 * scroll stay when numbers change.
 * @module
 */

import { html } from '../elements.js';
import { freeText, pricesText } from './showtime-words.js';

/** @typedef {import('../../texts/texts.js').Texts} Texts */
/** @typedef {import('../../model/wire.js').Showtime} Showtime */
/** @typedef {ReturnType<typeof createShowtimeList>} ShowtimeList */

const SCREENS = /** @type {const} */ (['kiosk', 'wall', 'desk']);

/**
 * @param {{ host: HTMLElement, texts: Texts, search: string }} parts `search`: the page's query, kept in the links
 */
export function createShowtimeList({ host, texts, search }) {
  /** @type {Map<string, HTMLLIElement>} */
  const items = new Map();

  /** @param {Showtime} showtime */
  function draw(showtime) {
    const { showtimeId, title, startsAt, seatCount } = showtime;
    const facts = [pricesText(texts, showtime), texts.t('showtimes.seats', { count: seatCount })].filter(Boolean);
    return html(
      'li',
      { 'data-showtime': showtimeId },
      html('h2', {}, html('a', { class: 'map', href: address('showtimes', showtimeId, search) }, title)),
      html('time', { datetime: startsAt }, texts.dayAndTime(startsAt)),
      html('p', { class: 'facts' }, html('span', { class: 'free number' }), facts.join(' · ')),
      drawScreens(showtime),
    );
  }

  /** @param {Showtime} showtime */
  function drawScreens({ showtimeId, title }) {
    const links = SCREENS.map((screen) => html('a', { href: address(screen, showtimeId, search) }, texts.t(`showtimes.${screen}`)));
    return html('div', { class: 'screens', role: 'group', 'aria-label': texts.t('showtimes.screens', { title }) }, ...links);
  }

  return {
    /** @param {readonly Showtime[]} showtimes in the order to be shown */
    show(showtimes) {
      const listed = new Set(showtimes.map(({ showtimeId }) => showtimeId));
      for (const [id, item] of items) if (!listed.has(id)) forget(id, item);
      showtimes.forEach((showtime, place) => {
        const item = items.get(showtime.showtimeId) ?? draw(showtime);
        items.set(showtime.showtimeId, item);
        if (host.children[place] !== item) host.insertBefore(item, host.children[place] ?? null);
      });
    },

    /**
     * @param {string} id
     * @param {number} free
     * @param {string} age says how old the number is, empty while it is current
     */
    showFree(id, free, age) {
      const place = items.get(id)?.querySelector('.free');
      if (!(place instanceof HTMLElement)) return;
      const text = `${[freeText(texts, free), age].filter(Boolean).join(', ')} · `;
      if (place.textContent !== text) place.textContent = text;
      place.toggleAttribute('data-none', free === 0);
    },

    /** The elements by showtime, to be watched for coming into view. */
    items: /** @type {ReadonlyMap<string, HTMLLIElement>} */ (items),
  };

  /**
   * @param {string} id
   * @param {HTMLLIElement} item
   */
  function forget(id, item) {
    item.remove();
    items.delete(id);
  }
}

/**
 * @param {'showtimes' | 'kiosk' | 'wall' | 'desk'} page
 * @param {string} id
 * @param {string} search
 */
export function address(page, id, search) {
  return `/${page}/${encodeURIComponent(id)}${search}`;
}
