/**
 * The page of a foyer screen: the map of a showtime to look at, its free seats, and the next showtime after a while.
 *
 * Invariants: nothing here locks a seat; one connection for all showtimes; whatever fails, the page goes on by itself.
 * @module
 */

import { createClient } from '../client.js';
import { freshName } from '../live/fresh-name.js';
import { pageTimers } from '../live/timers.js';
import { secondsIn, showtimeIdsIn } from '../model/page-address.js';
import { createRotation } from '../model/rotation.js';
import '../seat-map.js';
// The map fetches these when it needs them; a screen has them before its network goes away.
import '../view/element/failure.js';
import '../view/element/surroundings.js';
import { byId } from '../view/elements.js';
import { readColors } from '../view/map/colors.js';
import { createBadge } from '../view/panel/badge.js';
import { watchAttendance } from '../view/wall/attendance.js';
import { runClock } from '../view/wall/clock.js';
import { createFacts } from '../view/wall/facts.js';
import { startPage } from './page.js';
import { createShowtimeWatch } from './showtime-watch.js';

/** @typedef {import('./showtime-watch.js').Watched} Watched */

const TURN = { usual: 15, least: 5, most: 3_600 };

const { texts, theme, locale } = startPage({ document, location, navigator });
const ids = showtimeIdsIn(location.pathname);
const timers = pageTimers(window);
const client = createClient({ userId: freshName('wall', crypto) });
// Who only looks holds nothing, and under a new name nothing is looked for.
const onlooker = () => client.as(freshName('wall', crypto));
const rotation = createRotation(secondsIn(location.search, 'turn', TURN) * 1_000);
const maps = byId('maps', HTMLElement);
const note = byId('note', HTMLElement);
const pause = byId('pause', HTMLButtonElement);
/** @type {Map<string, HTMLElement>} */
const elements = new Map();
/** @type {Watched | null} */
let shown = null;
let paused = false;
/** @type {number | undefined} */
let turning;

const facts = createFacts({ texts, locale, colors: () => readColors(maps) });
const badge = createBadge({ host: byId('badge', HTMLElement), texts, read: readLink, now: serverNow, signal: new AbortController().signal });
const clock = runClock({ place: byId('clock', HTMLTimeElement), locale, timers, now: serverNow });
const watch = createShowtimeWatch({ client: onlooker(), ids, timers, random: Math.random, changed });

watchAttendance({ body: document.body, timers });
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', facts.recolor);
document.addEventListener('visibilitychange', turn);
byId('previous', HTMLButtonElement).addEventListener('click', () => step(-1));
byId('next', HTMLButtonElement).addEventListener('click', () => step(1));
pause.addEventListener('click', togglePause);
render();

/**
 * @param {Watched} watched
 * @param {'seats' | 'link' | 'offer'} what
 */
function changed(watched, what) {
  if (what === 'offer') offer();
  else if (watched === shown || !shown) render();
  if (what === 'link') clock.update();
}

/** Takes over which showtimes there are. */
function offer() {
  const offered = watch.all.filter(({ room, gone, showtime }) => showtime && !gone && (room || elements.has(showtime.showtimeId)));
  const listed = new Set(offered.map(({ id }) => id));
  for (const [id, element] of elements) {
    if (listed.has(id)) continue;
    element.remove();
    elements.delete(id);
  }
  for (const { id } of offered) if (!elements.has(id)) elements.set(id, addMap(id));
  rotation.setIds([...listed], Date.now());
  turn();
}

/** @param {string} id */
function addMap(id) {
  const map = document.createElement('seat-map');
  map.setAttribute('showtime', id);
  map.setAttribute('lang', locale);
  map.setAttribute('theme', theme);
  map.setAttribute('readonly', '');
  map.client = onlooker();
  maps.append(map);
  return map;
}

/** Shows whose turn it is, and looks again when the turn is over. */
function turn() {
  timers.clear(turning);
  const now = Date.now();
  const id = rotation.at(now);
  shown = id === null ? null : watch.get(id);
  for (const [other, element] of elements) {
    element.toggleAttribute('data-shown', other === id);
    element.inert = other !== id;
  }
  const wait = rotation.next(now);
  if (wait !== null) turning = timers.set(turn, wait);
  render();
}

/** @param {1 | -1} by */
function step(by) {
  rotation.step(by, Date.now());
  turn();
}

function togglePause() {
  paused = !paused;
  pause.textContent = texts.t(paused ? 'wall.resume' : 'wall.pause');
  rotation.setPaused(paused, Date.now());
  turn();
}

function render() {
  byId('controls', HTMLElement).hidden = elements.size < 2;
  byId('facts', HTMLElement).hidden = !shown?.count;
  note.textContent = shown ? '' : emptyText();
  badge.update();
  const showtime = shown?.showtime;
  if (!shown || !showtime) return;
  const title = byId('title', HTMLElement);
  if (title.textContent !== showtime.title) title.textContent = showtime.title;
  document.title = texts.t('page.title', { what: showtime.title });
  const starts = byId('starts', HTMLTimeElement);
  starts.dateTime = showtime.startsAt;
  starts.textContent = texts.dayAndTime(showtime.startsAt);
  const place = watch.all.filter(({ id }) => elements.has(id)).indexOf(shown) + 1;
  byId('turn', HTMLElement).textContent = elements.size > 1 ? texts.t('wall.place', { place, count: elements.size }) : '';
  const money = texts.money(showtime.currency);
  if (shown.count) facts.show(JSON.stringify([shown.id, showtime.plan, showtime.currency, showtime.prices]), shown.count, (category) => money(showtime.prices[category]));
}

function emptyText() {
  return texts.t(watch.all.every(({ gone }) => gone) ? 'wall.none' : watch.all.some(({ failed }) => failed) ? 'kiosk.unreachable' : 'showtimes.loading');
}

/** The connection of what is shown; while nothing is, that of the page. */
function readLink() {
  const room = shown?.room;
  if (!room) return { link: /** @type {const} */ ({ state: 'connecting', again: false }), stale: null, asOf: null };
  return { link: room.link, stale: room.stale, asOf: room.asOf };
}

function serverNow() {
  return shown?.room?.now() ?? Date.now();
}
