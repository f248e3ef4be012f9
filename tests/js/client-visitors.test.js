/** Several visitors, one after the other, on one client's connection. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { createClient } from '../../static/js/client.js';
import { fakeTimers, fakeWebSocket, settle } from './fakes.js';

const PLAN = { categories: [{ name: 'x' }], zones: [{ name: 'Hall', rows: [{ row_number: 'A', seats: [{ seat_guid: 'A-1', seat_number: '1', category: 'x' }] }] }] };
const SHOWTIME = { showtimeId: 'gala', title: 'Gala', startsAt: '2030-01-01T19:30:00.000Z', currency: 'EUR', prices: { x: 9 }, plan: 'h', seatCount: 1, lockSeconds: 900, maxSeatsPerHolder: 10 };

/** A client whose server answers what is asked for, and remembers it. */
function connected() {
  const sockets = fakeWebSocket();
  const requests = [];
  const fetch = async (url, { method, body }) => {
    requests.push({ method, path: new URL(url).pathname.replace('/api/v1', '') + new URL(url).search, body: body && JSON.parse(body) });
    if (url.endsWith('/lock')) {
      const seats = [{ seatId: 'A-1', status: 'locked', expiresAt: '2030-01-01T00:15:00.000Z', price: 9 }];
      return Response.json({ showtimeId: 'gala', position: 'e-1', serverTime: '2030-01-01T00:00:00.000Z', seats });
    }
    return Response.json(url.includes('/plans/') ? PLAN : SHOWTIME);
  };
  const client = createClient({ base: 'http://seats.test/', userId: 'house', fetch, WebSocket: sockets.WebSocket, EventSource: undefined, timers: fakeTimers(), random: () => 0.5 });
  const welcome = () => sockets.latest().deliver({ type: 'welcome', connectionId: 'c', serverTime: '2030-01-01T00:00:00.000Z', heartbeatSeconds: 25, protocol: 'seatmap.v1' });
  const map = (states) => sockets.latest().deliver({ type: 'snapshot', showtimeId: 'gala', position: 'e-0', plan: 'h', states, locks: [] });
  return { client, sockets, requests, welcome, map };
}

test('visitors of one client share its socket, and each locks under its own name', async () => {
  const { client, sockets, requests, welcome, map } = connected();
  await client.join('gala');
  welcome();
  const room = await client.as('visitor-1').join('gala');
  map('a');
  await room.lock(['A-1']);
  assert.equal(sockets.opened.length, 1);
  assert.deepEqual(requests.find(({ path }) => path.endsWith('/lock')).body, { seats: ['A-1'], userId: 'visitor-1' });
  assert.equal(room.statusOf(0), 'selected');
});

test('a visitor taken to be new is not asked about at the first join, but at the next', async () => {
  const { client, requests, welcome, map } = connected();
  const asked = () => requests.filter(({ path }) => path.includes('userId=visitor-1')).length;
  const visitor = client.as('visitor-1');
  const room = await visitor.join('gala');
  welcome();
  map('a');
  await settle();
  assert.equal(asked(), 0);
  room.leave();
  await visitor.join('gala');
  map('a');
  await settle();
  assert.equal(asked(), 1);
});

test('a visitor who leaves takes nobody along, and the next one has none of its seats', async () => {
  const { client, sockets, welcome, map } = connected();
  const house = await client.join('gala');
  welcome();
  const first = client.as('visitor-1');
  const room = await first.join('gala');
  map('a');
  await room.lock(['A-1']);
  first.close();
  assert.equal((await room.lock(['A-1'])).error.code, 'room_left');
  await assert.rejects(first.join('gala'), { code: 'client_closed' });
  const next = await client.as('visitor-2').join('gala');
  map('l');
  assert.deepEqual([next.own(), next.statusOf(0), house.statusOf(0)], [[], 'locked', 'locked']);
  assert.equal(sockets.latest().wasClosed, false);
});

test('when the client itself closes, the rooms of all visitors end with the socket', async () => {
  const { client, sockets, welcome } = connected();
  const visitor = client.as('visitor-1');
  const room = await visitor.join('gala');
  welcome();
  client.close();
  assert.equal(sockets.latest().wasClosed, true);
  assert.equal((await room.lock(['A-1'])).error.code, 'room_left');
  await assert.rejects(client.as('visitor-2').join('gala'), { code: 'client_closed' });
});
