/**
 * A generator of numbers in [0, 1) that is the same in every run.
 * @param {number} seed
 */
export function chance(seed) {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}
