/**
 * The picked seats with all that is known of each: state, price, why it is blocked, whose booking it is in, how long its
 * lock lasts.
 *
 * What the map says live stands first; facts of the server are shown only where they agree with it. Invariant: a seat
 * keeps its element while it is picked, so that focus stays.
 * @module
 */

import { html } from '../elements.js';
import { setText } from '../panel/own-entry.js';

/** @typedef {import('../../texts/texts.js').Texts} Texts */
/** @typedef {import('../../model/plan.js').Seat} Seat */
/** @typedef {import('../../model/wire.js').SeatFacts} SeatFacts */
/** @typedef {import('../../model/desk-selection.js').Picked} Picked */

/**
 * @typedef {object} SelectedListParts
 * @property {HTMLElement} host
 * @property {Texts} texts
 * @property {readonly Seat[]} seats
 * @property {(index: number) => string} priceText
 * @property {(seatId: string) => string} nameOf
 * @property {(index: number) => string | null} deadlineOf
 * @property {(index: number) => void} shown
 * @property {(index: number) => void} removed
 * @property {(index: number) => void} rowWanted
 */

/** More seats of a booking than this are not named one by one. */
const MOST_NAMES = 8;

/** @param {SelectedListParts} parts */
export function createSelectedList({ host, texts, seats, priceText, nameOf, deadlineOf, shown, removed, rowWanted }) {
  /** @type {Map<number, HTMLLIElement>} */
  const items = new Map();
  host.replaceChildren();

  /** @param {number} index */
  function make(index) {
    const name = texts.seatName(seats[index]);
    const show = html('button', { type: 'button', class: 'show', 'aria-label': texts.t('desk.show', { seat: name }) }, name);
    const row = html('button', { type: 'button', class: 'small', 'aria-label': texts.t('desk.rowOf', { seat: name }) }, texts.t('desk.row'));
    const remove = html('button', { type: 'button', class: 'small remove', 'aria-label': texts.t('desk.remove', { seat: name }) }, '×');
    show.addEventListener('click', () => shown(index));
    row.addEventListener('click', () => rowWanted(index));
    remove.addEventListener('click', () => removed(index));
    const item = html('li', { 'data-picked': seats[index].id }, show, row, remove, html('p', { class: 'facts' }));
    items.set(index, item);
    return item;
  }

  /**
   * @param {Picked} picked
   * @param {SeatFacts | undefined} facts
   */
  function factsText({ index, status }, facts) {
    // Facts that are older than the map would only confuse.
    const known = facts?.status === status ? facts : undefined;
    return [texts.status(status), priceText(index), ...detailsOf(index, status, known)].filter(Boolean).join(' · ');
  }

  /**
   * @param {number} index
   * @param {Picked['status']} status
   * @param {SeatFacts | undefined} facts
   */
  function detailsOf(index, status, facts) {
    if (status === 'locked') {
      const deadline = facts?.expiresAt ?? deadlineOf(index);
      return [deadline ? texts.t('desk.until', { time: texts.clockTime(deadline) }) : texts.t('desk.noDeadline')];
    }
    if (!facts) return [];
    if (status === 'blocked') return [facts.blockReason ? texts.t('desk.blockedFor', { reason: facts.blockReason }) : texts.t('desk.noReason')];
    if (status !== 'occupied' || facts.bookingId === undefined) return [];
    const others = (facts.bookingSeats ?? []).filter((id) => id !== facts.seatId);
    const names = others.slice(0, MOST_NAMES).map(nameOf);
    if (others.length > MOST_NAMES) names.push(`+ ${others.length - MOST_NAMES}`);
    return [texts.t('desk.bookingIs', { booking: facts.bookingId }), names.length ? texts.t('desk.with', { seats: texts.seatNames(names) }) : ''];
  }

  /**
   * Where the focus goes when the element that has it is about to leave.
   * @param {HTMLLIElement} leaving
   */
  function passFocus(leaving) {
    if (!leaving.contains(document.activeElement)) return;
    const next = leaving.nextElementSibling ?? leaving.previousElementSibling;
    const heir = next?.querySelector('.remove') ?? document.getElementById('selection-heading');
    if (heir instanceof HTMLElement) heir.focus();
  }

  return {
    /**
     * @param {readonly Picked[]} list in the order to be shown
     * @param {ReadonlyMap<string, SeatFacts>} facts by seat id
     */
    show(list, facts) {
      const picked = new Set(list.map(({ index }) => index));
      for (const [index, item] of items) {
        if (picked.has(index)) continue;
        passFocus(item);
        item.remove();
        items.delete(index);
      }
      list.forEach((one, place) => {
        const item = items.get(one.index) ?? make(one.index);
        item.toggleAttribute('data-changed', one.status !== one.seen);
        item.dataset.status = one.status;
        setText(/** @type {Element} */ (item.querySelector('.facts')), factsText(one, facts.get(seats[one.index].id)));
        if (host.children[place] !== item) host.insertBefore(item, host.children[place] ?? null);
      });
    },
  };
}
