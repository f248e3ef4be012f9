/**
 * What `<seat-map>` is made of before anything is known of its showtime: the places for map, list, panel and messages.
 *
 * It says only what can be said without a room: that the map is loading. A page may have brought a poster, a picture of
 * the plan, for that time; invariant: that is seen once, before the first map, and never with another.
 * @module
 */

import { backoff } from '../../live/backoff.js';
import { html } from '../elements.js';

/** @typedef {ReturnType<typeof createShell>} Shell */
/** @typedef {import('../../texts/texts.js').Texts} Texts */

const SHEETS = ['element', 'map', 'list', 'panel', 'overlay'];
const RETRY_MS = 500;

/**
 * @param {ShadowRoot} root
 * @param {Texts} texts
 * @param {AbortSignal} signal
 */
export function createShell(root, texts, signal) {
  const help = html('p', { id: 'map-help', class: 'unseen' }, texts.t('map.help'));
  const loading = html('p', { class: 'loading' }, texts.t('map.loading'));
  const canvas = html('div', { class: 'canvas' });
  const cursors = html('div', { class: 'cursors', role: 'application', 'aria-label': texts.t('map.label') });
  const badge = html('div', { class: 'badge-place' });
  const overlay = html('div', { class: 'overlay' });
  const map = html('div', { class: 'map', part: 'map', 'aria-busy': 'true' }, canvas, help, cursors, loading);
  const list = html('div', { class: 'list', part: 'list', role: 'region', 'aria-label': texts.t('list.label') });
  const bar = html('div', { class: 'bar' }, badge);
  const stage = html('div', { class: 'stage' }, map, overlay, list);
  const panel = html('div', { class: 'panel', part: 'panel' });
  const frame = html('div', { class: 'seat-map', lang: texts.language, dir: texts.direction }, bar, stage, panel);
  // Not by a sheet: this is about the time before they are there.
  frame.style.visibility = 'hidden';
  const { links, arrived } = loadSheets(signal);
  const poster = html('slot', { name: 'poster' });
  // Below the frame, so that the map covers it. Until the sheets are there, it lies where the page has put it.
  root.replaceChildren(...links, poster, frame);
  const pictures = poster.assignedElements();
  if (pictures.length) {
    frame.classList.add('has-poster');
    badge.append(loading);
  }
  signal.addEventListener('abort', dropPoster);

  /** Takes the poster away for good; what is said while there is no map is said in the map's place. */
  function dropPoster() {
    // They stay the page's own: only their place is gone.
    for (const picture of pictures) picture.removeAttribute('slot');
    if (badge.contains(loading)) map.append(loading);
  }

  const styled = arrived.then(() => frame.style.removeProperty('visibility'));
  return { frame, bar, stage, map, canvas, cursors, overlay, badge, list, panel, loading, help, styled, dropPoster };
}

/**
 * The style sheets, and when all of them are there: what is drawn by script takes its colours from them. One that cannot be
 * had is asked for again, and waited for once more only.
 * @param {AbortSignal} signal
 */
function loadSheets(signal) {
  /** @type {Promise<unknown>[]} */
  const arrivals = [];
  const links = SHEETS.map((name) => {
    const link = makeLink(name);
    arrivals.push(new Promise((done) => watchSheet(name, link, done, signal, 0)));
    return link;
  });
  return { links, arrived: Promise.all(arrivals) };
}

/** @param {string} name */
function makeLink(name) {
  return html('link', { rel: 'stylesheet', href: new URL(`../../../css/seat-map/${name}.css`, import.meta.url).href });
}

/**
 * @param {string} name
 * @param {HTMLLinkElement} link
 * @param {(value?: unknown) => void} done
 * @param {AbortSignal} signal
 * @param {number} attempt
 */
function watchSheet(name, link, done, signal, attempt) {
  link.addEventListener('load', done);
  signal.addEventListener('abort', done);
  link.addEventListener('error', () => {
    if (attempt > 0) done();
    setTimeout(() => {
      if (signal.aborted) return;
      const next = makeLink(name);
      watchSheet(name, next, done, signal, attempt + 1);
      link.replaceWith(next);
    }, RETRY_MS + backoff(attempt, Math.random));
  });
}
