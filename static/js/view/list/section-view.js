/**
 * One section of the list: its heading with the number of free seats, and its rows.
 *
 * Rows are built when the section is first opened, each once, and stay from then on. A large plan's headings are buttons
 * that open and close; a small plan's are plain and everything is open.
 * @module
 */

import { html } from '../elements.js';

/** @typedef {ReturnType<typeof createSectionView>} SectionView */

/**
 * @typedef {object} SectionParts
 * @property {number} number its place among the sections
 * @property {import('../../model/outline.js').Section} section
 * @property {string} name
 * @property {boolean} closes whether it can be closed, and is so at first
 * @property {import('../../texts/texts.js').Texts} texts
 * @property {(seat: import('../../model/plan.js').Seat) => HTMLElement} seatElement
 * @property {import('./slices.js').Slices} slices
 */

/** @param {SectionParts} parts */
export function createSectionView({ number, section, name, closes, texts, seatElement, slices }) {
  const id = `list-section-${number}`;
  const title = html('span', { class: 'list-section-name' }, name);
  const free = html('span', { class: 'list-section-free' });
  const body = html('div', { class: 'list-rows', id });
  const toggle = closes ? html('button', { type: 'button', class: 'list-toggle', tabindex: '-1', 'aria-expanded': 'false', 'aria-controls': id }) : null;
  const heading = html('h2', { class: 'list-heading' });
  (toggle ?? heading).append(title, ' ', free);
  if (toggle) heading.append(toggle);
  body.hidden = closes;
  const element = html('div', { class: 'list-section', 'data-section': String(number) }, heading, body);
  /** @type {(HTMLElement | undefined)[]} */
  const rows = [];
  let begun = false;

  /**
   * The row's element, built now if it was not yet.
   * @param {number} at
   */
  function rowElement(at) {
    const built = rows[at];
    if (built) return built;
    const row = section.rows[at];
    const rowName = texts.rowName(row);
    const label = html('span', { class: 'list-row-name', 'aria-hidden': 'true' }, rowName);
    const seats = html('div', { class: 'list-seats' }, ...row.seats.map(seatElement));
    const made = html('div', { class: 'list-row', role: 'group', 'aria-label': rowName, 'data-row': row.number }, label, seats);
    rows[at] = made;
    body.insertBefore(made, rows.find((other, place) => place > at && other) ?? null);
    return made;
  }

  function* buildRows() {
    for (const at of section.rows.keys()) {
      rowElement(at);
      yield;
    }
  }

  /** @param {boolean} open */
  function setOpen(open) {
    if (open && !begun) {
      begun = true;
      slices.run(buildRows());
    }
    body.hidden = !open;
    toggle?.setAttribute('aria-expanded', String(open));
  }

  if (!closes) setOpen(true);
  return {
    element,
    toggle,
    rowElement,
    setOpen,
    isOpen: () => !body.hidden,

    /** @param {number} count */
    setFree(count) {
      const text = texts.t('list.free', { count });
      if (free.textContent !== text) free.textContent = text;
    },
  };
}
