/**
 * How many seats of a plan are free, in all and by category, kept up to date from what changed.
 *
 * It counts what is shown to the visitor: a seat on its way to somebody is not free. Invariant: after `update('all')` or
 * after every seat that changed was named, the counts equal a fresh count.
 * @module
 */

/** @typedef {import('./shown.js').ShownStatus} ShownStatus */
/** @typedef {{ name: string, color: string, free: number, seats: number }} CategoryCount */
/** @typedef {{ known: boolean, free: number, seats: number, categories: CategoryCount[] }} FreeCount `known`: the server has said something */
/** @typedef {ReturnType<typeof createFreeCounts>} FreeCounts */

/**
 * @param {{ seats: { category: string }[], categories: { name: string, color: string }[] }} plan
 * @param {(index: number) => ShownStatus} statusOf
 */
export function createFreeCounts(plan, statusOf) {
  const places = new Map(plan.categories.map(({ name }, place) => [name, place]));
  const categoryOf = plan.seats.map((seat) => places.get(seat.category) ?? -1);
  const seats = plan.categories.map((_, place) => categoryOf.filter((one) => one === place).length);
  const free = new Uint8Array(plan.seats.length);
  const freeIn = plan.categories.map(() => 0);
  let freeInAll = 0;
  let known = false;

  /** @param {number} index */
  function look(index) {
    const status = statusOf(index);
    if (status !== 'unknown') known = true;
    const isFree = status === 'available' ? 1 : 0;
    const step = isFree - free[index];
    if (!step) return;
    free[index] = isFree;
    freeInAll += step;
    if (categoryOf[index] >= 0) freeIn[categoryOf[index]] += step;
  }

  return {
    /** @param {readonly number[] | 'all'} indices */
    update(indices) {
      if (indices === 'all') for (let index = 0; index < free.length; index += 1) look(index);
      else indices.forEach(look);
    },

    /** @returns {FreeCount} */
    get() {
      const categories = plan.categories.map((category, place) => ({ ...category, free: freeIn[place], seats: seats[place] }));
      return { known, free: freeInAll, seats: free.length, categories };
    },
  };
}
