/**
 * What is remarked on seats beside their state: marked by the page, suggested to the visitor, not in their filter.
 *
 * Map and list show it, each in its way; here are the words for those who do not see it.
 * @module
 */

/** @typedef {ReturnType<typeof createRemarks>} Remarks */

/** @param {import('../../texts/texts.js').Texts} texts */
export function createRemarks(texts) {
  /** @type {ReadonlySet<number>} */
  let marked = new Set();
  /** @type {ReadonlySet<number>} */
  let suggested = new Set();
  /** @type {((index: number) => boolean) | null} */
  let isDimmed = null;

  return {
    /**
     * @param {string} text what a seat is called
     * @param {number} index
     */
    addTo(text, index) {
      const remarks = [
        marked.has(index) && texts.t('list.marked'),
        suggested.has(index) && texts.t('list.highlighted'),
        isDimmed?.(index) && texts.t('list.dimmed'),
      ];
      return [text, ...remarks].filter(Boolean).join(texts.t('seat.separator'));
    },

    /** @param {readonly number[]} indices */
    setMarked(indices) {
      marked = new Set(indices);
    },

    /** @param {readonly number[]} indices */
    setSuggested(indices) {
      suggested = new Set(indices);
    },

    /** @param {((index: number) => boolean) | null} dimmed */
    setDimmed(dimmed) {
      isDimmed = dimmed;
    },
  };
}
