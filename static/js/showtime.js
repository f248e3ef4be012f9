/**
 * Starts the page of one showtime: hands the browser's network, clock and chance to the parts that need them.
 * @module
 */

import { createApi } from './live/api.js';
import { pageTimers } from './live/timers.js';
import { createServerClock } from './model/time.js';
import { keepOpening } from './view/map-page.js';
import { identify } from './view/visitor.js';

/** @type {import('./live/room.js').Room | null} */
let room = null;

const showtimeId = decodeURIComponent(location.pathname.split('/').filter(Boolean).at(-1) ?? '');
const timers = pageTimers(window);

/** @param {string | null} since */
function socketUrl(since) {
  const url = new URL(`/api/v1/showtimes/${encodeURIComponent(showtimeId)}/live`, location.href);
  url.protocol = url.protocol.replace('http', 'ws');
  if (since !== null) url.searchParams.set('since', since);
  return url.href;
}

function wake() {
  if (document.visibilityState === 'visible') room?.wake();
}

window.addEventListener('online', wake);
window.addEventListener('offline', wake);
window.addEventListener('pageshow', (event) => event.persisted && wake());
document.addEventListener('visibilitychange', wake);

keepOpening({
  showtimeId,
  visitor: identify({ location, storage: () => sessionStorage, crypto }),
  api: createApi({ fetch: window.fetch.bind(window), timers }),
  clock: createServerClock(Date.now),
  timers,
  random: Math.random,
  WebSocket: window.WebSocket,
  socketUrl,
  opened(newRoom) {
    room = newRoom;
  },
});
