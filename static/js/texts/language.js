/**
 * Which shipped language suits a visitor, and which way it is written.
 * @module
 */

/** For browsers whose `Intl.Locale` does not say it. */
const RIGHT_TO_LEFT = new Set(['ar', 'ckb', 'dv', 'fa', 'he', 'ks', 'ku', 'ps', 'sd', 'ug', 'ur', 'yi']);

/**
 * The first wanted language that is shipped, in the form `{ language: 'de', locale: 'de-AT' }`: words by the language,
 * numbers and dates by the locale, which keeps the visitor's region.
 * @param {string | readonly string[] | undefined} wanted BCP 47 tags, best first; a string may list several with commas
 * @param {readonly string[]} shipped the first is taken when none is wanted
 * @returns {{ language: string, locale: string }}
 */
export function chooseLanguage(wanted, shipped) {
  const tags = typeof wanted === 'string' ? wanted.split(',') : wanted ?? [];
  for (const tag of tags) {
    const locale = canonical(tag.trim());
    const language = locale && shippedFor(locale, shipped);
    if (language) return { language, locale };
  }
  return { language: shipped[0], locale: shipped[0] };
}

/**
 * @param {string} language BCP 47
 * @returns {'ltr' | 'rtl'}
 */
export function directionOf(language) {
  /** @type {Intl.Locale & { textInfo?: { direction?: string }, getTextInfo?: () => { direction?: string } }} */
  const locale = new Intl.Locale(language);
  const direction = (locale.getTextInfo?.() ?? locale.textInfo)?.direction;
  return (direction ?? (RIGHT_TO_LEFT.has(locale.language) ? 'rtl' : 'ltr')) === 'rtl' ? 'rtl' : 'ltr';
}

/**
 * Shortens the tag from its end until it is the name of a catalogue: `de-Latn-AT`, `de-Latn`, `de`.
 * @param {string} locale
 * @param {readonly string[]} shipped
 */
function shippedFor(locale, shipped) {
  const parts = locale.split('-');
  for (let length = parts.length; length > 0; length -= 1) {
    const language = parts.slice(0, length).join('-');
    if (shipped.includes(language)) return language;
  }
  return null;
}

/** @param {string} tag */
function canonical(tag) {
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? null;
  } catch {
    return null;
  }
}
