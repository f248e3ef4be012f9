/** A client with several rooms: one socket, places for streams, sleep and waking, what comes after leaving. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { createClient } from '../../static/js/client.js';
import { fakeTimers, settle } from './fakes.js';
import { createHouse, DEADLINE, diff, eventsOf, goLive, snapshot, status, WELCOME } from './house.js';

async function joinAll(at, ...showtimeIds) {
  const rooms = [];
  for (const showtimeId of showtimeIds) rooms.push(await at.client.join(showtimeId));
  return rooms;
}

const subscriptions = (socket) => socket.sent.filter(({ type }) => type === 'subscribe').map(({ showtimeId, since }) => [showtimeId, since]);
const lockAnswer = (position) => async () => ({ json: { position, serverTime: '', seats: [{ seatId: 'A-1', expiresAt: DEADLINE, price: 42 }] } });

test('all rooms of a client share one socket, and each gets its own messages', async () => {
  const at = createHouse();
  const [a, b] = await joinAll(at, 'a', 'b');
  assert.equal(at.sockets.opened.length, 1);
  assert.equal(at.sockets.latest().url, 'wss://seats.test/api/v1/live?userId=me');
  const socket = goLive(at, 'a', 'b');
  assert.deepEqual(subscriptions(socket), [['a', undefined], ['b', undefined]]);
  socket.deliver(diff('b', 'e1-1', 'e1-2', 'occupied'));
  assert.equal(a.statusOf(0), 'available');
  assert.equal(b.statusOf(0), 'occupied');
  const c = await at.client.join('c');
  socket.deliver(snapshot('c', 'e1-1', 'lb'));
  assert.equal(c.link.transport, 'websocket');
  assert.equal(c.statusOf(1), 'blocked');
});

test('a seat is unknown until the first map', async () => {
  const at = createHouse();
  const room = await at.client.join('s');
  assert.equal(room.statusOf(0), 'unknown');
  assert.equal(room.asOf, null);
  goLive(at, 's');
  assert.equal(room.statusOf(0), 'available');
});

test('one showtime that is gone takes only its room along', async () => {
  const at = createHouse();
  const [a, b] = await joinAll(at, 'a', 'b');
  const socket = goLive(at, 'a', 'b');
  socket.deliver({ type: 'error', showtimeId: 'a', code: 'unknown_showtime', status: 404 });
  assert.deepEqual(a.link, { state: 'offline', gone: true });
  assert.equal(b.link.transport, 'websocket');
  socket.drop();
  await at.timers.advance(250);
  at.sockets.latest().deliver(WELCOME);
  assert.deepEqual(subscriptions(at.sockets.latest()), [['b', 'e1-1']]);
});

test('a room for which the socket has no place goes another way, and asks again', async () => {
  const at = createHouse();
  const [a, b] = await joinAll(at, 'a', 'b');
  const socket = at.sockets.latest();
  socket.deliver(WELCOME);
  socket.deliver(snapshot('a', 'e1-1'));
  socket.deliver({ type: 'error', showtimeId: 'b', code: 'too_many_rooms', status: 422 });
  assert.match(at.sources.latest().url, /\/showtimes\/b\/events$/);
  at.sources.latest().deliver(snapshot('b', 'e1-3'));
  assert.equal(a.link.transport, 'websocket');
  assert.equal(b.link.transport, 'events');
  a.leave();
  await at.timers.advance(20_000);
  assert.deepEqual(subscriptions(socket).at(-1), ['b', 'e1-3']);
  socket.deliver(diff('b', 'e1-3', 'e1-3'));
  assert.equal(b.link.transport, 'websocket');
});

test('a showtime that the store cannot be asked about is asked for again when the server said', async () => {
  const at = createHouse({ EventSource: false });
  await at.client.join('s');
  const socket = at.sockets.latest();
  socket.deliver(WELCOME);
  socket.deliver({ type: 'error', showtimeId: 's', code: 'store_unavailable', status: 503, retryAfterSeconds: 3 });
  await at.timers.advance(2_999);
  assert.equal(subscriptions(socket).length, 1);
  await at.timers.advance(1);
  assert.equal(subscriptions(socket).length, 2);
});

test('no more than two streams are open, and who has none polls until there is a place', async () => {
  const at = createHouse({ WebSocket: false });
  for (const id of ['a', 'b', 'c']) at.answers[`GET /showtimes/${id}/seats/status`] = status(id, 'e1-1');
  const [a, , c] = await joinAll(at, 'a', 'b', 'c');
  for (const [index, id] of ['a', 'b'].entries()) at.sources.opened[index].deliver(snapshot(id, 'e1-1'));
  await at.timers.advance(20_000);
  assert.equal(at.sources.opened.length, 2);
  assert.equal(c.link.state, 'polling');
  a.leave();
  await at.timers.advance(20_000);
  assert.match(at.sources.latest().url, /\/showtimes\/c\/events\?since=e1-1$/);
  assert.equal(at.sources.open().length, 2);
});

test('a room that is looked at takes the stream of one in the background, which polls', async () => {
  const at = createHouse({ WebSocket: false });
  for (const id of ['a', 'b', 'c']) at.answers[`GET /showtimes/${id}/seats/status`] = status(id, 'e1-1');
  const a = await at.client.join('a', { background: true });
  const b = await at.client.join('b', { background: true });
  for (const [index, id] of ['a', 'b'].entries()) at.sources.opened[index].deliver(snapshot(id, 'e1-1'));
  const c = await at.client.join('c');
  at.sources.latest().deliver(snapshot('c', 'e1-1'));
  await at.timers.advance(20_000);
  assert.deepEqual([a.link.state, b.link.state, c.link.state], ['polling', 'live', 'live']);
  assert.equal(at.sources.open().length, 2);
  c.leave();
  await at.timers.advance(20_000);
  assert.match(at.sources.latest().url, /\/showtimes\/a\/events/);
});

test('a showtime that was joined twice is left when both have left it', async () => {
  const at = createHouse();
  const [first, second] = await joinAll(at, 's', 's');
  const socket = goLive(at, 's');
  first.leave();
  assert.equal(socket.sent.some(({ type }) => type === 'unsubscribe'), false);
  socket.deliver(diff('s', 'e1-1', 'e1-2', 'occupied'));
  assert.equal(second.statusOf(0), 'occupied');
  assert.equal(first.statusOf(0), 'available');
  second.leave();
  assert.deepEqual(socket.sent.at(-1), { type: 'unsubscribe', showtimeId: 's' });
});

test('the socket is closed when nobody needs it, but not between two rooms', async () => {
  const at = createHouse();
  const first = await at.client.join('a');
  const socket = goLive(at, 'a');
  first.leave();
  const second = await at.client.join('b');
  await at.timers.advance(10_000);
  assert.equal(socket.wasClosed, false);
  second.leave();
  await at.timers.advance(2_000);
  assert.equal(socket.wasClosed, true);
});

test('a room that is joined while the socket is waited for goes another way at once', async () => {
  const at = createHouse();
  await at.client.join('a');
  for (let attempt = 0; attempt < 6; attempt += 1) {
    at.sockets.latest().drop();
    await at.timers.advance(10_000);
  }
  at.sockets.latest().drop();
  const sockets = at.sockets.opened.length;
  await at.client.join('b');
  assert.equal(at.sockets.opened.length, sockets);
  assert.match(at.sources.latest().url, /showtimes\/b\/events/);
});

test('a half-open link is noticed by its silence, for all rooms at once', async () => {
  const at = createHouse();
  const [a, b] = await joinAll(at, 'a', 'b');
  const socket = goLive(at, 'a', 'b');
  await at.timers.advance(20_000);
  assert.equal(socket.sent.filter(({ type }) => type === 'ping').length, 1);
  await at.timers.advance(8_000);
  assert.equal(socket.wasClosed, true);
  assert.deepEqual([a.link.state, b.link.state], ['connecting', 'connecting']);
});

test('the answer to a question of life proves every map', async () => {
  const at = createHouse();
  const [a, b] = await joinAll(at, 'a', 'b');
  const socket = goLive(at, 'a', 'b');
  await at.timers.advance(20_000);
  assert.equal(a.asOf, 0);
  socket.deliver({ type: 'pong', serverTime: '1970-01-01T00:00:20.000Z' });
  assert.deepEqual([a.asOf, b.asOf], [20_000, 20_000]);
});

test('who wakes after a long sleep is not live before the link has proved itself, and the own seats are asked for', async () => {
  const at = createHouse();
  at.answers['POST /showtimes/s/seats/lock'] = lockAnswer('e1-2');
  const room = await at.client.join('s');
  const socket = goLive(at, 's');
  await room.lock(['A-1']);
  const lost = eventsOf(room, 'lost');
  at.timers.sleep(20 * 60_000);
  at.answers['GET /showtimes/s/seats/status'] = status('s', 'e1-9', 'occupied', 'available', { serverTime: '1970-01-01T00:20:00.000Z' });
  at.client.wake();
  assert.deepEqual(room.link, { state: 'connecting', again: true });
  assert.equal(room.asOf, 0);
  assert.deepEqual(socket.sent.at(-1), { type: 'ping' });
  await settle();
  assert.deepEqual(lost, [{ losses: [{ seatId: 'A-1', reason: 'occupied' }] }]);
  assert.equal(room.statusOf(0), 'lost');
  assert.equal(room.asOf, 20 * 60_000);
  await at.timers.advance(3_000);
  assert.equal(socket.wasClosed, true);
  await at.timers.advance(250);
  assert.equal(at.sockets.opened.length, 2);
});

test('who wakes to a link that answers is live again', async () => {
  const at = createHouse();
  const room = await at.client.join('s');
  goLive(at, 's');
  at.timers.sleep(60_000);
  at.client.wake();
  assert.equal(room.link.state, 'connecting');
  at.sockets.latest().deliver({ type: 'pong', serverTime: '' });
  assert.deepEqual(room.link, { state: 'live', transport: 'websocket' });
});

test('who wakes finds the seats that another tab of the same visitor has locked meanwhile', async () => {
  const at = createHouse();
  at.answers['GET /showtimes/s/seats/status'] = status('s', 'e1-1');
  const room = await at.client.join('s');
  const socket = goLive(at, 's');
  await settle();
  socket.deliver({ ...diff('s', 'e1-1', 'e1-2'), changes: [{ seatId: 'A-1', status: 'locked', expiresAt: DEADLINE }] });
  assert.equal(room.statusOf(0), 'locked');
  at.answers['GET /showtimes/s/seats/status'] = status('s', 'e1-2', { status: 'selected', expiresAt: DEADLINE });
  at.client.wake();
  await settle();
  assert.equal(room.statusOf(0), 'selected');
});

test('waking does not wait for a back-off', async () => {
  const at = createHouse();
  const room = await at.client.join('s');
  goLive(at, 's');
  for (let attempt = 0; attempt < 8; attempt += 1) {
    at.sockets.latest().drop();
    await at.timers.advance(20_000);
  }
  at.sockets.latest().drop();
  const count = at.sockets.opened.length;
  at.client.wake();
  assert.equal(at.sockets.opened.length, count + 1);
  at.sockets.latest().deliver(WELCOME);
  at.sockets.latest().deliver(diff('s', 'e1-1', 'e1-1'));
  assert.equal(room.link.transport, 'websocket');
});

test('a page that is hidden polls instead of streaming, and streams again when it is seen', async () => {
  const page = createPage();
  const at = createHouse({ WebSocket: false, ...page.install() });
  at.answers['GET /showtimes/s/seats/status'] = status('s', 'e1-2', 'locked');
  const room = await at.client.join('s');
  at.sources.latest().deliver(snapshot('s', 'e1-1'));
  page.show('hidden');
  assert.equal(at.sources.open().length, 0);
  await at.timers.advance(0);
  assert.equal(room.link.state, 'polling');
  assert.equal(room.statusOf(0), 'locked');
  await at.timers.advance(60_000);
  assert.equal(at.sources.opened.length, 1);
  page.show('visible');
  assert.match(at.sources.latest().url, /since=e1-2$/);
  at.sources.latest().deliver(diff('s', 'e1-2', 'e1-2'));
  assert.equal(room.link.transport, 'events');
  at.client.close();
  page.remove();
});

test('a page that comes back from the cache or to the network asks for a sign of life', async () => {
  const page = createPage();
  const at = createHouse(page.install());
  await at.client.join('s');
  const socket = goLive(at, 's');
  const pings = () => socket.sent.filter(({ type }) => type === 'ping').length;
  page.tell('pageshow', { persisted: false });
  assert.equal(pings(), 0);
  page.tell('pageshow', { persisted: true });
  page.tell('online');
  page.tell('offline');
  assert.equal(pings(), 3);
  at.client.close();
  page.tell('online');
  assert.equal(pings(), 3);
  page.remove();
});

test('a page that is hidden opens no stream', async () => {
  const page = createPage();
  page.show('hidden');
  const at = createHouse({ WebSocket: false, ...page.install() });
  at.answers['GET /showtimes/s/seats/status'] = status('s', 'e1-2');
  const room = await at.client.join('s');
  await at.timers.advance(10_000);
  assert.equal(at.sources.opened.length, 0);
  assert.equal(room.link.state, 'polling');
  at.client.close();
  page.remove();
});

test('a page that is hidden keeps its socket', async () => {
  const page = createPage();
  const at = createHouse(page.install());
  const room = await at.client.join('s');
  const socket = goLive(at, 's');
  page.show('hidden');
  await at.timers.advance(10_000);
  assert.equal(socket.wasClosed, false);
  assert.equal(room.link.transport, 'websocket');
  at.client.close();
  page.remove();
});

test('an answer that comes after leaving changes and announces nothing, and is returned', async () => {
  const at = createHouse();
  let answer;
  at.answers['POST /showtimes/s/seats/lock'] = () => new Promise((resolve) => (answer = resolve));
  const room = await at.client.join('s');
  goLive(at, 's');
  const locked = eventsOf(room, 'locked');
  const changes = eventsOf(room, 'seatschange');
  const done = room.lock(['A-1']);
  assert.deepEqual(changes, [{ indices: [0] }]);
  room.leave();
  answer(await lockAnswer('e1-2')());
  assert.deepEqual(await done, { ok: true });
  assert.deepEqual([changes.length, locked.length], [1, 0]);
  const late = await room.lock(['A-2']);
  assert.equal(late.error.code, 'room_left');
});

test('who joins again is asked about, a stranger is not', async () => {
  const at = createHouse({ userId: undefined, storage: () => undefined });
  const first = await at.client.join('s');
  await settle();
  assert.equal(at.asked('/showtimes/s/seats/status').length, 0);
  first.leave();
  await at.client.join('s');
  await settle();
  assert.equal(at.asked('/showtimes/s/seats/status').length, 1);
});

test('what staff may know of seats is asked for by their ids, a comma in an id escaped', async () => {
  const at = createHouse();
  at.answers['GET /showtimes/s/seats/facts'] = async () => ({ json: { seats: [] } });
  assert.deepEqual(await at.client.api.seatFacts('s', ['A-1', 'a,b']), { seats: [] });
  assert.equal(at.requests[0].search, '?seats=A-1,a%2Cb');
});

test('a plan that was replaced ends the room and says so', async () => {
  const at = createHouse();
  const room = await at.client.join('s');
  goLive(at, 's');
  const replaced = eventsOf(room, 'replaced');
  at.sockets.latest().deliver(snapshot('s', 'e2-0', 'aaa', 'other'));
  assert.equal(replaced.length, 1);
  assert.deepEqual(at.sockets.latest().sent.at(-1), { type: 'unsubscribe', showtimeId: 's' });
});

/** What the server says of a showtime, at a position and with changes. */
const described = (position, changes = {}) => async () => ({
  json: { showtimeId: 's', title: 's', plan: 'p', prices: { Stalls: 10 }, currency: 'EUR', seatCount: 2, lockSeconds: 900, maxSeatsPerHolder: 10, position, ...changes },
});

