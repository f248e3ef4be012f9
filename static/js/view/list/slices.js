/**
 * Long work in short pieces, so that the page answers between them.
 *
 * It does not know what the work is. Invariant: pieces are done in the order in which they were asked for, and none that
 * was begun is left undone unless the signal ends all of it.
 * @module
 */

/** A piece is cut here, well before a person would feel it. */
const SLICE_MS = 8;

/** @typedef {ReturnType<typeof createSlices>} Slices */

/**
 * @param {object} parts
 * @param {(task: () => void) => void} parts.later runs a task after the page had its turn
 * @param {() => number} parts.now milliseconds
 * @param {AbortSignal} parts.signal
 */
export function createSlices({ later, now, signal }) {
  /** @type {Iterator<void>[]} */
  const queue = [];
  let waiting = false;

  function work() {
    waiting = false;
    const end = now() + SLICE_MS;
    while (queue.length && !signal.aborted) {
      if (queue[0].next().done) queue.shift();
      if (now() >= end) break;
    }
    wait();
  }

  function wait() {
    if (waiting || !queue.length || signal.aborted) return;
    waiting = true;
    later(work);
  }

  return {
    /**
     * Begins at once, and goes on later if there is more than one piece.
     * @param {Iterator<void>} steps each step is short
     */
    run(steps) {
      queue.push(steps);
      if (!waiting) work();
    },
  };
}
