/**
 * One showtime on screen: the map first, then all that surrounds it; and what of it the page is told.
 *
 * It decides nothing about seats: the room says what they are, and `choosing.js` what a choice means. Invariant: what
 * happened before the surroundings were there is told to them when they are, in order.
 * @module
 */

import { backoff } from '../../live/backoff.js';
import { createMapView } from '../map/map-view.js';
import { meaningOf } from './choosing.js';
import { createLabels } from './labels.js';
import { createMapCursor } from './map-cursor.js';

/** @typedef {import('../../client.js').Room} Room */
/** @typedef {import('./surroundings.js').Surroundings} Surroundings */
/** @typedef {ReturnType<typeof openShowing>} Showing */

const RETRY_MS = 500;
/** So many attempts fail before the visitor is asked to help. */
const PATIENCE = 3;

/**
 * @typedef {object} ShowingParts
 * @property {Room} room
 * @property {import('./shell.js').Shell} shell
 * @property {import('../../texts/texts.js').Texts} texts
 * @property {boolean} readOnly
 * @property {string | null} news what the visitor is to be told first
 * @property {AbortSignal} signal
 * @property {(type: string, detail: object) => boolean} tell dispatches an event; false when the page took it over
 * @property {() => void} replaced
 */

/** @param {ShowingParts} parts */
export function openShowing(parts) {
  const { room, shell, texts, readOnly, signal } = parts;
  const { plan } = room;
  const labels = createLabels(room, texts);
  /** @type {Surroundings | null} */
  let around = null;
  const stillness = matchMedia('(prefers-reduced-motion: reduce)');
  const map = createMapView({
    frame: shell.canvas,
    plan,
    statusOf: (index) => room.statusOf(index),
    blockText: (_, free) => texts.t('map.free', { count: free }),
    reducedMotion: stillness.matches,
    chosen: choose,
    hovered: (index) => around?.hovered(index),
    moved() {
      cursor.place();
      around?.mapMoved();
    },
    signal,
  });
  const cursor = createMapCursor({
    host: shell.cursors,
    plan,
    map,
    helpId: shell.help.id,
    textOf: labels.textOf,
    isOwn: (index) => room.statusOf(index) === 'selected',
    chosen: choose,
    focused: (index) => around?.focused(index),
    signal,
  });
  stillness.addEventListener('change', () => map.setReducedMotion(stillness.matches), { signal });
  shell.loading.remove();
  shell.dropPoster();
  shell.map.removeAttribute('aria-busy');
  const surroundings = afterPaint()
    .then(() => keepLoading(() => import('./surroundings.js'), () => askForReload(shell, texts), signal))
    .then(({ createSurroundings }) => {
      if (signal.aborted) return null;
      around = createSurroundings({ room, shell, texts, labels, map, readOnly, signal, chosen: choose, remarked: () => cursor.update('all') });
      around.update('all');
      around.ownChanged();
      around.linkChanged();
      if (parts.news) around.messages.tell(parts.news);
      return around;
    });

  /** @param {(around: Surroundings) => void} act at once, or when the surroundings are there */
  function withSurroundings(act) {
    if (around) act(around);
    else surroundings.then((there) => there && act(there));
  }

  /**
   * @param {number} index
   * @param {string} [pointerType]
   */
  function choose(index, pointerType) {
    // Nothing is held for a visitor who could not see it, give it back or be warned.
    withSurroundings((there) => act(there, index, pointerType));
  }

  /**
   * @param {Surroundings} there
   * @param {number} index
   * @param {string} [pointerType]
   */
  function act(there, index, pointerType) {
    const isTouch = pointerType === 'touch';
    if (isTouch) there.touched(index);
    const { id } = plan.seats[index];
    const status = room.statusOf(index);
    if (!parts.tell('seatchoose', { seatId: id, index, status }) || readOnly) return;
    const meaning = meaningOf(status);
    if (meaning === 'lock') room.lock([id]);
    else if (meaning === 'unlock') room.unlock([id]);
    // After a touch the card says the same.
    else if (meaning === 'explain' && !isTouch) there.explain(index);
  }

  /** @param {number[] | 'all'} indices */
  function update(indices) {
    map.update(indices);
    cursor.update(indices);
    around?.update(indices);
  }

  listen({ ...parts, labels, update, withSurroundings });

  return {
    room,

    /** @param {string[]} seatIds */
    mark(seatIds) {
      withSurroundings((there) => there.mark(seatIds.flatMap((id) => labels.indexOf(id) ?? [])));
    },

    /** @param {string} seatId */
    show(seatId) {
      const index = labels.indexOf(seatId);
      if (index === undefined) return;
      map.reveal(index);
      cursor.setCurrent(index);
    },

    fit: () => map.fit(),

    recolor() {
      map.recolor();
      around?.recolor();
    },

    /** @param {string} seatId */
    placeOf(seatId) {
      const index = labels.indexOf(seatId);
      if (index === undefined) return null;
      const { x, y } = map.placeOf(index);
      const frame = shell.canvas.getBoundingClientRect();
      return { x: frame.left + x, y: frame.top + y };
    },
  };
}

