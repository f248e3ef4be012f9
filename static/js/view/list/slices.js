/**
 * Long work in short pieces, so that the page answers between them.
 *
 * It does not know what the work is. Invariant: pieces are done in the order in which they were asked for, and none that
 * was begun is left undone unless the signal ends all of it.
 * @module
 */

/** A piece is cut here: laying out what it made takes longer than making it, and both must fit between two frames. */
const SLICE_MS = 4;
/** Where no frames are drawn, in a page that is out of sight, work goes on all the same. */
const FRAMELESS_MS = 100;

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
     * Begins when the page had its turn.
     * @param {Iterator<void>} steps each step is short
     */
    run(steps) {
      queue.push(steps);
      wait();
    },
  };
}

/**
 * Runs a task with the next frame, so that no more is laid out at once than one piece has made.
 * @param {() => void} task
 */
export function withNextFrame(task) {
  const timer = setTimeout(run, FRAMELESS_MS);
  const frame = requestAnimationFrame(run);

  function run() {
    clearTimeout(timer);
    cancelAnimationFrame(frame);
    task();
  }
}
