/**
 * What the visitor must be told: shown for a while, or until it is closed where it matters, and read out politely.
 *
 * The region is there before the first message, since screen readers only hear of changes. Whatever the pointer or the
 * focus is on does not go away by itself.
 * @module
 */

import { html } from '../elements.js';
import { icon } from './icons.js';
import { setText } from './own-entry.js';

/** @typedef {'info' | 'problem'} Kind */

/**
 * @typedef {object} TellOptions
 * @property {Kind} [kind]
 * @property {boolean} [important] stays until it is closed
 * @property {string} [group] a message of the same group that is still shown is replaced
 */

/** @typedef {ReturnType<typeof createMessages>} Messages */

/** @type {Record<Kind, number>} */
const SHOWN_MS = { info: 8_000, problem: 20_000 };
/** How long a message is left after the pointer has gone. */
const LINGER_MS = 4_000;
const MOST = 4;

/**
 * @typedef {object} MessagesParts
 * @property {HTMLElement} host
 * @property {import('../../texts/texts.js').Texts} texts
 * @property {() => void} [gone] the last message goes and had the focus
 * @property {AbortSignal} signal
 */

/** @param {MessagesParts} parts */
export function createMessages({ host, texts, gone, signal }) {
  const area = html('div', { class: 'messages', part: 'messages', 'data-part': 'messages', role: 'log', 'aria-label': texts.t('message.label') });
  host.append(area);
  signal.addEventListener('abort', () => area.remove());

  /**
   * @param {string} text
   * @param {TellOptions} [options]
   */
  function tell(text, { kind = 'info', important = false, group } = {}) {
    const known = [...area.children].find((one) => one instanceof HTMLElement && (group ? one.dataset.group === group : textOf(one) === text));
    // What is said once more is read once more only if it is a new element.
    const hadFocus = known?.matches(':focus-within');
    known?.remove();
    makeRoom(area);
    const message = createMessage(texts, text, kind, gone);
    if (group) message.dataset.group = group;
    if (important) message.dataset.important = '';
    else goAfter(message, SHOWN_MS[kind], signal);
    area.append(message);
    area.scrollTop = message.offsetTop;
    if (hadFocus) message.querySelector('button')?.focus();
  }

  /** @param {string} group */
  const isShown = (group) => [...area.children].some((one) => one instanceof HTMLElement && one.dataset.group === group);

  return { tell, isShown };
}

/**
 * @param {import('../../texts/texts.js').Texts} texts
 * @param {string} text
 * @param {Kind} kind
 * @param {() => void} [gone]
 */
function createMessage(texts, text, kind, gone) {
  const close = html('button', { type: 'button', 'aria-label': texts.t('message.close') }, icon('close'));
  const words = html('p');
  setText(words, text);
  const message = html('div', { class: 'message', 'data-kind': kind }, words, close);
  close.addEventListener('click', () => {
    const neighbour = message.nextElementSibling ?? message.previousElementSibling;
    message.remove();
    const next = neighbour?.querySelector('button');
    if (next) next.focus();
    else gone?.();
  });
  return message;
}

/**
 * @param {HTMLElement} message
 * @param {number} milliseconds
 * @param {AbortSignal} signal
 */
function goAfter(message, milliseconds, signal) {
  /** @type {ReturnType<typeof setTimeout>} */
  let timer;
  const start = (/** @type {number} */ wait) => {
    clearTimeout(timer);
    timer = setTimeout(() => message.remove(), wait);
  };
  const stop = () => clearTimeout(timer);
  const restart = () => {
    if (!message.matches(':hover, :focus-within')) start(LINGER_MS);
  };
  message.addEventListener('pointerenter', stop);
  message.addEventListener('focusin', stop);
  message.addEventListener('pointerleave', restart);
  // The focus has not arrived elsewhere yet while it leaves.
  message.addEventListener('focusout', () => queueMicrotask(restart));
  signal.addEventListener('abort', stop);
  start(milliseconds);
}

/** @param {HTMLElement} area */
function makeRoom(area) {
  while (area.children.length >= MOST) {
    const leastMissed = ['.message:not([data-important], :hover, :focus-within)', '.message:not(:hover, :focus-within)', '.message:not(:focus-within)'];
    for (const selector of leastMissed) {
      const message = area.querySelector(selector);
      if (!message) continue;
      message.remove();
      break;
    }
  }
}

/** @param {Element} message */
function textOf(message) {
  return message.querySelector('p')?.textContent;
}
