/** The headless client in a browser: every transport, the changes between them, a wire that is cut or dead, sleep. */

import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { call, createShowtime, launch } from './stage.js';
import { layWire } from './wire.js';

const BASE = process.env.SEATCAST_URL ?? 'http://127.0.0.1:8080';
const WAIT_MS = 20_000;

let browser;
let wire;
before(async () => {
  browser = await launch();
  wire = await layWire(BASE);
});
after(async () => {
  await browser.close();
  await wire.close();
});

/** A page whose script is a client in the rooms of these showtimes. `barred` says what its network lacks. */
async function openClient(t, showtimeIds, { barred = {}, userId } = {}) {
  wire.mend();
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT_MS);
  page.sockets = [];
  page.streams = [];
  page.faults = [];
  page.on('pageerror', (error) => page.faults.push(error.message));
  page.on('request', (request) => /\/events(\?|$)/.test(request.url()) && page.streams.push(request.url()));
  await page.routeWebSocket(/\/api\/v1\/live/, (socket) => {
    page.sockets.push(socket);
    if (barred.sockets) socket.close({ code: 1011 });
    else socket.connectToServer();
  });
  await page.route(/\/events(\?|$)/, (route) => (barred.streams ? route.abort() : route.continue()));
  await page.goto(`${wire.base}/`);
  await page.evaluate(
    async ([ids, options]) => {
      const { createClient } = await import('/static/js/client.js');
      const client = createClient(options);
      const rooms = {};
      const lost = [];
      for (const id of ids) {
        rooms[id] = await client.join(id);
        rooms[id].addEventListener('lost', ({ detail }) => lost.push(...detail.losses));
      }
      Object.assign(window, { client, rooms, lost });
    },
    [showtimeIds, { userId }],
  );
  return page;
}

/** Waits until a room's link is in a state, by a transport where one is named. */
function linkIs(page, id, state, transport) {
  const isSo = ([room, wanted, by]) => window.rooms[room].link.state === wanted && (!by || window.rooms[room].link.transport === by);
  return page.waitForFunction(isSo, [id, state, transport]);
}

function seatIs(page, id, seatId, status) {
  const isSo = ([room, seat, wanted]) => {
    const { plan, statusOf } = window.rooms[room];
    return statusOf.call(window.rooms[room], plan.seats.find((one) => one.id === seat).index) === wanted;
  };
  return page.waitForFunction(isSo, [id, seatId, status]);
}

const seatIds = (page, id, count) => page.evaluate(([room, most]) => window.rooms[room].plan.seats.slice(0, most).map((seat) => seat.id), [id, count]);
const lock = (page, id, seats) => page.evaluate(([room, wanted]) => window.rooms[room].lock(wanted), [id, seats]);
const lockElsewhere = (id, seats, userId = 'rival') => call('POST', `/showtimes/${id}/seats/lock`, { seats, userId });

/** Makes the page believe that it was hidden, or shown again. */
const look = (page, visibility) =>
  page.evaluate((state) => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => state });
    document.dispatchEvent(new Event('visibilitychange'));
  }, visibility);

test('several showtimes are live on one socket', async (t) => {
  const ids = await Promise.all([createShowtime(), createShowtime(), createShowtime()]);
  const page = await openClient(t, ids);
  for (const id of ids) await linkIs(page, id, 'live', 'websocket');
  assert.equal(page.sockets.length, 1);
  const [seat] = await seatIds(page, ids[1], 1);
  await lockElsewhere(ids[1], [seat]);
  await seatIs(page, ids[1], seat, 'locked');
  await seatIs(page, ids[0], seat, 'available');
  assert.deepEqual(page.faults, []);
});

test('a showtime that is removed ends its room and no other', async (t) => {
  const [gone, stays] = await Promise.all([createShowtime(), createShowtime()]);
  const page = await openClient(t, [gone, stays]);
  await linkIs(page, gone, 'live');
  await call('DELETE', `/showtimes/${gone}`);
  await page.waitForFunction((id) => window.rooms[id].link.gone === true, gone);
  const [seat] = await seatIds(page, stays, 1);
  await lockElsewhere(stays, [seat]);
  await seatIs(page, stays, seat, 'locked');
  assert.equal(page.sockets.length, 1);
});

test('without sockets the map is live by an event stream, without streams it polls, and it goes all the way back up', async (t) => {
  const id = await createShowtime();
  const barred = { sockets: true, streams: false };
  const page = await openClient(t, [id], { barred });
  await linkIs(page, id, 'live', 'events');
  const [first, second, third, own] = await seatIds(page, id, 4);
  await lockElsewhere(id, [first]);
  await seatIs(page, id, first, 'locked');
  assert.deepEqual(await lock(page, id, [own]), { ok: true });

  barred.streams = true;
  wire.cut();
  await page.waitForFunction((room) => window.rooms[room].link.state !== 'live', id);
  wire.mend();
  await linkIs(page, id, 'polling');
  await lockElsewhere(id, [second]);
  await seatIs(page, id, second, 'locked');

  barred.streams = false;
  await linkIs(page, id, 'live', 'events');
  barred.sockets = false;
  await linkIs(page, id, 'live', 'websocket');
  await lockElsewhere(id, [third]);
  await seatIs(page, id, third, 'locked');
  for (const seat of [first, second]) await seatIs(page, id, seat, 'locked');
  await seatIs(page, id, own, 'selected');
  assert.deepEqual(await page.evaluate(() => window.lost), []);
  assert.deepEqual(page.faults, []);
});

