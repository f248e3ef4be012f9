/**
 * What a showtime's seats cost, from the cheapest to the dearest.
 * @module
 */

/**
 * @param {Record<string, import('./wire.js').Amount>} prices by category
 * @returns {{ least: number, most: number } | null} null when nothing has a price
 */
export function priceRange(prices) {
  const amounts = Object.values(prices)
    .filter((amount) => amount !== null && amount !== '')
    .map(Number)
    .filter(Number.isFinite);
  return amounts.length ? { least: Math.min(...amounts), most: Math.max(...amounts) } : null;
}
