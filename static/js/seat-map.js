/**
 * `<seat-map>`: the live seat map of one showtime, for any page.
 *
 * This file is the element itself: attributes, properties, methods and events. What it shows is built in
 * `view/element/`. Invariant: at most one showtime is open at a time, and nothing of it is left when the element goes.
 * `docs/seat-map.md` describes it for those who use it.
 * @module
 */

import { createClient } from './client.js';
import { ApiError } from './live/api.js';
import { backoff } from './live/backoff.js';
import { textsIn } from './texts/texts.js';
import { createShell } from './view/element/shell.js';
import { openShowing } from './view/element/showing.js';

/** @typedef {import('./client.js').SeatClient} SeatClient */
/** @typedef {import('./view/element/showing.js').Showing} Showing */

/**
 * @typedef {object} Opening a showtime on its way onto the screen
 * @property {import('./view/element/shell.js').Shell} shell
 * @property {import('./texts/texts.js').Texts} texts
 * @property {AbortSignal} signal ends it
 * @property {AbortController} failing takes away what was said of the attempt before
 * @property {string | null} failed what was said: the code of a problem
 */

const ATTRIBUTES = ['showtime', 'base', 'user', 'lang', 'theme', 'readonly'];
/** What a page may have set before this file was there. */
const PROPERTIES = /** @type {const} */ (['showtime', 'client', 'marked']);
const RETRY_MS = 500;

export class SeatMapElement extends HTMLElement {
  static observedAttributes = ATTRIBUTES;

  /** @type {SeatClient | null} given by the page */
  #given = null;
  /** @type {SeatClient | null} made here */
  #made = null;
  /** @type {Showing | null} */
  #showing = null;
  /** @type {AbortController | null} ends what is open, and what is on its way to be */
  #ending = null;
  #due = false;
  /** Whether what is open is not what is wanted any more. */
  #outdated = false;
  /** Whether what opens next stands for a plan that was seen before. */
  #isReplaced = false;
  /** @type {string[]} */
  #marked = [];

  constructor() {
    super();
    this.attachShadow({ mode: 'open' });
  }

  connectedCallback() {
    this.#takeProperties();
    this.#settleSoon();
  }

  disconnectedCallback() {
    this.#settleSoon();
  }

  /**
   * @param {string} name
   * @param {string | null} before
   * @param {string | null} after
   */
  attributeChangedCallback(name, before, after) {
    if (before === after) return;
    if (name === 'theme') this.recolor();
    else this.#reopen();
  }

  /** The client that brings the seats. One given here can be shared, and is not closed with the element. */
  get client() {
    return this.#given ?? this.#made;
  }

