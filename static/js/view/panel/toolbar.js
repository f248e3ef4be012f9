/**
 * The buttons over the map: zoom, the whole plan, map or list, and those that open the filter and the search.
 *
 * It zooms nothing itself. A panel that it has opened closes on Escape, and then the focus is back on its button.
 * @module
 */

import { html } from '../elements.js';
import { icon } from './icons.js';

/**
 * @typedef {object} ToolbarParts
 * @property {HTMLElement} host
 * @property {HTMLElement} zoomHost the positioned frame of the map, where the zoom buttons lie
 * @property {import('../../texts/texts.js').Texts} texts
 * @property {(direction: 1 | -1) => void} zoom
 * @property {() => void} fit
 * @property {(asList: boolean) => void} listed
 * @property {Partial<Record<'filter' | 'find', HTMLElement>>} panels hidden until they are asked for
 * @property {(name: 'filter' | 'find', open: boolean) => void} [disclosed]
 * @property {AbortSignal} signal
 */

/** @typedef {{ button: HTMLButtonElement, panel: HTMLElement, set: (open: boolean) => void }} Disclosure */

/** @param {ToolbarParts} parts */
export function createToolbar(parts) {
  const { host, zoomHost, texts, signal } = parts;
  const { t } = texts;
  const zoomIn = toolButton('zoom-in', 'plus', t('map.zoomIn'));
  const zoomOut = toolButton('zoom-out', 'minus', t('map.zoomOut'));
  const fit = toolButton('fit', 'fit', t('map.fit'));
  const list = toolButton('list', 'list', t('map.showList'));
  list.setAttribute('aria-pressed', 'false');
  const zoom = html('div', { class: 'zoom', part: 'zoom', 'data-part': 'zoom', role: 'group', 'aria-label': t('map.zoom') }, zoomIn, zoomOut, fit);
  const bar = html('div', { class: 'toolbar', part: 'toolbar', 'data-part': 'toolbar', role: 'group', 'aria-label': t('toolbar.label') }, list);
  /** @type {Map<string, Disclosure>} */
  const disclosures = new Map();

  /**
   * @param {'filter' | 'find'} name
   * @param {HTMLButtonElement} button
   */
  function disclose(name, button) {
    const panel = parts.panels[name];
    if (!panel) return;
    panel.hidden = true;
    panel.id ||= `${name}-panel`;
    button.setAttribute('aria-controls', panel.id);
    button.setAttribute('aria-expanded', 'false');
    const set = (/** @type {boolean} */ open) => {
      if (panel.hidden !== open) return;
      panel.hidden = !open;
      button.setAttribute('aria-expanded', String(open));
      parts.disclosed?.(name, open);
    };
    disclosures.set(name, { button, panel, set });
    bar.append(button);
    button.addEventListener('click', () => open(panel.hidden ? name : null));
    panel.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      set(false);
      button.focus();
    });
  }

  /**
   * Opens one panel and closes the others.
   * @param {'filter' | 'find' | null} wanted
   */
  function open(wanted) {
    for (const [name, { set }] of disclosures) set(name === wanted);
  }

  disclose('filter', toolButton('filter', 'filter', t('filter.title')));
  disclose('find', toolButton('find', 'together', t('together.title')));
  zoomIn.addEventListener('click', () => parts.zoom(1));
  zoomOut.addEventListener('click', () => parts.zoom(-1));
  fit.addEventListener('click', parts.fit);
  list.addEventListener('click', () => {
    const asList = list.ariaPressed !== 'true';
    setList(asList);
    parts.listed(asList);
  });

  /** @param {boolean} asList */
  function setList(asList) {
    list.setAttribute('aria-pressed', String(asList));
    zoom.hidden = asList;
  }

  host.prepend(bar);
  zoomHost.append(zoom);
  signal.addEventListener('abort', () => {
    bar.remove();
    zoom.remove();
  });
  return { open, setList };
}

/**
 * @param {string} action
 * @param {import('./icons.js').IconName} picture
 * @param {string} label
 */
function toolButton(action, picture, label) {
  return html('button', { type: 'button', 'data-action': action, 'aria-label': label, title: label }, icon(picture));
}
