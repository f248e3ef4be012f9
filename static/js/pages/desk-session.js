/**
 * The box office's work in one showtime: ties the map, the selection, the facts and the actions together.
 *
 * Invariants: choosing a seat here locks nothing; a picked seat that changes under the hands is said to have changed, unless
 * the change is the clerk's own; when the session ends nothing of it is left on the page, and what is still on its way to
 * the server then draws nothing any more.
 * @module
 */

import { offersFor, bookingsIn } from '../model/desk-actions.js';
import { createDeskSelection } from '../model/desk-selection.js';
import { createSeatQuery } from '../model/seat-query.js';
import { createDeskFacts } from './desk-facts.js';
import { createDeskWork } from './desk-work.js';
import { createSelectedList } from '../view/desk/selected-list.js';
import { createSelectionNotes } from '../view/desk/selection-notes.js';

/** @typedef {import('../model/wire.js').SeatFacts} SeatFacts */

/**
 * @typedef {object} DeskSessionParts
 * @property {import('../seat-map.js').SeatMapElement} map
 * @property {import('../client.js').Room} room
 * @property {import('../live/box-office.js').BoxOffice} box
 * @property {import('../texts/texts.js').Texts} texts
 * @property {import('../live/timers.js').Timers} timers
 * @property {Pick<import('./desk-work.js').DeskWorkParts, 'log' | 'confirm' | 'freshBooking'>} work
 * @property {HTMLElement} list
 * @property {(offers: ReturnType<typeof offersFor>, isBusy: boolean) => void} offer
 * @property {() => void} cleared after something was done
 * @property {AbortSignal} signal
 */

/** A change of the clerk's own reaches the map within this time after its answer. */
const OWN_CHANGE_MS = 600;

/** @param {DeskSessionParts} parts */
export function openDeskSession({ map, room, box, texts, timers, work: given, list: host, offer, cleared, signal }) {
  const { plan, showtime } = room;
  const money = texts.money(showtime.currency);
  const indexOf = new Map(plan.seats.map((seat) => [seat.id, seat.index]));
  const nameOf = (/** @type {string} */ id) => {
    const index = indexOf.get(id);
    return index === undefined ? id : texts.seatName(plan.seats[index]);
  };
  const selection = createDeskSelection((index) => room.statusOf(index));
  const find = createSeatQuery(plan);
  const facts = createDeskFacts({ ask: (ids) => box.facts(showtime.showtimeId, ids), timers, changed: factsChanged, signal });
  const notes = createSelectionNotes({ texts, nameOf: (index) => texts.seatName(plan.seats[index]), signal, accept, keepOnly, addAll: (ids) => add(indicesOf(ids)), clear });
  const list = createSelectedList({
    host,
    texts,
    seats: plan.seats,
    priceText: (index) => money(room.priceOf(index)),
    nameOf,
    deadlineOf: (index) => room.deadlineOf(index),
    shown: (index) => map.show(plan.seats[index].id),
    removed: (index) => change(() => selection.remove([index])),
    rowWanted: (index) => add(rowOf(index)),
  });
  const work = createDeskWork({ ...given, box, showtimeId: showtime.showtimeId, texts, nameOf, busy });
  let running = 0;
  /** @type {number | undefined} */
  let settling;

  map.addEventListener('seatchoose', onChoose, { signal });
  map.addEventListener('seatlock', onLock, { signal });
  map.addEventListener('seatschange', (event) => observe(event.detail.indices), { signal });
  signal.addEventListener('abort', close);
  render();

  /** @param {CustomEvent<import('../seat-map.js').SeatChooseDetail>} event */
  function onChoose(event) {
    event.preventDefault();
    change(() => selection.toggle(event.detail.index));
  }

  /**
   * Seats that the map's own search locked are picked instead: staff hold nothing.
   * @param {CustomEvent<{ seatIds: string[] }>} event
   */
  async function onLock({ detail: { seatIds } }) {
    await map.unlock(seatIds);
    add(indicesOf(seatIds));
  }

  /** @param {() => void} edit */
  function change(edit) {
    if (signal.aborted) return;
    edit();
    map.marked = selection.list().map(({ index }) => plan.seats[index].id);
    facts.want(map.marked);
    render();
  }

  /** @param {readonly number[]} indices */
  function add(indices) {
    change(() => selection.add(indices));
  }

  function clear() {
    change(() => selection.clear());
  }

  function accept() {
    selection.accept();
    render();
  }

  /** @param {import('../model/shown.js').ShownStatus} status */
  function keepOnly(status) {
    change(() => selection.remove(selection.list().filter((one) => one.status !== status).map(({ index }) => index)));
  }

  /** @param {number} index */
  function rowOf(index) {
    const { zone, row } = plan.seats[index];
    return plan.seats.filter((seat) => seat.zone === zone && seat.row === row).map((seat) => seat.index);
  }

  /** @param {readonly string[]} seatIds */
  function indicesOf(seatIds) {
    return seatIds.flatMap((id) => indexOf.get(id) ?? []);
  }

  /** @param {number[] | 'all'} indices */
  function observe(indices) {
    if (!selection.observe(indices).length) return;
    facts.want(selection.list().map(({ index }) => plan.seats[index].id));
    render();
  }

  /** @param {import('../live/api.js').ApiError | null} error */
  function factsChanged(error) {
    notes.showFactsError(error);
    render();
  }

  /** @param {boolean} isBusy */
  function busy(isBusy) {
    running += isBusy ? 1 : -1;
    if (signal.aborted) return;
    timers.clear(settling);
    settling = running ? undefined : timers.set(settle, OWN_CHANGE_MS);
    render();
  }

  function settle() {
    settling = undefined;
    render();
  }

  function render() {
    const picked = selection.list();
    const settled = !running && settling === undefined;
    list.show(picked, facts.known);
    notes.show({ picked, changed: selection.changed(), bookings: bookingsIn(picked.flatMap(({ index }) => facts.known.get(plan.seats[index].id) ?? [])), settled });
    offer(offersFor(picked), running > 0);
  }

  function close() {
    timers.clear(settling);
    map.marked = [];
    host.replaceChildren();
  }

  /**
   * Does something with the picked seats and drops them when it is done.
   * @param {(seatIds: string[]) => Promise<boolean>} act
   */
  async function act(act) {
    const picked = selection.list().map(({ index }) => index);
    const done = await act(picked.map((index) => plan.seats[index].id));
    if (!done || signal.aborted) return;
    change(() => selection.remove(picked));
    cleared();
  }

  return {
    find,
    add,
    clear,
    /** @param {string} bookingId */
    book: (bookingId) => act((ids) => work.book(ids, bookingId)),
    /** @param {string} reason */
    block: (reason) => act((ids) => work.block(ids, reason)),
    release: () => act((ids) => work.release(ids, facts.known)),
    unblock: () => act((ids) => work.unblock(ids, facts.known)),
  };
}