for (const changes of [{ prices: { Stalls: 12 } }, { title: 'Gala' }, { startsAt: '2027-01-15T19:30:00.000Z' }, { extendCapSeconds: 60 }]) {
  test(`a showtime replaced on the same plan ends the room when it has another ${Object.keys(changes)[0]}`, async () => {
    const at = createHouse();
    at.answers['GET /showtimes/s'] = described('e1-1');
    const room = await at.client.join('s');
    const socket = goLive(at, 's');
    const replaced = eventsOf(room, 'replaced');
    at.answers['GET /showtimes/s'] = described('e2-0', changes);
    socket.deliver(snapshot('s', 'e2-0'));
    await at.timers.advance(10_000);
    assert.equal(replaced.length, 1);
    assert.equal(at.asked('/showtimes/s').length, 2);
  });
}

test('a new epoch of the same showtime costs one question, put after a random while, and ends nothing', async () => {
  const at = createHouse();
  at.answers['GET /showtimes/s'] = described('e1-1');
  const room = await at.client.join('s');
  const socket = goLive(at, 's');
  const replaced = eventsOf(room, 'replaced');
  at.answers['GET /showtimes/s'] = described('e2-5');
  socket.deliver(snapshot('s', 'e2-5'));
  socket.deliver(snapshot('s', 'e2-6'));
  await at.timers.advance(4_999);
  assert.equal(at.asked('/showtimes/s').length, 1);
  await at.timers.advance(10_000);
  assert.deepEqual([at.asked('/showtimes/s').length, replaced.length], [2, 0]);
});

