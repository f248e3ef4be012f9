/**
 * The live list of seats: the map's twin for whoever cannot or would rather not use the map.
 *
 * It works alone: sections, rows, and every seat as a button with name, state and price. It asks for seats and their
 * states and decides nothing about them. Invariants: an update patches the seats that it names and rebuilds nothing, so
 * the focus stays; exactly one element of the list is in the tab order.
 * @module
 */

import { outlineOf } from '../../model/outline.js';
import { html } from '../elements.js';
import { listenToListKeys } from './list-keys.js';
import { createSeatButton, paintSeat } from './seat-button.js';
import { createSectionView } from './section-view.js';
import { createSlices, withNextFrame } from './slices.js';

/** @typedef {import('../../model/plan.js').Seat} Seat */
/** @typedef {import('../../model/shown.js').ShownStatus} ShownStatus */
/** @typedef {import('../../model/outline.js').Place} Place */
/** @typedef {ReturnType<typeof createListView>} ListView */

/** Plans with more seats than this have their sections closed at first. */
const ALL_OPEN_SEATS = 1_500;

/**
 * @typedef {object} ListParts
 * @property {HTMLElement} host filled and given the class `seat-list`; with the class `is-shown` it is in sight, without
 *   it only while it has the focus
 * @property {import('../../model/plan.js').SeatPlan} plan
 * @property {import('../../texts/texts.js').Texts} texts
 * @property {(index: number) => ShownStatus} statusOf
 * @property {(seat: Seat) => string} priceText
 * @property {(index: number) => string} labelOf everything about a seat, for whoever cannot see it
 * @property {boolean} [readOnly] whether nothing can be had, so that no key for it is explained
 * @property {(index: number) => void} chosen
 * @property {(index: number | null) => void} focused null when the focus leaves the list or is on a heading
 * @property {AbortSignal} signal empties the host
 */

/** @param {ListParts} parts */
export function createListView({ host, plan, texts, statusOf, priceText, labelOf, readOnly = false, chosen, focused, signal }) {
  const outline = outlineOf(plan);
  const closes = plan.seats.length > ALL_OPEN_SEATS;
  /** @type {(HTMLButtonElement | undefined)[]} by seat index, those built so far */
  const buttons = [];
  /** @type {boolean[]} by seat index, whether it was counted as free */
  const countedFree = plan.seats.map(() => false);
  const freeCounts = outline.sections.map(() => 0);
  /** @type {((index: number) => boolean) | null} */
  let isDimmed = null;
  let highlighted = new Set();
  /** The first seat that an unfinished painting of all has not come to. */
  let unpainted = plan.seats.length;
  const slices = createSlices({ later: withNextFrame, now: () => performance.now(), signal });
  const sections = outline.sections.map((section, number) =>
    createSectionView({ number, section, name: sectionName(section.name, number), closes, texts, seatElement, slices }),
  );

  /**
   * @param {string} name
   * @param {number} number
   */
  function sectionName(name, number) {
    if (name) return name;
    return outline.sections.length === 1 ? texts.t('list.allSeats') : texts.t('list.section', { number: number + 1 });
  }

  /** @param {Seat} seat */
  function seatElement(seat) {
    const button = createSeatButton(seat);
    buttons[seat.index] = button;
    paint(seat.index);
    return button;
  }

  /** @param {number} index */
  function paint(index) {
    const button = buttons[index];
    if (!button) return;
    const seat = plan.seats[index];
    const status = statusOf(index);
    const dimmed = isDimmed?.(index) ?? false;
    const marked = highlighted.has(index);
    const price = priceText(seat);
    const mark = status === 'available' || status === 'selected' ? price : texts.t(`mark.${status}`);
    paintSeat(button, { status, label: labelOf(index), mark, dimmed, highlighted: marked });
  }

  /** Paints every seat from the first, also when it has not come to the last yet. */
  function paintAll() {
    const idle = unpainted === plan.seats.length;
    unpainted = 0;
    if (idle) slices.run(paintRest());
  }

  function* paintRest() {
    while (unpainted < plan.seats.length) {
      paint(unpainted);
      unpainted += 1;
      yield;
    }
  }

  /**
   * @param {number} index
   * @returns {boolean} whether it made a difference
   */
  function count(index) {
    const isFree = statusOf(index) === 'available';
    if (isFree === countedFree[index]) return false;
    countedFree[index] = isFree;
    freeCounts[outline.placeOf(index).section] += isFree ? 1 : -1;
    return true;
  }

  function showCounts() {
    sections.forEach((section, number) => section.setFree(freeCounts[number]));
  }

  /**
   * Takes in what the seats are now.
   * @param {readonly number[] | 'all'} indices
   */
  function update(indices) {
    if (indices === 'all') {
      for (const index of plan.seats.keys()) count(index);
      showCounts();
      paintAll();
      return;
    }
    for (const index of indices) {
      const { section } = outline.placeOf(index);
      if (count(index)) sections[section].setFree(freeCounts[section]);
      paint(index);
    }
  }

  /**
   * The element at a place, its row built if it was not yet.
   * @param {Place} place
   * @returns {HTMLElement | null}
   */
  function elementAt({ section, row, seat }) {
    if (row === null) return sections[section].toggle;
    sections[section].rowElement(row);
    return buttons[outline.sections[section].rows[row].seats[seat].index] ?? null;
  }

  /** @param {Event} event */
  function onClick({ target }) {
    if (!(target instanceof Element)) return;
    const seat = target.closest('[data-index]');
    if (seat instanceof HTMLElement) chosen(Number(seat.dataset.index));
    const section = sections.find(({ toggle }) => toggle?.contains(target));
    section?.setOpen(!section.isOpen());
  }

  const help = html('p', { class: 'list-help', id: 'list-help' }, texts.t(readOnly ? 'list.helpReadOnly' : 'list.help'));
  host.classList.add('seat-list');
  if (!host.hasAttribute('role')) host.setAttribute('role', 'group');
  host.setAttribute('aria-label', texts.t('list.label'));
  host.setAttribute('aria-describedby', 'list-help');
  host.replaceChildren(help, ...sections.map((section) => section.element));
  for (const index of plan.seats.keys()) count(index);
  showCounts();
  const keys = listenToListKeys({ host, outline, sections, closes, elementAt, focused, signal });
  host.addEventListener('click', onClick, { signal });
  signal.addEventListener('abort', () => host.replaceChildren());

  return {
    update,

    /**
     * Moves the focus to a seat and opens what is closed on the way.
     * @param {number} index
     */
    focus(index) {
      const place = outline.placeOf(index);
      if (!place) return;
      sections[place.section].setOpen(true);
      keys.goTo(place);
    },

    /**
     * Marks what is not in the visitor's filter.
     * @param {((index: number) => boolean) | null} dimmed
     */
    setDimmed(dimmed) {
      isDimmed = dimmed;
      paintAll();
    },

    /**
     * Marks seats that the page has marked or that are suggested to the visitor.
     * @param {readonly number[] | null} indices
     */
    setHighlighted(indices) {
      const before = highlighted;
      highlighted = new Set(indices ?? []);
      for (const index of new Set([...before, ...highlighted])) paint(index);
    },
  };
}
