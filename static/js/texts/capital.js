/**
 * The beginning of a sentence.
 * @module
 */

/**
 * @param {string} text
 * @param {string} locale
 */
export function capital(text, locale) {
  const [first = ''] = text;
  return first.toLocaleUpperCase(locale) + text.slice(first.length);
}
