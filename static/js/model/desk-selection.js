/**
 * The seats that a clerk has picked, and what was known of each when it was picked.
 *
 * Picking holds nothing: another buyer may take a picked seat at any time, and the selection says so. It knows no
 * network. Invariant: a seat whose state is another than the clerk has seen is listed as changed until that is accepted.
 * @module
 */

/** @typedef {import('./shown.js').ShownStatus} ShownStatus */
/** @typedef {{ index: number, seen: ShownStatus, status: ShownStatus }} Picked `seen` when picked, `status` now */
/** @typedef {ReturnType<typeof createDeskSelection>} DeskSelection */

/** @param {(index: number) => ShownStatus} statusOf */
export function createDeskSelection(statusOf) {
  /** @type {Map<number, Picked>} */
  const picked = new Map();

  /** @param {number} index */
  function pick(index) {
    const status = statusOf(index);
    if (!picked.has(index)) picked.set(index, { index, seen: status, status });
  }

  return {
    /** @param {number} index */
    toggle(index) {
      if (!picked.delete(index)) pick(index);
    },

    /** @param {readonly number[]} indices */
    add(indices) {
      indices.forEach(pick);
    },

    /** @param {readonly number[]} indices */
    remove(indices) {
      for (const index of indices) picked.delete(index);
    },

    clear() {
      picked.clear();
    },

    /** The clerk has seen the states as they are now. */
    accept() {
      for (const one of picked.values()) one.seen = one.status;
    },

    /**
     * Looks at seats again.
     * @param {readonly number[] | 'all'} indices
     * @returns {Picked[]} those of the selection that differ from the last look
     */
    observe(indices) {
      const looked = indices === 'all' ? [...picked.values()] : indices.flatMap((index) => picked.get(index) ?? []);
      return looked.filter((one) => {
        const status = statusOf(one.index);
        if (status === one.status) return false;
        // The first word of the server is news, but no change.
        if (one.seen === 'unknown') one.seen = status;
        one.status = status;
        return true;
      });
    },

    /** @param {number} index */
    has: (index) => picked.has(index),

    /** In plan order. */
    list: () => [...picked.values()].sort((a, b) => a.index - b.index),

    /** Those whose state is another than the clerk has seen, in plan order. */
    changed: () => [...picked.values()].filter((one) => one.status !== one.seen).sort((a, b) => a.index - b.index),
  };
}
