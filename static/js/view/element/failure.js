/**
 * What `<seat-map>` says when its showtime cannot be opened: why, and whether it goes on trying.
 * @module
 */

import { createBadge } from '../panel/badge.js';

/**
 * @typedef {object} FailureParts
 * @property {import('./shell.js').Shell} shell
 * @property {import('../../texts/texts.js').Texts} texts
 * @property {import('../../live/api.js').ApiError} error
 * @property {AbortSignal} signal
 */

/**
 * @param {FailureParts} parts
 * @returns {object} the detail of `connectionchange`
 */
export function showFailure({ shell, texts, error, signal }) {
  const state = { link: { state: /** @type {const} */ ('offline'), gone: error.code === 'unknown_showtime' }, stale: null, asOf: null };
  const now = () => Date.now();
  shell.badge.replaceChildren();
  createBadge({ host: shell.badge, texts, read: () => state, now, signal });
  const text = texts.cannotOpen(error);
  shell.messages.tell(text, { kind: 'problem', important: true, group: 'open' });
  shell.loading.textContent = text;
  return { ...state, text: texts.linkText(state.link, state.stale, state.asOf, now()).text };
}