test('a showtime that was replaced while it was loaded is noticed at the first map', async () => {
  const at = createHouse();
  at.answers['GET /showtimes/s'] = described('e1-1');
  const room = await at.client.join('s');
  const replaced = eventsOf(room, 'replaced');
  at.answers['GET /showtimes/s'] = described('e2-0', { prices: {} });
  at.sockets.latest().deliver(WELCOME);
  at.sockets.latest().deliver(snapshot('s', 'e2-0'));
  await at.timers.advance(10_000);
  assert.equal(replaced.length, 1);
});

test('a showtime that cannot be had is refused with the code', async () => {
  const at = createHouse();
  at.answers['GET /showtimes/s'] = async () => ({ status: 404, json: { code: 'unknown_showtime', status: 404 } });
  await assert.rejects(at.client.join('s'), { name: 'ApiError', code: 'unknown_showtime', isFinal: true });
});

test('the way to the server is made while showtime and plan are loading, and not kept for nobody', async () => {
  const at = createHouse();
  const coming = at.client.join('s');
  assert.equal(at.sockets.opened.length, 1);
  at.sockets.latest().deliver(WELCOME);
  await coming;
  assert.deepEqual(at.sockets.latest().sent.map(({ type }) => type), ['subscribe']);
  assert.equal(at.sockets.opened.length, 1);

  const other = createHouse();
  other.answers['GET /showtimes/s'] = async () => ({ status: 404, json: { code: 'unknown_showtime', status: 404 } });
  await assert.rejects(other.client.join('s'));
  await other.timers.advance(60_000);
  assert.equal(other.sockets.latest().wasClosed, true);
});

