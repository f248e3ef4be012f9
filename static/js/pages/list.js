/**
 * The page that lists showtimes, with the free seats of those in view.
 *
 * It asks again now and then, and at once when somebody comes back to it. A list that cannot be had again stays as it
 * was and says so.
 * @module
 */

import { ApiError, createApi } from '../live/api.js';
import { pageTimers } from '../live/timers.js';
import { byId, html } from '../view/elements.js';
import { createShowtimeList } from '../view/showtimes/showtime-list.js';
import { startPage } from './page.js';

const AGAIN_MS = 20_000;
/** A position that no history has: the answer is the whole map, one letter for each seat. */
const FROM_NOWHERE = 'none-0';

const { texts } = startPage({ document, location, navigator });
const timers = pageTimers(window);
const api = createApi({ fetch: window.fetch.bind(window), timers });
const note = byId('note', HTMLElement);
const list = createShowtimeList({ host: byId('showtimes', HTMLElement), texts, search: location.search });
/** @type {Set<string>} */
const inView = new Set();
const sight = new IntersectionObserver((entries) => entries.forEach(seen));
/** @type {number | undefined} */
let timer;

document.title = texts.t('page.title', { what: texts.t('showtimes.title') });
note.textContent = texts.t('showtimes.loading');
load();
document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && load());
window.addEventListener('online', load);

async function load() {
  timers.clear(timer);
  try {
    const showtimes = await api.showtimes();
    showtimes.sort((a, b) => Date.parse(a.startsAt) - Date.parse(b.startsAt));
    list.show(showtimes);
    note.textContent = showtimes.length ? '' : texts.t('showtimes.none');
    for (const item of list.items.values()) sight.observe(item);
    await Promise.all([...inView].map(count));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const again = html('button', { type: 'button' }, texts.t('showtimes.again'));
    again.addEventListener('click', load);
    note.replaceChildren(texts.t('showtimes.failed', { cause: texts.problemText(error) }), ' ', again);
  }
  timers.clear(timer);
  if (document.visibilityState === 'visible') timer = timers.set(load, AGAIN_MS);
}

/** @param {IntersectionObserverEntry} entry */
function seen({ target, isIntersecting }) {
  const id = target instanceof HTMLElement ? target.dataset.showtime ?? '' : '';
  if (!isIntersecting) inView.delete(id);
  else if (!inView.has(id)) count(id);
  if (isIntersecting) inView.add(id);
}

/** @param {string} id */
async function count(id) {
  try {
    const answer = await api.changes(id, FROM_NOWHERE);
    if (answer?.snapshot) list.showFree(id, answer.snapshot.states.split('a').length - 1, ageOf(answer));
  } catch (error) {
    // The number is an extra; without it the showtime is listed all the same.
    if (!(error instanceof ApiError)) throw error;
  }
}

/**
 * Says how old the number is while the server cannot reach its store; empty while it is current.
 * @param {import('../model/wire.js').ChangesAnswer} answer
 */
function ageOf({ stale, staleSince }) {
  const since = Date.parse(staleSince ?? '');
  return stale && !Number.isNaN(since) ? texts.t('kiosk.asOf', { time: texts.recentTime(since, Date.now()) }) : '';
}
