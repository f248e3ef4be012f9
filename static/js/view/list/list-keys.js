/**
 * The list by keyboard: one stop in the tab order, keys that lead from there to every seat.
 *
 * Enter and Space are the buttons' own. Invariant: exactly one element of the list has the tab index 0, and it is one
 * that can take the focus.
 * @module
 */

import { stepFrom } from '../../model/outline.js';

/** @typedef {import('../../model/outline.js').Place} Place */
/** @typedef {import('../../model/outline.js').Step} Step */

/** @type {Record<string, Step>} */
const STEPS = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  Home: 'rowStart',
  End: 'rowEnd',
  PageUp: 'sectionUp',
  PageDown: 'sectionDown',
  'Ctrl+Home': 'first',
  'Ctrl+End': 'last',
};

/**
 * @param {object} parts
 * @param {HTMLElement} parts.host
 * @param {import('../../model/outline.js').Outline} parts.outline
 * @param {import('./section-view.js').SectionView[]} parts.sections
 * @param {boolean} parts.closes whether headings are buttons that open and close
 * @param {(place: Place) => HTMLElement | null} parts.elementAt
 * @param {(index: number | null) => void} parts.focused
 * @param {AbortSignal} parts.signal
 */
export function listenToListKeys({ host, outline, sections, closes, elementAt, focused, signal }) {
  /** @type {Place} */
  let current = { section: 0, row: closes ? null : 0, seat: 0 };
  /** @type {HTMLElement | null} */
  let stop = null;

  /** @param {Place} place */
  function makeCurrent(place) {
    const element = elementAt(place);
    if (!element) return null;
    current = place;
    if (stop !== element) stop?.setAttribute('tabindex', '-1');
    stop = element;
    stop.setAttribute('tabindex', '0');
    return element;
  }

  /** @param {Place} place */
  function goTo(place) {
    makeCurrent(place)?.focus();
  }

  function onKey(/** @type {KeyboardEvent} */ event) {
    if (event.altKey || event.metaKey || event.shiftKey) return;
    const key = event.ctrlKey ? `Ctrl+${event.key}` : event.key;
    const sideways = key === 'ArrowLeft' ? -1 : key === 'ArrowRight' ? 1 : 0;
    if (!sideways && !STEPS[key]) return;
    event.preventDefault();
    if (sideways) moveAlong(getComputedStyle(host).direction === 'rtl' ? -sideways : sideways);
    else move(STEPS[key]);
  }

  /**
   * Along the row; on a heading it opens and closes the section.
   * @param {number} direction
   */
  function moveAlong(direction) {
    if (current.row === null) sections[current.section].setOpen(direction > 0);
    else move(direction > 0 ? 'next' : 'previous');
  }

  /** @param {Step} step */
  function move(step) {
    const place = stepFrom(outline.sections, (section) => sections[section].isOpen(), closes, current, step);
    if (place) goTo(place);
  }

  function onFocus(/** @type {FocusEvent} */ { target }) {
    const place = placeOfElement(target);
    if (!place) return;
    makeCurrent(place);
    focused(place.row === null ? null : outline.sections[place.section].rows[place.row].seats[place.seat].index);
  }

  function onBlur(/** @type {FocusEvent} */ { relatedTarget }) {
    if (!(relatedTarget instanceof Node) || !host.contains(relatedTarget)) focused(null);
  }

  /**
   * @param {EventTarget | null} target
   * @returns {Place | null}
   */
  function placeOfElement(target) {
    if (!(target instanceof HTMLElement)) return null;
    if (target.dataset.index !== undefined) return outline.placeOf(Number(target.dataset.index));
    const section = sections.findIndex(({ toggle }) => toggle === target);
    return section < 0 ? null : { section, row: null, seat: 0 };
  }

  if (sections.length) makeCurrent(current);
  host.addEventListener('keydown', onKey, { signal });
  host.addEventListener('focusin', onFocus, { signal });
  host.addEventListener('focusout', onBlur, { signal });
  return { goTo };
}