test('after close nothing is opened or asked any more', async () => {
  const at = createHouse();
  await at.client.join('s');
  goLive(at, 's');
  at.client.close();
  assert.equal(at.sockets.latest().wasClosed, true);
  const requests = at.requests.length;
  at.client.wake();
  await at.timers.advance(120_000);
  assert.equal(at.requests.length, requests);
  assert.equal(at.sockets.opened.length, 1);
  await assert.rejects(at.client.join('s'), { code: 'client_closed' });
});

test('the random name is kept for the next page of the tab', () => {
  const kept = new Map();
  const storage = () => ({ getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value) });
  const parts = { base: 'https://seats.test', timers: fakeTimers(), storage };
  const first = createClient(parts);
  assert.match(first.userId, /^guest-[0-9a-f]{24}$/);
  assert.equal(createClient(parts).userId, first.userId);
  const forbidden = () => {
    throw new Error('forbidden');
  };
  assert.notEqual(createClient({ ...parts, storage: forbidden }).userId, first.userId);
});

/** The little of a page that the client listens to. */
function createPage() {
  const window = new EventTarget();
  const document = new EventTarget();
  document.visibilityState = 'visible';
  return {
    install() {
      Object.assign(globalThis, { window, document });
      return {};
    },
    /** An event of the window. */
    tell: (type, members) => window.dispatchEvent(Object.assign(new Event(type), members)),
    show(state) {
      document.visibilityState = state;
      document.dispatchEvent(new Event('visibilitychange'));
    },
    remove() {
      delete globalThis.window;
      delete globalThis.document;
    },
  };
}

test('a server that goes while the way to it is made is not asked again before it said', async () => {
  const at = createHouse({ EventSource: false });
  let describe;
  at.answers['GET /showtimes/s'] = () => new Promise((resolve) => (describe = resolve));
  const coming = at.client.join('s');
  await settle();
  const socket = at.sockets.latest();
  socket.deliver({ type: 'bye', reason: 'full', reconnectAfterMs: 8_000 });
  socket.drop(1013);
  describe(await described('e1-1')());
  await coming;
  await at.timers.advance(7_999);
  assert.equal(at.sockets.opened.length, 1);
  await at.timers.advance(1);
  assert.equal(at.sockets.opened.length, 2);
});
