/**
 * What the visitor must be told, read out politely and shown for a while.
 * @module
 */

import { byId, html } from './elements.js';

const SHOWN_MS = { info: 8_000, problem: 20_000 };
const MOST = 4;

/**
 * @param {string} text
 * @param {'info' | 'problem'} kind
 */
export function tell(text, kind) {
  const area = byId('messages', HTMLElement);
  for (const old of area.children) if (old.firstChild?.textContent === text) old.remove();
  while (area.children.length >= MOST) area.firstElementChild?.remove();
  const close = html('button', { type: 'button', 'aria-label': 'Close this message' }, '×');
  const message = html('div', { class: 'message', 'data-kind': kind }, html('p', {}, text), close);
  close.addEventListener('click', () => message.remove());
  setTimeout(() => message.remove(), SHOWN_MS[kind]);
  area.append(message);
}
