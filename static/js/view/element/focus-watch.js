/**
 * Says aloud when the seat that has the focus becomes another through somebody else.
 *
 * A name that changes under the focus is read by some screen readers and not by others. What the visitor did there
 * is told elsewhere.
 * @module
 */

/** @typedef {import('../../model/shown.js').ShownStatus} ShownStatus */

/** @type {ReadonlySet<ShownStatus>} */
const OTHERS = new Set(['available', 'locked', 'occupied', 'blocked']);

/**
 * @param {object} parts
 * @param {(index: number) => ShownStatus} parts.statusOf
 * @param {(index: number) => string} parts.textOf everything about a seat
 * @param {(text: string) => void} parts.say
 */
export function createFocusWatch({ statusOf, textOf, say }) {
  /** @type {{ index: number, status: ShownStatus } | null} */
  let at = null;

  return {
    /** @param {number | null} index */
    focused(index) {
      at = index === null ? null : { index, status: statusOf(index) };
    },

    /** @param {number[] | 'all'} indices seats that may look different now */
    update(indices) {
      if (!at || (indices !== 'all' && !indices.includes(at.index))) return;
      const { index, status: before } = at;
      const status = statusOf(index);
      at = { index, status };
      if (status !== before && OTHERS.has(before) && OTHERS.has(status)) say(textOf(index));
    },
  };
}
