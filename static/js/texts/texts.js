/**
 * Everything that visitors read or hear, in their language: words from a catalogue, numbers, money and dates by `Intl`.
 *
 * It touches no DOM and keeps no state. Invariant: no other module has a word for visitors in it.
 *
 * To add a language, write its catalogue after the model of `de.js` in a file named by its BCP 47 tag, and list it in
 * `CATALOGUES`. The type checker names every key that is missing, and the tests every placeholder. Plural forms are those
 * that the language has (`zero`, `two`, `few`, `many` beside `one` and `other`). Which way it is written is found out from
 * the tag: pages and the map set `dir` to `direction`, and their style sheets know only start and end.
 * @module
 */

import { createTranslate } from './catalogue.js';
import { de } from './de.js';
import { en } from './en.js';
import { createFormats } from './formats.js';
import { chooseLanguage, directionOf } from './language.js';
import { createLinkWords } from './link-words.js';
import { createNoticeWords } from './notices.js';
import { createSeatWords } from './seat-words.js';

/** @typedef {import('./catalogue.js').Catalogue} Catalogue */
/** @typedef {ReturnType<typeof textsIn>} Texts */

/** @type {Record<string, Partial<Catalogue>>} by BCP 47 tag; the first is for visitors who want none of them */
const CATALOGUES = { en, de };

/**
 * The texts in the best shipped language.
 * @param {string | readonly string[]} [wanted] BCP 47 tags, best first, as in `navigator.languages`
 * @param {Record<string, Partial<Catalogue>>} [catalogues]
 */
export function textsIn(wanted, catalogues = CATALOGUES) {
  const { language, locale } = chooseLanguage(wanted, Object.keys(catalogues));
  const t = createTranslate(catalogues[language], en, locale);
  const formats = createFormats(locale);
  const seats = createSeatWords(t, formats, locale);
  return {
    language,
    direction: directionOf(language),
    t,
    ...formats,
    ...seats,
    ...createNoticeWords({ t, reference: en, formats, seatNames: seats.seatNames, locale }),
    ...createLinkWords(t, formats),

    /**
     * The time left in words, for reading aloud: `14 minutes 30 seconds left`.
     * @param {number} milliseconds
     */
    timeLeft: (milliseconds) => t('own.left', { time: formats.span(milliseconds) }),
  };
}
