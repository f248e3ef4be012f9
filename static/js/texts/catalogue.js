/**
 * Looks a sentence up and fills it in: plural forms by `Intl.PluralRules`, numbers by `Intl.NumberFormat`.
 *
 * It knows no sentence itself. Invariant: a key that the reference has always gives a sentence, in English if need be.
 * @module
 */

/** @typedef {typeof import('./en.js').en} Reference */
/** @typedef {keyof Reference} Key */
/** @typedef {Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }} Forms a sentence for each plural form of `{count}` */
/** @typedef {{ readonly [K in Key]: Reference[K] extends string ? string : Forms }} Catalogue */

/**
 * @template Text
 * @typedef {Text extends `${string}{${infer Name}}${infer Rest}` ? Name | PlaceholdersIn<Rest> : never} PlaceholdersIn
 */

/**
 * @template {Key} K
 * @typedef {Reference[K] extends string ? PlaceholdersIn<Reference[K]> : 'count' | PlaceholdersIn<Reference[K][keyof Reference[K]]>} PlaceholdersOf
 */

/**
 * @template {Key} K
 * @typedef {{ [Name in PlaceholdersOf<K>]: Name extends 'count' ? number : string | number }} ValuesOf
 */

/**
 * @template {Key} K
 * @typedef {[PlaceholdersOf<K>] extends [never] ? [] : [values: ValuesOf<K>]} ArgumentsOf
 */

/** @typedef {<K extends Key>(key: K, ...args: ArgumentsOf<K>) => string} Translate */

/**
 * Makes the function that says things in one language.
 * @param {Partial<Catalogue>} catalogue
 * @param {Catalogue} reference steps in for what the catalogue lacks
 * @param {string} locale whose plural forms and digits are used
 * @returns {Translate}
 */
export function createTranslate(catalogue, reference, locale) {
  const rules = new Intl.PluralRules(locale);
  const number = new Intl.NumberFormat(locale);

  /**
   * @param {Key} key
   * @param {Record<string, string | number>} [values]
   */
  function translate(key, values = {}) {
    const entry = catalogue[key] ?? reference[key];
    if (entry === undefined) throw new RangeError(`no catalogue has the key ${key}`);
    const sentence = typeof entry === 'string' ? entry : entry[rules.select(Number(values.count))] ?? entry.other;
    return sentence.replace(/\{(\w+)\}/g, (_, name) => written(values[name], name, key));
  }

  /**
   * @param {string | number | undefined} value
   * @param {string} name
   * @param {Key} key
   */
  function written(value, name, key) {
    if (value === undefined) throw new RangeError(`${key} needs a value for {${name}}`);
    return typeof value === 'number' ? number.format(value) : value;
  }

  return translate;
}

/**
 * Whether a key that was put together at run time is there, a server's problem code for example.
 * @param {string} key
 * @param {Catalogue} reference
 * @returns {key is Key}
 */
export function isKey(key, reference) {
  return Object.hasOwn(reference, key);
}