/**
 * Hands what happens in the room to what shows it, and tells the page.
 * @param {ShowingParts & {
 *   labels: import('./labels.js').Labels,
 *   update: (indices: number[] | 'all') => void,
 *   withSurroundings: (act: (around: Surroundings) => void) => void,
 * }} parts
 */
function listen({ room, texts, labels, signal, tell, replaced, update, withSurroundings }) {
  function linkChanged() {
    const { link, stale, asOf } = room;
    withSurroundings((around) => around.linkChanged());
    tell('connectionchange', { link, stale, asOf, text: texts.linkText(link, stale, asOf, room.now()).text });
  }

  room.addEventListener('seatschange', ({ detail }) => {
    update(detail.indices);
    tell('seatschange', detail);
  }, { signal });
  room.addEventListener('ownchange', () => withSurroundings((around) => around.ownChanged()), { signal });
  room.addEventListener('linkchange', linkChanged, { signal });
  room.addEventListener('locked', ({ detail }) => tell('seatlock', detail), { signal });
  room.addEventListener('unlocked', ({ detail }) => tell('seatunlock', detail), { signal });
  room.addEventListener('lost', ({ detail }) => {
    withSurroundings((around) => around.lost(detail));
    tell('seatlost', { ...detail, message: texts.noticeTexts({ kind: 'lost', ...detail }, labels.nameOfId).join(' ') });
  }, { signal });
  room.addEventListener('refused', ({ detail }) => {
    const sentences = texts.noticeTexts({ kind: 'refused', ...detail }, labels.nameOfId, room.now());
    withSurroundings((around) => sentences.forEach((text) => around.messages.tell(text, { kind: 'problem' })));
    tell('seatrefused', { ...detail, message: sentences.join(' ') });
  }, { signal });
  room.addEventListener('replaced', () => replaced(), { signal });
  linkChanged();
}

/**
 * Loads a module however often it takes: the network may be away just now.
 * @template Module
 * @param {() => Promise<Module>} load
 * @param {() => void} troubled called when it takes long
 * @param {AbortSignal} signal
 * @returns {Promise<Module>} never, once the signal has come
 */
async function keepLoading(load, troubled, signal) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await load();
    } catch {
      if (attempt === PATIENCE) troubled();
      await new Promise((done) => !signal.aborted && setTimeout(done, RETRY_MS + backoff(attempt, Math.random)));
    }
  }
}

/**
 * Some browsers remember that a module could not be had, and a server of a newer version has other modules.
 * @param {import('./shell.js').Shell} shell
 * @param {import('../../texts/texts.js').Texts} texts
 */
function askForReload(shell, texts) {
  shell.loading.textContent = texts.t('advice.reload');
  shell.loading.setAttribute('role', 'alert');
  shell.map.append(shell.loading);
}

/** When the browser has shown what was drawn; a page that is hidden does not wait for that. */
function afterPaint() {
  if (document.hidden) return Promise.resolve();
  return new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
}
