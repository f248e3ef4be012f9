/**
 * What `<seat-map>` is made of before anything is known of its showtime: the places for map, list, panel and messages.
 *
 * It says only what can be said without a room: that the map is loading.
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
  const frame = html('div', { class: 'seat-map', lang: texts.language, dir: texts.direction, 'data-unstyled': '' }, bar, stage, panel);
  const { links, arrived } = loadSheets(signal);
  root.replaceChildren(...links, frame);
  const styled = arrived.then(() => frame.removeAttribute('data-unstyled'));
  return { frame, bar, stage, map, canvas, cursors, overlay, badge, list, panel, loading, help, styled };
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
