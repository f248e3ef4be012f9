/**
 * The state of the connection, in words, always in sight.
 * @module
 */

import { byId } from './elements.js';
import { linkText } from './words.js';

/**
 * @param {import('../live/connection.js').Link} link
 * @param {{ since: string | null } | null} stale
 */
export function showLink(link, stale) {
  const badge = byId('connection', HTMLElement);
  const { state, text } = linkText(link, stale);
  if (badge.dataset.state !== state) badge.dataset.state = state;
  if (badge.textContent !== text) badge.textContent = text;
}
