/**
 * Asks before something that cannot be taken back. No answer is a no.
 * @module
 */

import { byId, html } from '../elements.js';

/** @typedef {{ question: string, more?: string, choices: { key: string, label: string }[], cancel: string }} Question */

/** @returns {(question: Question) => Promise<string | null>} the key of the choice, null for none */
export function createConfirmation() {
  const dialog = byId('confirm', HTMLDialogElement);
  return function ask({ question, more = '', choices, cancel }) {
    byId('confirm-question', HTMLElement).textContent = question;
    byId('confirm-more', HTMLElement).textContent = more;
    const button = (/** @type {string} */ key, /** @type {string} */ label) => {
      const made = html('button', { type: 'button', 'data-choice': key }, label);
      made.addEventListener('click', () => dialog.close(key));
      return made;
    };
    byId('confirm-choices', HTMLElement).replaceChildren(...choices.map(({ key, label }) => button(key, label)), button('', cancel));
    dialog.returnValue = '';
    dialog.showModal();
    return new Promise((answered) => {
      dialog.addEventListener('close', () => answered(dialog.returnValue || null), { once: true });
    });
  };
}
