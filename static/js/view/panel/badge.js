/**
 * The state of the connection in words, always in sight, with the age of a map that is not current.
 *
 * The age counts on the screen only. What is read out is the state, and only one that lasts: a connection that comes
 * back at once is no news.
 * @module
 */

import { wholeSeconds } from '../../model/countdown.js';
import { html } from '../elements.js';
import { setText } from './own-entry.js';
import { createTicker } from './ticker.js';

/** @typedef {{ link: import('../../texts/link-words.js').Link, stale: { since: string | null } | null, asOf: number | null }} LinkState */

/**
 * @typedef {object} BadgeParts
 * @property {HTMLElement} host
 * @property {import('../../texts/texts.js').Texts} texts
 * @property {() => LinkState} read
 * @property {() => number} now the server's time in milliseconds
 * @property {AbortSignal} signal
 */

/** A state is read out once it has lasted so long. */
const SETTLED_MS = 2_000;
/** States in which the map is known to be current, up to the interval that they name. */
const CURRENT = new Set(['live', 'polling']);

/** @param {BadgeParts} parts */
export function createBadge({ host, texts, read, now, signal }) {
  const text = html('span', { class: 'badge-text' });
  const age = html('span', { class: 'age' });
  const badge = html('div', { class: 'badge', part: 'badge', 'data-part': 'badge', role: 'group', 'aria-label': texts.t('link.label') }, text, ' ', age);
  const spoken = html('div', { class: 'unseen', role: 'status' });
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let settling;
  // The first connection is what everybody expects.
  let said = 'live';

  function show() {
    const { link, stale, asOf } = read();
    const shown = texts.linkText(link, stale, asOf, now());
    if (badge.dataset.state !== shown.state) settle(shown.state);
    badge.dataset.state = shown.state;
    setText(text, shown.text);
    const past = CURRENT.has(shown.state) || asOf === null ? null : Math.max(0, now() - asOf);
    setText(age, past === null ? '' : texts.t('link.age', { time: wholeSeconds(past) }));
    return past === null ? null : 1000 - (past % 1000) + 1;
  }

  /** @param {string} state */
  function settle(state) {
    clearTimeout(settling);
    settling = setTimeout(() => {
      if (state === said) return;
      said = state;
      setText(spoken, text.textContent ?? '');
    }, SETTLED_MS);
  }

  const tick = createTicker(show, signal);
  host.append(badge, spoken);
  signal.addEventListener('abort', () => {
    clearTimeout(settling);
    badge.remove();
    spoken.remove();
  });
  tick();
  return { update: tick };
}
