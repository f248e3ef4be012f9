/**
 * The place on a page where one seat map at a time stands.
 *
 * A map is made anew each time, so that nothing of the one before is left in it: no filter, no zoom, no message.
 * @module
 */

/** @typedef {import('../seat-map.js').SeatMapElement} SeatMapElement */

/** @param {{ host: HTMLElement, page: import('./page.js').Page }} parts */
export function createMapPlace({ host, page }) {
  /** @type {SeatMapElement | null} */
  let map = null;

  return {
    host,

    /**
     * @param {string} showtimeId
     * @param {import('../client.js').SeatClient} client
     */
    open(showtimeId, client) {
      map = /** @type {SeatMapElement} */ (document.createElement('seat-map'));
      map.setAttribute('showtime', showtimeId);
      map.setAttribute('lang', page.locale);
      map.setAttribute('theme', page.theme);
      map.client = client;
      host.replaceChildren(map);
      return map;
    },

    close() {
      map = null;
      host.replaceChildren();
    },

    /** The seats that the visitor holds or is asking for. */
    own: () => map?.room?.own() ?? [],
  };
}
