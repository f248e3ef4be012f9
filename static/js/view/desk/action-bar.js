/**
 * The buttons for what may be done with the picked seats, and the fields that go with them.
 *
 * A button that cannot be used now says so to assistive technology and keeps its place in the tab order. Invariant:
 * nothing can be asked for while the server has not answered.
 * @module
 */

import { byId } from '../elements.js';

/** @typedef {import('../../model/desk-actions.js').DeskAction} DeskAction */
/** @typedef {Record<DeskAction, import('../../model/desk-actions.js').Offer>} Offers */

/**
 * @typedef {object} ActionBarParts
 * @property {import('../../texts/texts.js').Texts} texts
 * @property {(bookingId: string) => void} book an empty id means that one is to be made
 * @property {(reason: string) => void} block
 * @property {() => void} release
 * @property {() => void} unblock
 */

/** @param {ActionBarParts} parts */
export function createActionBar({ texts, book, block, release, unblock }) {
  /** @type {Record<DeskAction, HTMLButtonElement>} */
  const buttons = {
    book: byId('book', HTMLButtonElement),
    release: byId('release', HTMLButtonElement),
    block: byId('block', HTMLButtonElement),
    unblock: byId('unblock', HTMLButtonElement),
  };
  const booking = byId('booking', HTMLInputElement);
  const reason = byId('reason', HTMLInputElement);
  const busy = byId('busy', HTMLElement);

  /** @param {DeskAction} action */
  const offered = (action) => buttons[action].getAttribute('aria-disabled') !== 'true';

  /**
   * @param {string} form
   * @param {DeskAction} action
   * @param {() => void} act
   */
  function onSubmit(form, action, act) {
    byId(form, HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      if (offered(action)) act();
    });
  }

  onSubmit('book-form', 'book', () => book(booking.value.trim()));
  onSubmit('block-form', 'block', () => block(reason.value.trim()));
  buttons.release.addEventListener('click', () => offered('release') && release());
  buttons.unblock.addEventListener('click', () => offered('unblock') && unblock());

  return {
    /**
     * @param {Offers} offers
     * @param {boolean} isBusy
     */
    update(offers, isBusy) {
      for (const [action, button] of Object.entries(buttons)) {
        button.setAttribute('aria-disabled', String(isBusy || !offers[/** @type {DeskAction} */ (action)].offered));
      }
      busy.textContent = isBusy ? texts.t('desk.busy') : '';
    },

    /** The fields of a booking or a block that was made are for the next one. */
    clear() {
      booking.value = '';
      reason.value = '';
    },
  };
}
