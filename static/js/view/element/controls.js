/**
 * The tools of a seat map: zoom, map or list, filter, and the search for seats together.
 *
 * Invariant: what is marked on map and list is what the page marked together with what the search suggests.
 * @module
 */

import { priceIn } from '../../model/filter.js';
import { createFilter } from '../panel/filter.js';
import { createFindTogether } from '../panel/find-together.js';
import { createToolbar } from '../panel/toolbar.js';

/** @typedef {import('../../model/plan.js').Seat} Seat */

const ZOOM_STEP = 1.6;

/**
 * @typedef {object} ControlParts
 * @property {import('../../client.js').Room} room
 * @property {import('./shell.js').Shell} shell
 * @property {import('../../texts/texts.js').Texts} texts
 * @property {import('../map/map-view.js').MapView} map
 * @property {import('../list/list-view.js').ListView} list
 * @property {(amount: import('../../model/wire.js').Amount | undefined) => string} money
 * @property {import('./remarks.js').Remarks} remarks
 * @property {() => void} remarked what is called something else now is to be named anew
 * @property {boolean} readOnly
 * @property {AbortSignal} signal
 */

/** @param {ControlParts} parts */
export function createControls({ room, shell, texts, map, list, money, remarks, remarked, readOnly, signal }) {
  const { plan, showtime } = room;
  const common = { host: shell.overlay, texts, plan, signal };
  const isFree = (/** @type {number} */ index) => room.statusOf(index) === 'available';
  /** @type {number[]} */
  let marked = [];
  /** @type {number[]} */
  let suggested = [];

  const filter = createFilter({
    ...common,
    amountOf: (category) => showtime.prices[category],
    money,
    isFree,
    changed(matches) {
      const isDimmed = matches && ((/** @type {number} */ index) => !matches(plan.seats[index]));
      remarks.setDimmed(isDimmed);
      map.setDimmed(isDimmed);
      list.setDimmed(isDimmed);
      remarked();
      find?.setFilter(matches);
    },
  });
  const find = readOnly
    ? null
    : createFindTogether({
        ...common,
        priceOf: (seat) => priceIn(room.priceOf(seat.index) ?? null),
        money,
        most: () => showtime.maxSeatsPerHolder - room.own().length,
        isFree,
        highlight(indices) {
          suggested = indices ?? [];
          highlight();
        },
        reveal: map.reveal,
        reserve: (seatIds) => room.lock(seatIds),
      });
  const toolbar = createToolbar({
    host: shell.bar,
    zoomHost: shell.overlay,
    texts,
    zoom: (direction) => map.zoomBy(direction > 0 ? ZOOM_STEP : 1 / ZOOM_STEP),
    fit: map.fit,
    listed,
    panels: find ? { filter: filter.section, find: find.section } : { filter: filter.section },
    disclosed: (name, open) => name === 'find' && !open && find?.close(),
    signal,
  });

  /** @param {boolean} asList */
  function listed(asList) {
    shell.list.classList.toggle('is-shown', asList);
    // What the list covers must not be reached: a key would hold a seat that nobody sees.
    shell.map.inert = asList;
  }

  function highlight() {
    remarks.setMarked(marked);
    remarks.setSuggested(suggested);
    const indices = [...new Set([...marked, ...suggested])];
    map.setHighlighted(indices.length ? indices : null);
    list.setHighlighted(indices.length ? indices : null);
    remarked();
  }

  return {
    toolbar,

    /** @param {number[]} indices marked by the page */
    mark(indices) {
      marked = indices;
      highlight();
    },

    /** @param {number[] | 'all'} indices seats that have changed */
    update(indices) {
      filter.update();
      find?.update(indices);
    },
  };
}
