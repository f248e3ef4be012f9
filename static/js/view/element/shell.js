/**
 * What `<seat-map>` is made of before anything is known of its showtime: the places for map, list, panel and messages.
 *
 * It says only what can be said without a room: that the map is loading.
 * @module
 */

import { html } from '../elements.js';

/** @typedef {ReturnType<typeof createShell>} Shell */
/** @typedef {import('../../texts/texts.js').Texts} Texts */

const SHEETS = ['element', 'map', 'list', 'panel', 'overlay'];

/**
 * @param {ShadowRoot} root
 * @param {Texts} texts
 * @param {AbortSignal} signal
 */
export function createShell(root, texts, signal) {
  const help = html('p', { id: 'map-help', class: 'unseen' }, texts.t('map.help'));
  const loading = html('p', { class: 'loading' }, texts.t('map.loading'));
  const canvas = html('div', { class: 'canvas' });
  const cursors = html('div', { class: 'cursors', role: 'group', 'aria-label': texts.t('map.label') });
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
 * The style sheets, and when all of them are there or cannot be had: what is drawn by script takes its colours from them.
 * @param {AbortSignal} signal
 */
function loadSheets(signal) {
  const links = SHEETS.map((name) => {
    const href = new URL(`../../../css/seat-map/${name}.css`, import.meta.url).href;
    return html('link', { rel: 'stylesheet', href });
  });
  const arrivals = links.map(
    (link) =>
      new Promise((done) => {
        link.addEventListener('load', done);
        link.addEventListener('error', done);
        signal.addEventListener('abort', done);
      }),
  );
  return { links, arrived: Promise.all(arrivals) };
}
