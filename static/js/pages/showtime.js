/**
 * The page of one showtime: a title above a `<seat-map>`.
 *
 * Its address says which showtime (`/showtimes/{id}`), and may say who (`?user=`), in which language (`?lang=`) and in
 * which colours (`?theme=`).
 * @module
 */

import '../seat-map.js';
import { byId } from '../view/elements.js';
import { startPage } from './page.js';

const PASSED_ON = ['user', 'lang', 'theme'];

const query = new URLSearchParams(location.search);
const { texts } = startPage({ document, location, navigator });
const map = /** @type {import('../seat-map.js').SeatMapElement} */ (document.querySelector('seat-map'));

map.addEventListener('ready', (event) => showTitle(/** @type {CustomEvent} */ (event).detail.showtime));
for (const name of PASSED_ON) {
  const value = query.get(name);
  if (value) map.setAttribute(name, value);
}
map.showtime = decodeURIComponent(location.pathname.split('/').filter(Boolean).at(-1) ?? '');

/** @param {import('../model/wire.js').Showtime} showtime */
function showTitle(showtime) {
  document.title = texts.t('page.title', { what: showtime.title });
  byId('title', HTMLElement).textContent = showtime.title;
  const starts = byId('starts', HTMLTimeElement);
  starts.dateTime = showtime.startsAt;
  starts.textContent = texts.dayAndTime(showtime.startsAt);
}