  set client(client) {
    if (client === this.#given) return;
    this.#given = client;
    this.#reopen();
  }

  /** The room that is shown; null until it is open. */
  get room() {
    return this.#showing?.room ?? null;
  }

  get showtime() {
    return this.getAttribute('showtime') ?? '';
  }

  set showtime(id) {
    this.setAttribute('showtime', String(id));
  }

  /** Ids of seats that the page has chosen for purposes of its own; they are marked on map and list. */
  get marked() {
    return this.#marked;
  }

  set marked(seatIds) {
    this.#marked = [...seatIds];
    this.#showing?.mark(this.#marked);
  }

  /** @param {string[]} seatIds */
  async lock(seatIds) {
    return this.#open().lock(seatIds);
  }

  /** @param {string[]} seatIds */
  async unlock(seatIds) {
    return this.#open().unlock(seatIds);
  }

  /** Asks for more time for every seat that is held. */
  async extend() {
    return this.#open().extend();
  }

  /**
   * Brings a seat into view, large enough to be read.
   * @param {string} seatId
   */
  show(seatId) {
    this.#showing?.show(seatId);
  }

  /** Reads the colours anew, after the page has changed custom properties. A change of `theme` needs no call. */
  recolor() {
    this.#showing?.recolor();
  }

  /** Shows the whole plan. */
  fit() {
    this.#showing?.fit();
  }

  /**
   * Where a seat is on the screen, in the coordinates of mouse events.
   * @param {string} seatId
   */
  placeOf(seatId) {
    return this.#showing?.placeOf(seatId) ?? null;
  }

  #open() {
    if (!this.#showing) throw new Error('the seat map is not open yet; wait for its event `ready`');
    return this.#showing.room;
  }

  /** What was set on the element before it was one lies over its accessors, and is set again. */
  #takeProperties() {
    const own = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (this));
    for (const name of PROPERTIES) {
      if (!Object.hasOwn(own, name)) continue;
      const value = own[name];
      delete own[name];
      own[name] = value;
    }
  }

  #reopen() {
    this.#outdated = true;
    this.#settleSoon();
  }

  /** Several attributes set one after the other open the showtime once, and an element that is only moved keeps it open. */
  #settleSoon() {
    if (this.#due) return;
    this.#due = true;
    queueMicrotask(() => {
      this.#due = false;
      const wanted = this.isConnected && this.showtime !== '';
      if (wanted && this.#ending && !this.#outdated) return;
      this.#close();
      this.#outdated = false;
      if (wanted) this.#begin();
    });
  }

  #close() {
    this.#ending?.abort();
    this.#ending = null;
    this.#showing = null;
    this.#made?.close();
    this.#made = null;
  }

  #begin() {
    const ending = new AbortController();
    this.#ending = ending;
    const [base, userId] = [this.getAttribute('base') || undefined, this.getAttribute('user') || undefined];
    if (!this.#given) this.#made = createClient({ base, userId });
    const texts = textsIn(this.#languages());
    const root = /** @type {ShadowRoot} */ (this.shadowRoot);
    const { signal } = ending;
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.recolor(), { signal });
    this.#join({ texts, shell: createShell(root, texts, signal), signal, failing: new AbortController(), failed: null }, 0);
  }

  /**
   * Joins as soon as the server lets it; a refusal is final and is shown.
   * @param {Opening} opening
   * @param {number} attempt
   */
  async #join(opening, attempt) {
    const { shell, signal } = opening;
    try {
      const [room] = await Promise.all([/** @type {SeatClient} */ (this.client).join(this.showtime), shell.styled]);
      if (signal.aborted) {
        room.leave();
        return;
      }
      opening.failing.abort();
      this.#show(opening, room);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof ApiError)) throw error;
      await this.#fail(opening, error);
      // A client that its page has closed opens nothing any more.
      if (error.isFinal || error.code === 'client_closed' || signal.aborted) return;
      const retry = setTimeout(() => this.#join(opening, attempt + 1), RETRY_MS + backoff(attempt, Math.random));
      signal.addEventListener('abort', () => clearTimeout(retry));
    }
  }

  /**
   * Says why it cannot be opened. The words stand in the map's place at once; what else shows it is a module that may be
   * out of reach for the same reason, and then comes with a later attempt.
   * @param {Opening} opening
   * @param {ApiError} error
   */
  async #fail(opening, error) {
    const { shell, texts, signal } = opening;
    if (opening.failed === error.code) return;
    shell.dropPoster();
    shell.loading.textContent = texts.cannotOpen(error);
    const failure = await import('./view/element/failure.js').catch(() => null);
    if (!failure || signal.aborted) return;
    opening.failing.abort();
    opening.failing = new AbortController();
    opening.failed = error.code;
    this.#tell('connectionchange', failure.showFailure({ shell, texts, error, signal: AbortSignal.any([signal, opening.failing.signal]) }));
  }

  /**
   * @param {Opening} opening
   * @param {import('./client.js').Room} room
   */
  #show({ shell, texts, signal }, room) {
    signal.addEventListener('abort', () => room.leave());
    this.#showing = openShowing({
      room,
      shell,
      texts,
      readOnly: this.hasAttribute('readonly'),
      news: this.#isReplaced ? texts.t('open.replaced') : null,
      signal,
      tell: (type, detail) => this.#tell(type, detail),
      replaced: () => {
        this.#isReplaced = true;
        this.#reopen();
      },
    });
    this.#isReplaced = false;
    this.#showing.mark(this.#marked);
    this.#tell('ready', { showtime: room.showtime });
  }

  /**
   * @param {string} type
   * @param {object} detail
   * @returns {boolean} whether the page left it to the element
   */
  #tell(type, detail) {
    return this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true, cancelable: type === 'seatchoose' }));
  }

  /** Languages in the order of preference: the element's, that of what it stands in, the browser's. */
  #languages() {
    /** @type {Node} */
    let place = this;
    for (;;) {
      const near = place instanceof Element ? place.closest('[lang]') : null;
      if (near) return [near.getAttribute('lang') ?? '', ...navigator.languages];
      const root = place.getRootNode();
      if (!(root instanceof ShadowRoot)) return [...navigator.languages];
      place = root.host;
    }
  }
}

/** What the declaration promises, the class has to keep. @type {typeof import('./seat-map.js').SeatMapElement} */
const element = SeatMapElement;
if (!customElements.get('seat-map')) customElements.define('seat-map', element);
