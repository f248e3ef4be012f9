/** Giving back what visitors of a shared screen leave behind. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { ApiError } from '../../static/js/live/api.js';
import { createDepartures, SETTLED_MS } from '../../static/js/live/departures.js';
import { fakeTimers, settle } from './fakes.js';

const offline = () => new ApiError({ code: 'unreachable' }, null);
const refused = (code, status = 409) => new ApiError({ code, status }, null);

/** Departures from a server that holds the seats given, and that fails while `faults` has entries. */
function departing(held = []) {
  const timers = fakeTimers();
  const server = { stale: false, held: new Set(held), foreign: new Set(), faults: [], requests: [] };
  const fail = () => {
    const fault = server.faults.shift();
    if (fault) throw fault;
  };
  const api = {
    async unlock(id, { seats, userId }) {
      server.requests.push(`unlock ${id} ${userId} ${seats.join()}`);
      fail();
      if (seats.some((seat) => server.foreign.has(seat))) throw refused('not_holder');
      seats.forEach((seat) => server.held.delete(seat));
    },
    async status(id, userId) {
      server.requests.push(`status ${id} ${userId}`);
      fail();
      const own = [...server.held].map((seatId) => ({ seatId, status: 'selected' }));
      return { etag: null, body: { stale: server.stale, seats: [...own, { seatId: 'Z-1', status: 'locked' }] } };
    },
  };
  let kept = null;
  const departures = createDepartures({ api, timers, random: () => 0.5, now: timers.now, keep: (all) => { kept = all.map((one) => one.userId); } });
  const leave = (changes = {}) => departures.add([{ showtimeId: 'gala', userId: 'guest-1', seatIds: ['A-1', 'A-2'], lookAt: null, endsAt: 900_000, ...changes }]);
  return { timers, server, departures, leave, kept: () => kept };
}

test('seats are given back at once, and the visitor is forgotten', async () => {
  const { server, departures, leave, kept } = departing(['A-1', 'A-2']);
  leave();
  assert.deepEqual(kept(), ['guest-1']);
  await settle();
  assert.deepEqual(server.requests, ['unlock gala guest-1 A-1,A-2']);
  assert.deepEqual([departures.count, server.held.size, kept()], [0, 0, []]);
});

test('while the network is cut it is tried again, and at once when the network is back', async () => {
  const { timers, server, departures, leave } = departing(['A-1', 'A-2']);
  server.faults = [offline(), offline(), offline()];
  leave();
  await timers.advance(2_500);
  assert.deepEqual([departures.count, server.held.size], [1, 2]);
  server.faults = [];
  departures.wake();
  await settle();
  assert.deepEqual([departures.count, server.held.size], [0, 0]);
});

test('two calls to wake do not ask twice at the same time', async () => {
  const { server, departures, leave } = departing(['A-1']);
  leave();
  departures.wake();
  departures.wake();
  await settle();
  assert.equal(server.requests.length, 1);
});

test('a lock that lands after the visitor left is found and given back', async () => {
  const { timers, server, departures, leave } = departing(['A-1']);
  leave({ seatIds: ['A-1'], lookAt: SETTLED_MS });
  await settle();
  server.held.add('B-1');
  await timers.advance(SETTLED_MS);
  assert.deepEqual([departures.count, server.held.size], [0, 0]);
  assert.equal(server.requests.at(-1), 'unlock gala guest-1 B-1');
});

test('a visitor of whom nothing is known is asked about', async () => {
  const { timers, server, departures, leave } = departing(['C-1', 'C-2']);
  leave({ seatIds: [], lookAt: 0 });
  await timers.advance(0);
  assert.deepEqual([departures.count, server.held.size], [0, 0]);
});

test('a seat that is another\'s by now does not keep the rest', async () => {
  const { timers, server, departures, leave } = departing(['A-2']);
  server.foreign.add('A-1');
  leave();
  await timers.advance(1_000);
  assert.deepEqual([departures.count, server.held.size], [0, 0]);
});

test('a showtime that is gone, and locks that have ended by themselves, are forgotten', async () => {
  const gone = departing(['A-1']);
  gone.server.faults = [refused('unknown_showtime', 404)];
  gone.leave();
  await settle();
  assert.equal(gone.departures.count, 0);

  const late = departing(['A-1']);
  late.server.faults = Array.from({ length: 1_000 }, offline);
  late.leave({ endsAt: 60_000 });
  await late.timers.advance(59_000);
  assert.equal(late.departures.count, 1);
  await late.timers.advance(30_000);
  assert.equal(late.departures.count, 0);
});

test('a server without its store is asked again what a visitor holds', async () => {
  const { timers, server, departures, leave } = departing([]);
  server.stale = true;
  leave({ seatIds: [], lookAt: 0 });
  await timers.advance(2_000);
  assert.equal(departures.count, 1);
  server.stale = false;
  server.held.add('C-1');
  await timers.advance(10_000);
  assert.deepEqual([departures.count, server.held.size], [0, 0]);
});
