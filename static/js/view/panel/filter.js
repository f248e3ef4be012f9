/**
 * The controls that narrow the map to categories and prices, and how many seats fit.
 *
 * They hide no seat: whoever listens dims those that do not match. No category chosen means all of them. The count
 * follows sales on the screen, but is read out only when the visitor has changed the filter.
 * @module
 */

import { EVERY_SEAT, asksForNothing, matcherOf, priceRange } from '../../model/filter.js';
import { html } from '../elements.js';
import { setText } from './own-entry.js';

/** @typedef {(seat: import('../../model/plan.js').Seat) => boolean} Matches */

/**
 * @typedef {object} FilterParts
 * @property {HTMLElement} host
 * @property {import('../../texts/texts.js').Texts} texts
 * @property {import('../../model/plan.js').SeatPlan} plan
 * @property {(category: string) => import('../../model/wire.js').Amount | undefined} amountOf
 * @property {(amount: number) => string} money
 * @property {(index: number) => boolean} isFree
 * @property {(matches: Matches | null) => void} changed null where every seat matches
 * @property {AbortSignal} signal
 */

/** Typing and diffs come in bursts; the count follows after a pause. */
const COUNT_MS = 500;

/** @param {FilterParts} parts */
export function createFilter({ host, texts, plan, amountOf, money, isFree, changed, signal }) {
  const frame = createFrame(texts, plan.categories, amountOf, money);
  let filter = EVERY_SEAT;
  /** @type {Matches} */
  let matches = () => true;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let counting;
  let asked = false;

  function take() {
    filter = {
      categories: frame.boxes.filter((box) => box.checked).map((box) => box.value),
      from: numberIn(frame.from),
      to: numberIn(frame.to),
    };
    matches = matcherOf(filter, amountOf);
    const nothing = asksForNothing(filter);
    frame.reset.setAttribute('aria-disabled', String(nothing));
    frame.section.toggleAttribute('data-active', !nothing);
    changed(nothing ? null : matches);
    asked = true;
    countSoon();
  }

  function countSoon() {
    counting ??= setTimeout(count, COUNT_MS);
  }

  function count() {
    counting = undefined;
    let [fitting, all] = [0, 0];
    for (const seat of plan.seats) {
      if (!isFree(seat.index)) continue;
      all += 1;
      if (matches(seat)) fitting += 1;
    }
    const text = texts.t('filter.matchesOf', { count: fitting, all });
    setText(frame.count, text);
    if (asked) setText(frame.spoken, text);
    asked = false;
  }

  function reset() {
    for (const box of frame.boxes) box.checked = false;
    frame.from.value = '';
    frame.to.value = '';
    take();
  }

  frame.section.addEventListener('input', take);
  frame.reset.addEventListener('click', reset);
  host.append(frame.section);
  signal.addEventListener('abort', () => {
    clearTimeout(counting);
    frame.section.remove();
  });
  count();
  return { section: frame.section, reset, /** Takes in that seats have changed. */ update: countSoon };
}

/**
 * @param {import('../../texts/texts.js').Texts} texts
 * @param {{ name: string }[]} categories
 * @param {FilterParts['amountOf']} amountOf
 * @param {FilterParts['money']} money
 */
function createFrame({ t }, categories, amountOf, money) {
  const boxes = categories.map(({ name }) => html('input', { type: 'checkbox', value: name }));
  const choices = categories.map(({ name }, place) => html('label', { class: 'choice' }, boxes[place], html('span', {}, name)));
  const range = priceRange(categories.map(({ name }) => name), amountOf);
  const [from, to] = [range?.low, range?.high].map((end) =>
    html('input', { type: 'number', inputmode: 'decimal', min: '0', step: 'any', placeholder: end === undefined ? '' : String(end) }),
  );
  const prices = html('fieldset', { class: 'range' }, html('legend', {}, t('legend.prices')), labelled(t('filter.from'), from), labelled(t('filter.price'), to));
  if (range) prices.append(html('p', { class: 'hint' }, t('filter.range', { low: money(range.low), high: money(range.high) })));
  const reset = html('button', { type: 'button', 'data-action': 'reset', 'aria-disabled': 'true' }, t('filter.reset'));
  const count = html('p', { class: 'matches' });
  const spoken = html('div', { class: 'unseen', role: 'status' });
  const section = html('section', { class: 'filter', part: 'filter', 'data-part': 'filter', 'aria-label': t('filter.title') });
  section.append(html('h2', {}, t('filter.title')));
  if (categories.length > 1) section.append(html('fieldset', { class: 'choices' }, html('legend', {}, t('filter.only')), ...choices));
  if (range && range.low < range.high) section.append(prices);
  section.append(html('div', { class: 'row' }, count, reset), spoken);
  return { section, boxes, from, to, reset, count, spoken };
}

/**
 * @param {string} text
 * @param {HTMLInputElement} input
 */
function labelled(text, input) {
  return html('label', {}, html('span', {}, text), input);
}

/** @param {HTMLInputElement} input */
function numberIn(input) {
  return input.value === '' || Number.isNaN(input.valueAsNumber) ? null : input.valueAsNumber;
}
