/**
 * What was done in this session, newest first, each with a way back where there is one.
 *
 * Invariant: what is not known to be done, or was not done here, does not look done.
 * @module
 */

import { byId, html } from '../elements.js';
import { setText } from '../panel/own-entry.js';

/**
 * @typedef {object} LogEntry
 * @property {'done' | 'already' | 'refused' | 'unknown'} state `already`: it was so before, and nothing was done
 * @property {string} text
 * @property {{ label: string, name: string, run: () => Promise<boolean> } | null} way back, or on; it goes when it was taken with success
 */

/** @param {{ texts: import('../../texts/texts.js').Texts, now: () => number }} parts */
export function createDeskLog({ texts, now }) {
  const list = byId('done-list', HTMLElement);

  /** @param {NonNullable<LogEntry['way']>} way */
  function makeButton(way) {
    const button = html('button', { type: 'button', 'aria-label': way.name }, way.label);
    button.addEventListener('click', async () => {
      button.disabled = true;
      const gone = await way.run();
      if (gone) button.remove();
      else button.disabled = false;
    });
    return button;
  }

  return {
    /** @param {LogEntry} entry */
    add({ state, text, way }) {
      byId('done-empty', HTMLElement).hidden = true;
      const instant = now();
      const time = html('time', { datetime: new Date(instant).toISOString() }, texts.clockTime(instant));
      const words = html('p', {});
      const item = html('li', { 'data-state': state }, time, words, ...(way ? [makeButton(way)] : []));
      list.prepend(item);
      setText(words, text);
    },
  };
}
