/**
 * "Seats together": asks how many, shows one suggestion after another on the map, and holds all its seats at once.
 *
 * What is suggested is found by `model/together.js`; here it is only leafed through. A suggestion whose seat goes is
 * replaced and that is said; the others stay where they are. Read out is what the visitor leafs to, not every change of
 * how many there are.
 * @module
 */

import { focusOf } from '../../model/focus.js';
import { segmentsOf } from '../../model/segments.js';
import { createTogether } from '../../model/together.js';
import { capital } from '../../texts/capital.js';
import { html } from '../elements.js';
import { icon } from './icons.js';
import { setText } from './own-entry.js';
import { onceAtATime } from './own-seats.js';

/** @typedef {import('../../model/plan.js').Seat} Seat */
/** @typedef {import('../../model/together.js').Search} Search */
/** @typedef {import('../../model/together.js').Suggestion} Suggestion */
/** @typedef {import('../../model/together.js').Order} Order */

/**
 * @typedef {object} FindTogetherParts
 * @property {HTMLElement} host
 * @property {import('../../texts/texts.js').Texts} texts
 * @property {import('../../model/plan.js').SeatPlan} plan
 * @property {(seat: Seat) => number | null} priceOf
 * @property {(amount: number) => string} money
 * @property {() => number} most how many seats the visitor may still hold
 * @property {(index: number) => boolean} isFree
 * @property {(indices: number[] | null) => void} highlight
 * @property {(index: number) => void} reveal
 * @property {(seatIds: string[]) => Promise<unknown>} reserve all of them or none
 * @property {AbortSignal} signal
 */

/** @param {FindTogetherParts} parts */
export function createFindTogether(parts) {
  const { host, texts, signal } = parts;
  const frame = createFrame(texts, parts.priceOf, parts.plan);
  /** @type {ReturnType<typeof createTogether> | null} */
  let together = null;
  /** @type {Search | null} */
  let search = null;
  /** @type {Suggestion | undefined} */
  let shown;
  let place = 0;
  /** @type {(seat: Seat) => boolean} */
  let matches = () => true;

  function find() {
    if (!frame.form.reportValidity()) return;
    const count = Math.min(frame.count.valueAsNumber, Math.max(1, parts.most()));
    frame.count.valueAsNumber = count;
    together ??= createTogether({ segments: segmentsOf(parts.plan), priceOf: parts.priceOf, focus: focusOf(parts.plan) });
    search = together({ count, order: orderIn(frame.order.value), isFree: parts.isFree, matches });
    const hadFocus = frame.form.matches(':focus-within');
    goTo(0);
    // In a narrow container the answer takes the place of the questions.
    if (hadFocus && shown && !frame.form.checkVisibility()) frame.reserve.focus();
  }

  /** @param {number} wanted wraps around at both ends */
  function goTo(wanted) {
    const all = search?.suggestions() ?? [];
    place = all.length ? (wanted + all.length) % all.length : 0;
    shown = all[place];
    write(all.length);
    setText(frame.note, shown || !search ? '' : texts.t('together.none', { count: frame.count.valueAsNumber }));
    setText(frame.spoken, shown ? [frame.place, frame.seats, frame.sum].map((part) => part.textContent).filter(Boolean).join(texts.t('seat.separator')) : '');
    parts.highlight(shown ? shown.seats.map(({ index }) => index) : null);
    if (shown) parts.reveal(shown.seats[shown.seats.length >> 1].index);
  }

  /** @param {number} count */
  function write(count) {
    const hadFocus = frame.result.matches(':focus-within');
    const hadStepFocus = frame.step.matches(':focus-within');
    frame.result.hidden = !shown;
    frame.section.toggleAttribute('data-found', shown !== undefined);
    if (!shown && hadFocus) frame.count.focus();
    if (!shown) return;
    setText(frame.place, texts.t('together.place', { place: place + 1, of: count }));
    setText(frame.seats, seatsText(shown.seats));
    setText(frame.sum, shown.sum === null ? '' : parts.money(shown.sum));
    setText(frame.reserve, texts.t('together.reserve', { count: shown.seats.length }));
    frame.step.hidden = count < 2;
    if (count < 2 && hadStepFocus) frame.reserve.focus();
  }

  /** @param {Seat[]} seats */
  function seatsText(seats) {
    const [{ zone, row, rowLabel }] = seats;
    const named = rowLabel ?? (row && texts.t('seat.row', { number: row }));
    const where = [zone, named].filter(Boolean).join(texts.t('seat.separator'));
    const numbers = seats.map(({ number, seatLabel }) => seatLabel ?? number).join(texts.t('seat.separator'));
    const words = texts.t('together.numbers', { count: seats.length, seats: numbers });
    return capital([where, words].filter(Boolean).join(texts.t('seat.separator')), texts.language);
  }

  /**
   * Takes in that seats have changed.
   * @param {number[] | 'all'} indices
   */
  function update(indices) {
    if (!search) return;
    search.refresh(indices);
    const all = search.suggestions();
    const kept = shown ? all.findIndex(({ seats }) => isSame(seats, shown?.seats)) : -1;
    if (kept >= 0) {
      place = kept;
      write(all.length);
      return;
    }
    const wasShown = shown !== undefined;
    if (wasShown || all.length) goTo(Math.min(place, all.length - 1));
    if (wasShown && shown) setText(frame.note, texts.t('together.gone'));
  }

  /** Goes back to the questions and takes the marks from the map. */
  function close() {
    if (!search) return;
    search = null;
    goTo(0);
  }

  /** @param {((seat: Seat) => boolean) | null} wanted */
  function setFilter(wanted) {
    matches = wanted ?? (() => true);
    frame.within.hidden = wanted === null;
    if (search) find();
  }

  async function reserve() {
    if (!shown) return;
    const ids = shown.seats.map(({ id }) => id);
    // The marks go first: what is asked for now looks pending on the map.
    close();
    await parts.reserve(ids);
  }

  frame.form.addEventListener('submit', (event) => {
    event.preventDefault();
    find();
  });
  frame.order.addEventListener('change', () => search && find());
  frame.previous.addEventListener('click', () => goTo(place - 1));
  frame.next.addEventListener('click', () => goTo(place + 1));
  frame.change.addEventListener('click', close);
  onceAtATime(frame.reserve, reserve);
  host.append(frame.section);
  signal.addEventListener('abort', () => frame.section.remove());
  return { section: frame.section, update, close, setFilter };
}

