/**
 * Watches over a visit at a shared screen: hears touches and keys, asks whether somebody is still there, ends the visit.
 *
 * What counts is decided by `model/idle.js`; here are the events, the timer and the question on the screen. Invariant: a
 * touch that comes after the visit is over ends it and does nothing else.
 * @module
 */

import { byId } from '../elements.js';

const SIGNS = /** @type {const} */ (['pointerdown', 'pointermove', 'keydown', 'wheel']);
const SECOND = 1_000;

/**
 * @typedef {object} PresenceParts
 * @property {import('../../model/idle.js').Idle} idle
 * @property {import('../../live/timers.js').Timers} timers
 * @property {() => number} now
 * @property {(seconds: number) => string} leftText
 * @property {() => void} over the visit has ended
 */

/** @param {PresenceParts} parts */
export function createPresence({ idle, timers, now, leftText, over }) {
  const dialog = byId('ask', HTMLDialogElement);
  const left = byId('ask-left', HTMLElement);
  /** @type {number | undefined} */
  let timer;

  function look() {
    timers.clear(timer);
    const presence = idle.at(now());
    if (presence.phase === 'asking') ask(presence.left);
    else if (dialog.open) dialog.close();
    if (presence.phase === 'over') end();
    else if (presence.phase !== 'nobody') timer = timers.set(look, presence.checkIn);
  }

  /** @param {number} milliseconds */
  function ask(milliseconds) {
    left.textContent = leftText(Math.ceil(milliseconds / SECOND));
    if (!dialog.open) dialog.showModal();
  }

  function end() {
    idle.end();
    timers.clear(timer);
    if (dialog.open) dialog.close();
    over();
  }

  function stay() {
    idle.stay(now());
    look();
  }

  /** @param {Event} event */
  function onSign(event) {
    const { phase } = idle.at(now());
    if (phase === 'over') {
      event.preventDefault();
      event.stopImmediatePropagation();
      end();
    } else if (phase === 'present') {
      idle.sign(now());
    }
  }

  for (const sign of SIGNS) window.addEventListener(sign, onSign, { capture: true, passive: false });
  document.addEventListener('visibilitychange', look);
  window.addEventListener('pageshow', look);
  byId('ask-stay', HTMLButtonElement).addEventListener('click', stay);
  byId('ask-leave', HTMLButtonElement).addEventListener('click', end);
  // The Escape key answers like the large button.
  dialog.addEventListener('cancel', (event) => {
    event.preventDefault();
    stay();
  });

  return {
    /** A visit begins, or goes on. */
    begin() {
      if (idle.at(now()).phase !== 'nobody') return;
      idle.begin(now());
      look();
    },
    end,
  };
}
