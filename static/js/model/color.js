/**
 * Colours that come with a seating plan. A plan is somebody's upload, and a colour such as `url(…)` would fetch.
 * @module
 */

const HEX = /^#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})$/i;
const NAME = /^[a-z]{3,20}$/i;
const FUNCTION = /^(?:rgb|hsl)a?\([\d\s.,%/]+\)$/i;

/**
 * Passes a colour that only names a colour.
 * @param {string | null | undefined} text
 * @returns {string | null}
 */
export function safeColor(text) {
  const color = text?.trim() ?? '';
  return HEX.test(color) || NAME.test(color) || FUNCTION.test(color) ? color : null;
}

/**
 * The text colour that can be read on a fill.
 * @param {string | null} fill
 * @returns {'#000' | '#fff' | null} null when the fill is not a plain hexadecimal colour
 */
export function readableOn(fill) {
  const match = /^#(?:([0-9a-f]{6})|([0-9a-f]{3}))$/i.exec(fill ?? '');
  if (!match) return null;
  const digits = match[1] ?? Array.from(match[2], (digit) => digit + digit).join('');
  const [red, green, blue] = [0, 2, 4].map((at) => linear(parseInt(digits.slice(at, at + 2), 16) / 255));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.18 ? '#000' : '#fff';
}

/** @param {number} channel */
function linear(channel) {
  return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
}