test('where neither sockets nor streams can be had, several showtimes are polled', async (t) => {
  const ids = await Promise.all([createShowtime(), createShowtime()]);
  const page = await openClient(t, ids, { barred: { sockets: true, streams: true } });
  for (const id of ids) await linkIs(page, id, 'polling');
  const [seat] = await seatIds(page, ids[1], 1);
  await lockElsewhere(ids[1], [seat]);
  await seatIs(page, ids[1], seat, 'locked');
});

test('no more than two streams are open, and a place that is freed is taken', async (t) => {
  const ids = await Promise.all([createShowtime(), createShowtime(), createShowtime()]);
  const page = await openClient(t, ids, { barred: { sockets: true } });
  await linkIs(page, ids[0], 'live', 'events');
  await linkIs(page, ids[1], 'live', 'events');
  await linkIs(page, ids[2], 'polling');
  await page.evaluate((id) => window.rooms[id].leave(), ids[0]);
  await linkIs(page, ids[2], 'live', 'events');
});

test('a wire that is cut is said to be offline with the last map and its age, and what was missed is made good', async (t) => {
  const id = await createShowtime();
  const page = await openClient(t, [id]);
  await linkIs(page, id, 'live', 'websocket');
  const [other, own] = await seatIds(page, id, 2);
  await lock(page, id, [own]);
  wire.cut();
  await linkIs(page, id, 'offline');
  const asOf = await page.evaluate((room) => window.rooms[room].asOf, id);
  await lockElsewhere(id, [other]);
  await seatIs(page, id, other, 'available');
  assert.equal(await page.evaluate((room) => window.rooms[room].asOf, id), asOf);
  const refusal = await lock(page, id, [other]);
  assert.equal(refusal.ok, false);
  wire.mend();
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
  await linkIs(page, id, 'live', 'websocket');
  await seatIs(page, id, other, 'locked');
  await seatIs(page, id, own, 'selected');
  assert.ok((await page.evaluate((room) => window.rooms[room].asOf, id)) > asOf);
});

test('a page that wakes to a dead link learns at once what became of its seats', async (t) => {
  const id = await createShowtime();
  const page = await openClient(t, [id], { userId: 'sleeper' });
  await linkIs(page, id, 'live', 'websocket');
  const [kept, sold, next] = await seatIds(page, id, 3);
  await lock(page, id, [kept, sold]);
  await seatIs(page, id, sold, 'selected');
  wire.deaden();
  await call('DELETE', `/showtimes/${id}/seats/unlock`, { seats: [sold], userId: 'sleeper' });
  await lockElsewhere(id, [sold]);
  await call('POST', `/showtimes/${id}/seats/book`, { seats: [sold], userId: 'rival', bookingId: 'order' });
  await seatIs(page, id, sold, 'selected');
  await look(page, 'visible');
  await page.waitForFunction(() => window.lost.length === 1);
  assert.deepEqual(await page.evaluate(() => window.lost), [{ seatId: sold, reason: 'occupied' }]);
  await seatIs(page, id, kept, 'selected');
  await lockElsewhere(id, [next], 'other');
  await seatIs(page, id, next, 'locked');
  await linkIs(page, id, 'live', 'websocket');
  assert.equal(page.sockets.length, 2);
});

test('a hidden page gives its stream up and polls, and streams again when it is seen', async (t) => {
  const id = await createShowtime();
  const page = await openClient(t, [id], { barred: { sockets: true } });
  await linkIs(page, id, 'live', 'events');
  await look(page, 'hidden');
  await linkIs(page, id, 'polling');
  const [seat] = await seatIds(page, id, 1);
  const streams = page.streams.length;
  await lockElsewhere(id, [seat]);
  await seatIs(page, id, seat, 'locked');
  assert.equal(page.streams.length, streams);
  await look(page, 'visible');
  await linkIs(page, id, 'live', 'events');
  assert.match(page.streams.at(-1), /since=/);
});

test('a reload finds the own seats again', async (t) => {
  const id = await createShowtime();
  const page = await openClient(t, [id]);
  await linkIs(page, id, 'live');
  const [seat] = await seatIds(page, id, 1);
  await lock(page, id, [seat]);
  const userId = await page.evaluate(() => window.client.userId);
  await page.reload();
  const own = await page.evaluate(async (room) => {
    const { createClient } = await import('/static/js/client.js');
    const client = createClient();
    const joined = await client.join(room);
    await new Promise((resolve) => joined.addEventListener('locked', resolve));
    return { userId: client.userId, seats: joined.own().map((one) => one.seatId) };
  }, id);
  assert.deepEqual(own, { userId, seats: [seat] });
});

test('what staff does is done through the client as well', async (t) => {
  const id = await createShowtime();
  const page = await openClient(t, [id]);
  await linkIs(page, id, 'live');
  const [sold, blocked] = await seatIds(page, id, 2);
  await page.evaluate(
    async ([room, first, second]) => {
      const { api, userId } = window.client;
      await window.rooms[room].lock([first]);
      await api.book(room, { seats: [first], userId, bookingId: 'order-1' });
      await api.block(room, { seats: [second], reason: 'camera' });
    },
    [id, sold, blocked],
  );
  await seatIs(page, id, blocked, 'blocked');
  await page.waitForFunction(() => window.lost.some((loss) => loss.reason === 'occupied'));
  await page.evaluate(
    async ([room, first, second]) => {
      await window.client.api.release(room, { seats: [first], bookingId: 'order-1' });
      await window.client.api.unblock(room, { seats: [second] });
    },
    [id, sold, blocked],
  );
  for (const seat of [sold, blocked]) await seatIs(page, id, seat, 'available');
});
