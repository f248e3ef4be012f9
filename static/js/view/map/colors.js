/**
 * The map's colours, read from the custom properties of its frame as the page resolves them, theme and mixing included.
 *
 * Invariant: every colour that leaves here is `#rrggbb`.
 * @module
 */

import { contrastOf, inkOn, isDark, mixed, turnedForDark, withContrast } from '../../model/contrast.js';

/**
 * @typedef {object} MapColors
 * @property {string} background
 * @property {string} text
 * @property {string} quiet captions, row labels
 * @property {string} taken seats that cannot be had
 * @property {string} mine the visitor's own seats
 * @property {string} accent focus and highlights
 * @property {string} lost
 */

/** @typedef {ReturnType<typeof createPalette>} Palette */

/** The property that each colour is read from, and what it is where the page sets none. */
const PROPERTIES = {
  background: ['--seat-map-background', 'light-dark(#f4f6f9, #10151c)'],
  text: ['--seat-map-text', 'light-dark(#17212e, #e8edf4)'],
  quiet: ['--seat-map-quiet', 'light-dark(#566377, #9eabbd)'],
  taken: ['--seat-map-taken', 'light-dark(#78828f, #74808f)'],
  mine: ['--seat-map-mine', 'light-dark(#0b57c4, #ffffff)'],
  accent: ['--seat-map-accent', 'light-dark(#0b57c4, #7db4ff)'],
  lost: ['--seat-map-lost', 'light-dark(#b42318, #ff8a7d)'],
};

/** @type {(keyof MapColors)[]} */
const NAMES = ['background', 'text', 'quiet', 'taken', 'mine', 'accent', 'lost'];

/** What WCAG asks of things that are looked at, with a little more for seats on a tinted area, and of text. */
const GRAPHIC = 3.2;
const TEXT = 4.5;
/** How much an area may differ from the background where seats lie on it. */
const GROUND_CONTRAST = 1.06;

/**
 * @param {HTMLElement} frame
 * @returns {MapColors}
 */
export function readColors(frame) {
  const probe = document.createElement('span');
  probe.hidden = true;
  // All are set before the first is read: the page works out its styles once.
  const probes = NAMES.map((name) => {
    const child = document.createElement('span');
    child.style.color = `var(${PROPERTIES[name][0]}, ${PROPERTIES[name][1]})`;
    probe.append(child);
    return child;
  });
  frame.append(probe);
  const [background, text, quiet, taken, mine, accent, lost] = probes.map((child) => hexOf(getComputedStyle(child).color));
  probe.remove();
  return {
    background,
    text: withContrast(text, background, TEXT),
    quiet: withContrast(quiet, background, TEXT),
    taken: withContrast(taken, background, GRAPHIC),
    mine: withContrast(mine, background, GRAPHIC),
    accent: withContrast(accent, background, GRAPHIC),
    lost: withContrast(lost, background, GRAPHIC),
  };
}

/**
 * What plans' own colours become on this ground.
 * @param {MapColors} colors
 */
export function createPalette(colors) {
  const { background } = colors;
  const dark = isDark(background);
  const seats = remembered((color) => withContrast(hexOf(color), background, GRAPHIC));
  const areas = remembered((color) => (dark ? turnedForDark(hexOf(color)) : hexOf(color)));
  const inks = remembered(inkOn);
  /** @type {Map<string, string>} */
  const texts = new Map();
  return {
    ...colors,
    dark,
    /** A category's colour, to be told from the background. */
    seat: seats,
    /** An area's colour: plans are drawn for a light ground. */
    area: areas,
    /** The same where seats lie on it: toned down so far that they keep their contrast. */
    ground: remembered((color) => tonedDown(areas(color), background)),
    /** The ink for text on a fill. */
    ink: inks,
    /**
     * A text's own colour, made readable where it stands.
     * @param {string} color
     * @param {string} ground
     */
    textOn(color, ground) {
      const key = `${color} ${ground}`;
      const known = texts.get(key) ?? withContrast(hexOf(color), ground, TEXT);
      texts.set(key, known);
      return known;
    },
  };
}

/**
 * @param {string} color
 * @param {string} background
 */
function tonedDown(color, background) {
  let share = 1;
  while (share > 0.01 && contrastOf(mixed(background, color, share), background) > GROUND_CONTRAST) share *= 0.8;
  return mixed(background, color, share);
}

/**
 * @param {(color: string) => string} work
 * @returns {(color: string) => string}
 */
function remembered(work) {
  /** @type {Map<string, string>} */
  const known = new Map();
  return (color) => {
    let result = known.get(color);
    if (result === undefined) known.set(color, (result = work(color)));
    return result;
  };
}

/** @type {CanvasRenderingContext2D | null} */
let pixel = null;

/**
 * Any colour that CSS can name, without its transparency.
 * @param {string} color
 */
export function hexOf(color) {
  if (/^#[0-9a-f]{6}$/i.test(color)) return color.toLowerCase();
  const plain = /^rgb\((\d+), (\d+), (\d+)\)$/.exec(color);
  if (plain) return `#${plain.slice(1).map(twoDigits).join('')}`;
  pixel ??= document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  if (!pixel) return '#808080';
  pixel.fillStyle = '#808080';
  pixel.fillStyle = color;
  pixel.fillRect(0, 0, 1, 1);
  return `#${Array.from(pixel.getImageData(0, 0, 1, 1).data.slice(0, 3), twoDigits).join('')}`;
}

/** @param {string | number} value */
function twoDigits(value) {
  return Number(value).toString(16).padStart(2, '0');
}
