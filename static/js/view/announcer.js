/**
 * Reads news aloud through a live region that nobody sees.
 *
 * What is worth saying is decided by whoever calls `say`, how much of it at once by `model/announcements.js`. Whatever is
 * shown as a message is read from there and needs no announcement. The region is there before the first word, since
 * screen readers only hear of changes.
 * @module
 */

import { createAnnouncements } from '../model/announcements.js';
import { html } from './elements.js';

/** @typedef {ReturnType<typeof createAnnouncer>} Announcer */

/** Words that were read are taken away, so that nobody comes across them later. */
const SPOKEN_MS = 8_000;

/**
 * @typedef {object} AnnouncerParts
 * @property {HTMLElement} host whose style sheet hides what has the class `unseen`
 * @property {import('../texts/texts.js').Texts} texts
 * @property {import('../live/timers.js').Timers} timers
 * @property {() => number} now milliseconds of a clock that only goes forward
 * @property {AbortSignal} signal
 */

/** @param {AnnouncerParts} parts */
export function createAnnouncer({ host, texts, timers, now, signal }) {
  const region = html('div', { class: 'unseen', role: 'status', 'data-part': 'announcer' });
  const announcements = createAnnouncements();
  /** @type {number | undefined} */
  let next;
  /** @type {number | undefined} */
  let clearing;

  function schedule() {
    timers.clear(next);
    const due = announcements.dueAt();
    if (due !== null) next = timers.set(speak, Math.max(0, due - now()));
  }

  function speak() {
    const news = announcements.take(now());
    if (news) {
      const { texts: sentences, more } = news;
      const words = more ? [...sentences, texts.t('message.more', { count: more })] : sentences;
      // The same words are heard again only if they come in a new element.
      region.replaceChildren(...words.map((text) => html('p', {}, text)));
      timers.clear(clearing);
      clearing = timers.set(() => region.replaceChildren(), SPOKEN_MS);
    }
    schedule();
  }

  host.append(region);
  signal.addEventListener('abort', () => {
    timers.clear(next);
    timers.clear(clearing);
    region.remove();
  });

  return {
    /**
     * @param {string} text a whole sentence
     * @param {{ urgent?: boolean }} [options] what is urgent does not wait when much was said lately
     */
    say(text, { urgent = false } = {}) {
      if (signal.aborted) return;
      announcements.add(text, urgent, now());
      schedule();
    },
  };
}
