/**
 * Decides what is read aloud and when, so that a screen reader is told what matters and not talked over.
 *
 * News is gathered for a moment and said together, the important first; what there is no room for is counted. Ordinary news
 * waits when much was said lately, important news never waits for longer than the gathering. It has no clock of its own.
 * Invariant: whatever was added is said or counted, once.
 * @module
 */

/** @typedef {{ texts: string[], more: number }} Announcement `more` is how much else there would have been to say */
/** @typedef {{ text: string, urgent: boolean }} News */
/** @typedef {ReturnType<typeof createAnnouncements>} Announcements */

/** What comes within this time is said together; also the least pause between two announcements. */
const GATHER_MS = 1_000;
const MOST_TEXTS = 3;
/** Within this time there are no more ordinary announcements than `MOST_LATELY`. */
const LATELY_MS = 10_000;
const MOST_LATELY = 3;

export function createAnnouncements() {
  /** @type {News[]} */
  let waiting = [];
  let begun = 0;
  /** @type {number[]} when the last announcements were taken, oldest first */
  let taken = [];

  /** When there will be something to take; null while nothing waits. */
  function dueAt() {
    if (!waiting.length) return null;
    const gathered = Math.max(begun, taken.at(-1) ?? -Infinity) + GATHER_MS;
    const isFull = taken.length === MOST_LATELY && !waiting.some((news) => news.urgent);
    return isFull ? Math.max(gathered, taken[0] + LATELY_MS) : gathered;
  }

  return {
    dueAt,

    /**
     * @param {string} text
     * @param {boolean} urgent
     * @param {number} now milliseconds of a clock that only goes forward
     */
    add(text, urgent, now) {
      if (!waiting.length) begun = now;
      const known = waiting.find((news) => news.text === text);
      if (known) known.urgent ||= urgent;
      else waiting.push({ text, urgent });
    },

    /**
     * What is to be said now: first what is urgent, then the latest of the rest.
     * @param {number} now
     * @returns {Announcement | null}
     */
    take(now) {
      const due = dueAt();
      if (due === null || now < due) return null;
      const urgent = waiting.filter((news) => news.urgent);
      const ordinary = waiting.filter((news) => !news.urgent);
      const room = Math.max(0, MOST_TEXTS - urgent.length);
      const said = [...urgent.slice(0, MOST_TEXTS), ...(room ? ordinary.slice(-room) : [])];
      const more = waiting.length - said.length;
      waiting = [];
      taken = [...taken, now].slice(-MOST_LATELY);
      return { texts: said.map((news) => news.text), more };
    },
  };
}