/**
 * @param {Seat[]} a
 * @param {Seat[] | undefined} b
 */
function isSame(a, b) {
  return a.length === b?.length && a[0] === b[0];
}

/**
 * @param {string} value
 * @returns {Order}
 */
function orderIn(value) {
  return value === 'cheapest' || value === 'dearest' ? value : 'nearest';
}

/**
 * @param {import('../../texts/texts.js').Texts} texts
 * @param {(seat: Seat) => number | null} priceOf
 * @param {import('../../model/plan.js').SeatPlan} plan
 */
function createFrame({ t }, priceOf, plan) {
  const count = html('input', { type: 'number', inputmode: 'numeric', min: '1', max: '100', value: '2', required: '' });
  const order = html('select', {}, ...['nearest', 'cheapest', 'dearest'].map((value) => html('option', { value }, t(`together.${orderIn(value)}`))));
  const ordered = html('label', {}, html('span', {}, t('together.order')), order);
  ordered.hidden = new Set(plan.seats.map(priceOf)).size < 2;
  const within = html('p', { class: 'hint', hidden: '' }, t('together.within'));
  const submit = html('button', { type: 'submit', class: 'primary', 'data-action': 'search' }, t('together.search'));
  const form = html('form', {}, html('label', {}, html('span', {}, t('together.count')), count), ordered, submit, within);
  const [place, seats, sum] = ['place', 'seats', 'price'].map((name) => html('span', { class: name }));
  const previous = html('button', { type: 'button', 'data-action': 'previous', 'aria-label': t('together.previous') }, icon('previous'));
  const next = html('button', { type: 'button', 'data-action': 'next', 'aria-label': t('together.next') }, icon('next'));
  const step = html('div', { class: 'step' }, previous, next);
  const reserve = html('button', { type: 'button', class: 'primary', 'data-action': 'reserve' });
  const change = html('button', { type: 'button', 'data-action': 'change' }, t('together.change'));
  const result = html('div', { class: 'result', hidden: '' }, html('div', { class: 'words' }, place, seats, sum), step, html('div', { class: 'row' }, reserve, change));
  const note = html('p', { class: 'note', role: 'status' });
  const spoken = html('div', { class: 'unseen', role: 'status' });
  const section = html('section', { class: 'find', part: 'find', 'data-part': 'find', 'aria-label': t('together.title') }, html('h2', {}, t('together.title')), form, note, result, spoken);
  return { section, form, count, order, within, place, seats, sum, step, previous, next, reserve, change, result, note, spoken };
}
