/**
 * What there is to say of the selection as a whole: how many seats, which changed under the hands, which parts of it can
 * be kept or completed.
 * @module
 */

import { byId, html } from '../elements.js';
import { setText } from '../panel/own-entry.js';

/** @typedef {import('../../model/desk-selection.js').Picked} Picked */
/** @typedef {import('../../model/shown.js').ShownStatus} ShownStatus */

/**
 * @typedef {object} SelectionNotesParts
 * @property {import('../../texts/texts.js').Texts} texts
 * @property {(index: number) => string} nameOf
 * @property {() => void} accept
 * @property {(status: ShownStatus) => void} keepOnly
 * @property {(seatIds: readonly string[]) => void} addAll
 * @property {() => void} clear
 * @property {AbortSignal} signal
 */

/** More changed seats than this are not told one by one. */
const MOST_TOLD = 5;

/** @param {SelectionNotesParts} parts */
export function createSelectionNotes({ texts, nameOf, accept, keepOnly, addAll, clear, signal }) {
  const { t } = texts;
  const clearing = byId('clear', HTMLButtonElement);
  clearing.addEventListener('click', clear, { signal });
  let told = '';
  let offered = '';

  /** @param {readonly Picked[]} changed */
  function showChanged(changed) {
    const sentences = changed.map(({ index, seen, status }) =>
      t('desk.changed', { seat: nameOf(index), before: texts.status(seen), now: texts.status(status) }),
    );
    // The same words again would be read out again.
    if (told === sentences.join()) return;
    told = sentences.join();
    const seen = html('button', { type: 'button' }, t('desk.accept'));
    seen.addEventListener('click', accept);
    const lines = sentences.slice(0, MOST_TOLD).map((sentence) => html('p', {}, sentence));
    if (sentences.length > MOST_TOLD) lines.push(html('p', {}, t('message.more', { count: sentences.length - MOST_TOLD })));
    byId('changed', HTMLElement).replaceChildren(...(lines.length ? [...lines, seen] : []));
  }

  /**
   * @param {readonly Picked[]} picked
   * @param {readonly { bookingId: string, seatIds: string[], all: string[] }[]} bookings
   */
  function showNarrow(picked, bookings) {
    const statuses = [...new Set(picked.map(({ status }) => status))];
    const chips = statuses.map((status) => ({
      label: t('desk.keepOnly', { status: texts.status(status), count: picked.filter((one) => one.status === status).length }),
      act: () => keepOnly(status),
    }));
    const kept = chips.length > 1 ? chips : [];
    const incomplete = bookings.filter(({ seatIds, all }) => all.length > seatIds.length);
    for (const { bookingId, all } of incomplete) {
      kept.push({ label: t('desk.wholeBooking', { count: all.length, booking: t('desk.bookingIs', { booking: bookingId }) }), act: () => addAll(all) });
    }
    const labels = kept.map(({ label }) => label).join();
    if (labels === offered) return;
    offered = labels;
    byId('narrow', HTMLElement).replaceChildren(...kept.map(({ label, act }) => chip(label, act)));
  }

  /**
   * @param {string} label
   * @param {() => void} act
   */
  function chip(label, act) {
    const button = html('button', { type: 'button' }, label);
    button.addEventListener('click', () => {
      act();
      // The chip is gone with what it did.
      byId('selection-heading', HTMLElement).focus();
    });
    return button;
  }

  return {
    /**
     * @param {object} state
     * @param {readonly Picked[]} state.picked
     * @param {readonly Picked[]} state.changed
     * @param {readonly { bookingId: string, seatIds: string[], all: string[] }[]} state.bookings
     * @param {boolean} state.settled whether changes on the map are those of others
     */
    show({ picked, changed, bookings, settled }) {
      setText(byId('count', HTMLElement), picked.length ? t('desk.count', { count: picked.length }) : '');
      byId('hint', HTMLElement).hidden = picked.length > 0;
      clearing.hidden = !picked.length;
      if (settled) showChanged(changed);
      showNarrow(picked, bookings);
    },

    /** @param {import('../../live/api.js').ApiError | null} error */
    showFactsError(error) {
      setText(byId('facts-note', HTMLElement), error ? t('desk.factsMissing', { cause: texts.problemText(error) }) : '');
    },
  };
}
