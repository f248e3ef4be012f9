/**
 * What every page does first: find its language and its colours, and say so to the document.
 *
 * HTML holds English for those without a script; each element with `data-text` (its text) or `data-label` (its name for
 * assistive technology) is worded anew from the catalogue. Invariant: `lang` and `dir` of the document are those of the words in it.
 * @module
 */

import { textsIn } from '../texts/texts.js';

/** @typedef {import('../texts/texts.js').Texts} Texts */
/** @typedef {{ texts: Texts, theme: 'auto' | 'light' | 'dark', locale: string }} Page `locale`: the language of the texts with the visitor's region */

/**
 * @param {{ document: Document, location: Location, navigator: Navigator }} scope
 * @returns {Page}
 */
export function startPage({ document, location, navigator }) {
  const query = new URLSearchParams(location.search);
  const wanted = [query.get('lang') ?? '', ...navigator.languages].filter(Boolean);
  const texts = textsIn(wanted);
  const theme = themeOf(query.get('theme'));
  document.documentElement.lang = texts.language;
  document.documentElement.dir = texts.direction;
  if (theme !== 'auto') document.documentElement.dataset.theme = theme;
  wordPage(document, texts);
  const locale = wanted.find((tag) => tag.toLowerCase().split('-')[0] === texts.language) ?? texts.language;
  return { texts, theme, locale };
}

/**
 * @param {ParentNode} root
 * @param {Texts} texts
 */
function wordPage(root, texts) {
  for (const element of root.querySelectorAll('[data-text]')) element.textContent = said(texts, element, 'data-text');
  for (const element of root.querySelectorAll('[data-label]')) element.setAttribute('aria-label', said(texts, element, 'data-label'));
}

/**
 * @param {Texts} texts
 * @param {Element} element
 * @param {string} attribute that holds a key of a sentence without placeholders
 */
function said(texts, element, attribute) {
  const say = /** @type {(key: string) => string} */ (texts.t);
  return say(element.getAttribute(attribute) ?? '');
}

/** @param {string | null} text */
function themeOf(text) {
  return text === 'light' || text === 'dark' ? text : 'auto';
}
