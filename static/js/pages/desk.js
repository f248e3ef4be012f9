/**
 * The page of the box office: one showtime at a time, chosen from those in the address.
 *
 * What a clerk does stands in `desk-session.js`; here are the parts that outlive a showtime.
 * @module
 */

import { createClient } from '../client.js';
import { createApi } from '../live/api.js';
import { createBoxOffice } from '../live/box-office.js';
import { freshName } from '../live/fresh-name.js';
import { pageTimers } from '../live/timers.js';
import { showtimeIdsIn } from '../model/page-address.js';
import '../seat-map.js';
import { createActionBar } from '../view/desk/action-bar.js';
import { createConfirmation } from '../view/desk/confirmation.js';
import { createDeskLog } from '../view/desk/log.js';
import { createSeatEntry } from '../view/desk/seat-entry.js';
import { byId, html } from '../view/elements.js';
import { openDeskSession } from './desk-session.js';
import { createMapPlace } from './map-place.js';
import { startPage } from './page.js';

/** @typedef {ReturnType<typeof openDeskSession>} DeskSession */

const page = startPage({ document, location, navigator });
const { texts } = page;
const ids = showtimeIdsIn(location.pathname);
const timers = pageTimers(window);
const client = createClient({ userId: freshName('desk', crypto) });
const api = createApi({ fetch: window.fetch.bind(window), timers });
const box = createBoxOffice({ api, timers, random: Math.random, freshUser: () => freshName('desk', crypto) });
const place = createMapPlace({ host: byId('place', HTMLElement), page });
/** @type {DeskSession | null} */
let session = null;
let ending = new AbortController();

const log = createDeskLog({ texts, now: Date.now });
const work = { log: log.add, confirm: createConfirmation(), freshBooking: () => freshName('desk', crypto, 5) };
const bar = createActionBar({
  texts,
  book: (bookingId) => session?.book(bookingId),
  block: (reason) => session?.block(reason),
  release: () => session?.release(),
  unblock: () => session?.unblock(),
});
createSeatEntry({
  texts,
  find: (text) => session?.find(text) ?? { indices: [], problems: [] },
  found: (indices) => session?.add(indices),
});

offerShowtimes();
if (ids.length) open(ids[0]);

/** Staff of several showtimes choose among them by name. */
async function offerShowtimes() {
  if (ids.length < 2) return;
  const which = byId('which', HTMLSelectElement);
  which.replaceChildren(...ids.map((id) => html('option', { value: id }, id)));
  byId('which-label', HTMLElement).hidden = false;
  which.addEventListener('change', () => open(which.value));
  const showtimes = await client.showtimes().catch(() => []);
  for (const option of which.options) {
    const known = showtimes.find(({ showtimeId }) => showtimeId === option.value);
    if (known) option.textContent = `${known.title} · ${texts.dayAndTime(known.startsAt)}`;
  }
}

/** @param {string} id */
function open(id) {
  end();
  const map = place.open(id, client);
  // The map says so again when the showtime got another plan.
  map.addEventListener('ready', () => begin(map));
}

function end() {
  ending.abort();
  session = null;
}

/** @param {import('../seat-map.js').SeatMapElement} map */
function begin(map) {
  const { room } = map;
  if (!room) return;
  end();
  ending = new AbortController();
  showTitle(room.showtime);
  session = openDeskSession({
    map,
    room,
    box,
    texts,
    timers,
    work,
    list: byId('selected', HTMLElement),
    offer: bar.update,
    cleared: bar.clear,
    signal: ending.signal,
  });
}

/** @param {import('../model/wire.js').Showtime} showtime */
function showTitle({ title, startsAt }) {
  document.title = texts.t('page.title', { what: `${texts.t('desk.title')}: ${title}` });
  byId('title', HTMLElement).textContent = title;
  const starts = byId('starts', HTMLTimeElement);
  starts.dateTime = startsAt;
  starts.textContent = texts.dayAndTime(startsAt);
}
