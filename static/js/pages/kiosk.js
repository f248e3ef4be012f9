/**
 * The page of a kiosk: a first screen with the showtimes, the map of one of them, and the end of each visit.
 *
 * Invariants: one connection for all showtimes and all visitors; after a visit nothing of it is on the screen, and what it
 * held is on its way back; whatever fails, the page goes on by itself.
 * @module
 */

import { createClient } from '../client.js';
import { createApi } from '../live/api.js';
import { createDepartures } from '../live/departures.js';
import { freshName } from '../live/fresh-name.js';
import { pageTimers } from '../live/timers.js';
import { createIdle } from '../model/idle.js';
import { secondsIn, showtimeIdsIn } from '../model/page-address.js';
import '../seat-map.js';
// The map fetches these when it needs them; a screen has them before its network goes away.
import '../view/element/failure.js';
import '../view/element/surroundings.js';
import { byId } from '../view/elements.js';
import { createPresence } from '../view/kiosk/presence.js';
import { createTiles } from '../view/kiosk/tiles.js';
import { createMapPlace } from './map-place.js';
import { startPage } from './page.js';
import { createShowtimeWatch } from './showtime-watch.js';
import { createVisitMemory } from './visit-memory.js';
import { createVisits } from './visits.js';

/** @typedef {import('./showtime-watch.js').Watched} Watched */

const IDLE = { usual: 60, least: 10, most: 600 };
/** Nobody should be asked for a decision in less time. */
const ASK_MS = 20_000;

const page = startPage({ document, location, navigator });
const { texts } = page;
const ids = showtimeIdsIn(location.pathname);
const timers = pageTimers(window);
const freshUser = () => freshName('kiosk', crypto);
const memory = createVisitMemory(() => sessionStorage);

const api = createApi({ fetch: window.fetch.bind(window), timers });
const departures = createDepartures({ api, timers, random: Math.random, now: Date.now, keep: memory.keepDepartures });
const house = createClient({ userId: freshUser() });
// Who only looks holds nothing, and under a new name nothing is looked for.
const onlooker = house.as(freshUser());
const visits = createVisits({ house, freshUser, now: Date.now, depart: departures.add, keep: memory.keepVisit });
const watch = createShowtimeWatch({ client: onlooker, ids, timers, random: Math.random, changed });

const idle = createIdle({ idleMs: secondsIn(location.search, 'idle', IDLE) * 1_000, askMs: ASK_MS });
const presence = createPresence({ idle, timers, now: Date.now, leftText, over });
const tiles = createTiles({ host: byId('tiles', HTMLElement), texts, chosen: open });
const place = createMapPlace({ host: byId('place', HTMLElement), page });
const title = byId('title', HTMLElement);
const starts = byId('starts', HTMLTimeElement);
const note = byId('note', HTMLElement);
const overview = byId('overview', HTMLButtonElement);
const leave = byId('leave', HTMLButtonElement);

/** @type {Watched | null} the showtime whose map is open */
let opened = null;
/** @type {string} what to say on the first screen about a map that was closed */
let farewell = '';

departures.add(memory.earlier.departures);
visits.endEarlier(memory.earlier.visit);
listen();
render();

function listen() {
  overview.addEventListener('click', () => close());
  leave.addEventListener('click', presence.end);
  for (const sign of ['pointerdown', 'keydown']) window.addEventListener(sign, () => opened && beginVisit(), { capture: true });
  place.host.addEventListener('seatlock', (event) => held(event, true));
  place.host.addEventListener('seatunlock', (event) => held(event, false));
  place.host.addEventListener('seatlost', lost);
  document.addEventListener('contextmenu', (event) => event.preventDefault());
  // Ctrl and the wheel, as touch pads say a pinch too, would zoom the page.
  window.addEventListener('wheel', (event) => event.ctrlKey && event.preventDefault(), { passive: false });
  // Desktop Safari has events of its own for it.
  for (const type of ['gesturestart', 'gesturechange', 'gestureend']) window.addEventListener(type, (event) => event.preventDefault());
  window.addEventListener('online', departures.wake);
}

