/**
 * What `<seat-map>` says when its showtime cannot be opened: why, and whether it goes on trying.
 * @module
 */

import { createBadge } from '../panel/badge.js';
import { createMessages } from '../panel/messages.js';

/**
 * @typedef {object} FailureParts
 * @property {import('./shell.js').Shell} shell
 * @property {import('../../texts/texts.js').Texts} texts
 * @property {import('../../live/api.js').ApiError} error
 * @property {AbortSignal} signal takes away what was said
 */

/**
 * @param {FailureParts} parts
 * @returns {import('../../seat-map.js').ConnectionDetail} the same for the page
 */
export function showFailure({ shell, texts, error, signal }) {
  const state = { link: { state: /** @type {const} */ ('offline'), gone: error.code === 'unknown_showtime' }, stale: null, asOf: null };
  createBadge({ host: shell.badge, texts, read: () => state, now: Date.now, signal });
  const text = texts.cannotOpen(error);
  createMessages({ host: shell.overlay, texts, signal }).tell(text, { kind: 'problem', important: true });
  return { ...state, text: texts.linkText(state.link, null, null, Date.now()).text };
}
