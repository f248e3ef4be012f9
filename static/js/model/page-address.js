/**
 * What a page's address says: which showtimes it is about, and how many seconds something takes.
 *
 * Wrong values are not refused, a screen in a foyer has nobody to read a refusal: they become the nearest right one.
 * @module
 */

/**
 * @param {string} pathname such as `/kiosk/a,b,c`
 * @returns {string[]} each id once, in the order of the address
 */
export function showtimeIdsIn(pathname) {
  const last = pathname.split('/').filter(Boolean).at(-1) ?? '';
  return [...new Set(decoded(last).split(',').map((id) => id.trim()).filter(Boolean))];
}

/**
 * @param {string} search such as `?idle=60`
 * @param {string} name
 * @param {{ usual: number, least: number, most: number }} bounds in seconds
 */
export function secondsIn(search, name, { usual, least, most }) {
  const text = new URLSearchParams(search).get(name);
  const seconds = text ? Number(text) : usual;
  return Number.isFinite(seconds) ? Math.min(most, Math.max(least, seconds)) : usual;
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