/**
 * @param {Watched} watched
 * @param {'seats' | 'link' | 'offer'} what
 */
function changed(watched, what) {
  if (what !== 'seats' && watched.room?.link.state === 'live') departures.wake();
  if (opened === watched && watched.gone) close(texts.t('kiosk.removed', { title: watched.showtime?.title ?? '' }));
  if (!opened && ids.length === 1 && watched.room) open(watched.id);
  render();
}

/** @param {string} id */
function open(id) {
  const watched = watch.get(id);
  if (!watched?.showtime) return;
  opened = watched;
  farewell = '';
  if (ids.length > 1) beginVisit();
  visits.enter(watched.showtime);
  place.open(id, visits.client);
  render();
  if (ids.length > 1) title.focus();
}

/** @param {string} [why] */
function close(why = '') {
  const id = opened?.id ?? '';
  opened = null;
  farewell = why;
  place.close();
  render();
  tiles.focus(id);
}

function beginVisit() {
  presence.begin();
  leave.hidden = false;
}

/** Nothing of the visitor may be seen or held any longer. */
function over() {
  for (const { seatId } of place.own()) visits.holds(opened?.id ?? '', [seatId], true);
  opened = null;
  farewell = '';
  place.close();
  visits.end();
  leave.hidden = true;
  if (ids.length === 1 && watch.all[0].showtime && !watch.all[0].gone) open(watch.all[0].id);
  render();
  window.scrollTo(0, 0);
}

/**
 * @param {Event} event
 * @param {boolean} isHeld
 */
function held(event, isHeld) {
  if (!opened || !(event instanceof CustomEvent)) return;
  visits.holds(opened.id, event.detail.seatIds, isHeld);
  render();
}

/** @param {Event} event */
function lost(event) {
  if (!opened || !(event instanceof CustomEvent)) return;
  const { losses } = /** @type {import('../seat-map.js').SeatMapEventMap['seatlost']['detail']} */ (event.detail);
  visits.holds(opened.id, losses.map(({ seatId }) => seatId), false);
  render();
}

/** @param {number} seconds */
function leftText(seconds) {
  const holds = watch.all.some(({ id }) => visits.seatsIn(id).size);
  return texts.t(holds ? 'kiosk.givesBack' : 'kiosk.beginsAgain', { count: seconds });
}

function render() {
  const showtime = opened?.showtime ?? null;
  const heading = showtime?.title ?? texts.t('kiosk.choose');
  if (title.textContent !== heading) title.textContent = heading;
  document.title = texts.t('page.title', { what: heading });
  starts.hidden = !showtime;
  starts.dateTime = showtime?.startsAt ?? '';
  starts.textContent = showtime ? texts.dayAndTime(showtime.startsAt) : '';
  byId('start', HTMLElement).hidden = !!opened;
  byId('place', HTMLElement).hidden = !opened;
  overview.hidden = !opened || ids.length < 2;
  if (!opened) renderStart();
}

function renderStart() {
  const offered = watch.all.filter(({ showtime, gone }) => showtime && !gone);
  tiles.show(offered.map(tileOf));
  const text = farewell || (offered.length ? '' : emptyText());
  if (note.textContent !== text) note.textContent = text;
}

/** @param {Watched} watched */
function tileOf({ id, room, showtime, count }) {
  const current = !room?.stale && (room?.link.state === 'live' || room?.link.state === 'polling');
  const asOf = room?.asOf ?? null;
  return {
    id,
    title: showtime?.title ?? '',
    startsAt: showtime?.startsAt ?? '',
    free: count?.known ? count.free : null,
    age: !room || current || asOf === null ? '' : texts.t('kiosk.asOf', { time: texts.recentTime(asOf, room.now()) }),
    own: visits.seatsIn(id).size,
  };
}

function emptyText() {
  if (watch.all.every(({ gone }) => gone)) return texts.t('kiosk.none');
  return texts.t(watch.all.some(({ failed }) => failed) ? 'kiosk.unreachable' : 'showtimes.loading');
}
