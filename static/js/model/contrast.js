/**
 * Colours that can be told apart from what they lie on: contrast as WCAG counts it, and the nearest lightness of a hue
 * that has enough of it.
 *
 * It knows `#rrggbb` only; whoever has another notation resolves it first. Invariant: what `withContrast` answers has
 * the contrast asked for wherever any lightness has it, and its hue stays.
 * @module
 */

/** @typedef {[number, number, number]} Triple */

const STEPS = 24;

/**
 * How much two colours differ in luminance, 1 to 21.
 * @param {string} one
 * @param {string} other
 */
export function contrastOf(one, other) {
  const [a, b] = [luminanceOf(one), luminanceOf(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

/**
 * Black or white, whichever is read better; one of them has at least 4.5:1 on every colour.
 * @param {string} fill
 */
export function inkOn(fill) {
  return luminanceOf(fill) > 0.179 ? '#000000' : '#ffffff';
}

/** @param {string} color */
export function isDark(color) {
  return luminanceOf(color) < 0.179;
}

/**
 * The colour itself, or its hue as little lighter or darker as is needed on a ground.
 * @param {string} color
 * @param {string} ground
 * @param {number} least
 */
export function withContrast(color, ground, least) {
  if (contrastOf(color, ground) >= least) return color;
  const [lightness, a, b] = toOklab(color);
  // Whichever end is the further away from the ground can always be gone to.
  const end = contrastOf('#ffffff', ground) > contrastOf('#000000', ground) ? 1 : 0;
  let [near, far] = [lightness, end];
  let best = end ? '#ffffff' : '#000000';
  for (let step = 0; step < STEPS; step += 1) {
    const middle = (near + far) / 2;
    const candidate = inGamut([middle, a, b]);
    if (contrastOf(candidate, ground) >= least) {
      far = middle;
      best = candidate;
    } else near = middle;
  }
  return best;
}

/**
 * A colour made for a light ground, as it is on a dark one: light becomes dark, the hue stays.
 * @param {string} color
 */
export function turnedForDark(color) {
  const [lightness, a, b] = toOklab(color);
  return inGamut([Math.min(0.55, 0.2 + (1 - lightness) * 0.9), a, b]);
}

/**
 * What lies between two colours.
 * @param {string} one
 * @param {string} other
 * @param {number} share of the other, 0 to 1
 */
export function mixed(one, other, share) {
  const [from, to] = [toOklab(one), toOklab(other)];
  return inGamut([0, 1, 2].map((at) => from[at] + (to[at] - from[at]) * share));
}

/** @param {string} color */
function luminanceOf(color) {
  const [red, green, blue] = linearOf(color);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/**
 * @param {string} color
 * @returns {Triple}
 */
function linearOf(color) {
  const value = parseInt(color.slice(1, 7), 16);
  return [linear((value >> 16) / 255), linear(((value >> 8) & 255) / 255), linear((value & 255) / 255)];
}

/** @param {number} channel */
function linear(channel) {
  return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
}

/** @param {number} channel */
function encoded(channel) {
  return channel <= 0.0031308 ? channel * 12.92 : 1.055 * channel ** (1 / 2.4) - 0.055;
}

/**
 * @param {string} color
 * @returns {Triple}
 */
function toOklab(color) {
  const [red, green, blue] = linearOf(color);
  const l = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
  const m = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
  const s = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

/**
 * @param {number[]} lab
 * @returns {number[]} linear red, green and blue, beyond 0 to 1 where a screen cannot show the colour
 */
function fromOklab([lightness, a, b]) {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

/**
 * The colour of this lightness and hue that a screen can show, as strong as it can be.
 * @param {number[]} lab
 */
function inGamut([lightness, a, b]) {
  let [weak, strong] = [0, 1];
  if (!shown(fromOklab([lightness, a, b]))) {
    for (let step = 0; step < STEPS / 2; step += 1) {
      const middle = (weak + strong) / 2;
      if (shown(fromOklab([lightness, a * middle, b * middle]))) weak = middle;
      else strong = middle;
    }
    strong = weak;
  }
  const channels = fromOklab([lightness, a * strong, b * strong]);
  return `#${channels.map((channel) => byteOf(channel).toString(16).padStart(2, '0')).join('')}`;
}

/** @param {number[]} channels */
function shown(channels) {
  return channels.every((channel) => channel >= -0.0005 && channel <= 1.0005);
}

/** @param {number} channel */
function byteOf(channel) {
  return Math.round(255 * encoded(Math.min(1, Math.max(0, channel))));
}
