/**
 * A client with everything around it faked: network, sockets, streams, time, chance. Every showtime has two seats.
 * @module
 */

import { createClient } from '../../static/js/client.js';
import { fakeEventSource, fakeTimers, fakeWebSocket } from './fakes.js';

const PLAN = { name: 'Two', zones: [{ name: 'Z', rows: [{ row_number: 'A', seats: [{ seat_guid: 'A-1', seat_number: '1' }, { seat_guid: 'A-2', seat_number: '2' }] }] }] };
export const WELCOME = { type: 'welcome', serverTime: '1970-01-01T00:00:00.000Z', heartbeatSeconds: 25 };
export const DEADLINE = '1970-01-01T00:15:00.000Z';

/** `at.answers` is what the network answers with, by method and path; whatever it lacks cannot be reached. */
export function createHouse({ WebSocket = true, EventSource = true, ...options } = {}) {
  const timers = fakeTimers();
  const sockets = fakeWebSocket();
  const sources = fakeEventSource();
  const at = { timers, sockets, sources, requests: [], answers: {} };

  async function fetch(address, { method, headers, body, signal }) {
    const { pathname, search } = new URL(address);
    const path = pathname.replace('/api/v1', '');
    at.requests.push({ method, path, search, headers, body: body && JSON.parse(body), at: timers.now() });
    const answer = at.answers[`${method} ${path}`] ?? builtIn(method, path);
    if (!answer) throw new TypeError('no network');
    const { status = 200, json = {}, headers: sent = {} } = await Promise.race([answer(), cut(signal)]);
    return new Response(status === 304 || status === 204 ? null : JSON.stringify(json), { status, headers: sent });
  }

  at.client = createClient({
    base: 'https://seats.test/',
    userId: 'me',
    fetch,
    WebSocket: WebSocket ? sockets.WebSocket : undefined,
    EventSource: EventSource ? sources.EventSource : undefined,
    timers,
    random: () => 0.5,
    now: timers.now,
    ...options,
  });
  at.asked = (path) => at.requests.filter((request) => request.path === path);
  return at;
}

function builtIn(method, path) {
  const [, showtimeId] = /^\/showtimes\/([^/]+)$/.exec(path) ?? [];
  if (showtimeId) return async () => ({ json: { showtimeId, title: showtimeId, plan: 'p', prices: {}, currency: 'EUR', seatCount: 2, lockSeconds: 900, maxSeatsPerHolder: 10 } });
  return path === '/plans/p' ? async () => ({ json: PLAN }) : null;
}

function cut(signal) {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
}

export const snapshot = (showtimeId, position, states = 'aa', plan = 'p') => ({ type: 'snapshot', showtimeId, position, plan, states, locks: [] });

export const diff = (showtimeId, prev, position, status, seatId = 'A-1') => ({ type: 'diff', showtimeId, prev, position, changes: status ? [{ seatId, status }] : [] });

/** An answer of `seats/status`; `first` and `second` are the seats' statuses, or more of them. */
export function status(showtimeId, position, first = 'available', second = 'available', more = {}) {
  const seat = (seatId, given) => ({ seatId, ...(typeof given === 'string' ? { status: given } : given) });
  const json = { showtimeId, plan: 'p', position, serverTime: '1970-01-01T00:00:00.000Z', stale: false, pollIntervalSeconds: 10, seats: [seat('A-1', first), seat('A-2', second)], ...more };
  return async () => ({ headers: { ETag: `W/"${position}"` }, json });
}

/** Opens the client's socket and gives each of its rooms a map. */
export function goLive(at, ...showtimeIds) {
  const socket = at.sockets.latest();
  socket.deliver(WELCOME);
  for (const showtimeId of showtimeIds) socket.deliver(snapshot(showtimeId, 'e1-1'));
  return socket;
}

/** Collects the details of one kind of event. */
export function eventsOf(room, type) {
  const details = [];
  room.addEventListener(type, ({ detail }) => details.push(detail));
  return details;
}
