/** One room's way down and up: socket, event stream, polls; and that nothing is missed or told twice on the way. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { createHouse, diff, eventsOf, goLive, snapshot, status, WELCOME } from './house.js';

const POLL = '/showtimes/s/seats/status';
const CHANGES = '/showtimes/s/seats/changes';

/** A room whose client can have no socket, and whose stream was just opened. */
async function withoutSocket(options) {
  const at = createHouse({ WebSocket: false, ...options });
  at.answers[`GET ${POLL}`] = status('s', 'e1-1');
  at.room = await at.client.join('s');
  return at;
}

function goStreaming(at, position = 'e1-1') {
  const source = at.sources.latest();
  source.deliver(WELCOME);
  source.deliver(snapshot('s', position));
  return source;
}

test('where the socket cannot be had an event stream is opened, and is live', async () => {
  const at = await withoutSocket();
  goStreaming(at);
  assert.deepEqual(at.room.link, { state: 'live', transport: 'events' });
  at.sources.latest().deliver(diff('s', 'e1-1', 'e1-2', 'occupied'));
  assert.equal(at.room.statusOf(0), 'occupied');
  await at.timers.advance(10_000);
  assert.equal(at.sources.opened.length, 1);
});

test('a stream that is refused is bridged by polls and tried again', async () => {
  const at = await withoutSocket();
  at.sources.latest().drop();
  await at.timers.advance(0);
  assert.deepEqual(at.room.link, { state: 'polling', seconds: 10 });
  assert.equal(at.room.statusOf(0), 'available');
  await at.timers.advance(250);
  assert.equal(at.sources.opened.length, 2);
  assert.match(at.sources.latest().url, /since=e1-1$/);
});

test('a stream that says nothing is not waited for', async () => {
  const at = await withoutSocket();
  await at.timers.advance(2_999);
  assert.equal(at.room.link.state, 'connecting');
  await at.timers.advance(1);
  assert.equal(at.room.link.state, 'polling');
});

test('attempts at the socket do not prolong the wait for a stream', async () => {
  const at = createHouse();
  at.answers[`GET ${POLL}`] = status('s', 'e1-1');
  at.room = await at.client.join('s');
  at.sockets.latest().drop();
  for (const pause of [250, 500, 1_000]) {
    await at.timers.advance(pause);
    at.sockets.latest().drop();
  }
  await at.timers.advance(1_250);
  assert.equal(at.room.link.state, 'polling');
});

test('attempts at the socket that fail leave a live stream alone', async () => {
  const at = createHouse();
  at.answers[`GET ${POLL}`] = status('s', 'e1-1');
  at.room = await at.client.join('s');
  at.sockets.latest().drop();
  goStreaming(at);
  const links = eventsOf(at.room, 'linkchange');
  const polls = at.asked(POLL).length;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    await at.timers.advance(2_000);
    at.sockets.latest().drop();
  }
  await at.timers.advance(5_000);
  assert.deepEqual(links, []);
  assert.equal(at.asked(POLL).length, polls);
});

test('polls end as soon as the stream brings the map, and an answer under way is dropped', async () => {
  const at = await withoutSocket();
  let answer;
  at.answers[`GET ${CHANGES}`] = async () => ({ status: 204 });
  at.answers[`GET ${POLL}`] = () => new Promise((resolve) => (answer = resolve));
  at.sources.latest().drop();
  await at.timers.advance(250);
  goStreaming(at, 'e1-5');
  answer(await status('s', 'e1-9', 'occupied')());
  await at.timers.advance(60_000);
  assert.equal(at.room.statusOf(0), 'available');
  assert.equal(at.room.link.transport, 'events');
});

test('the stream goes on until the socket has brought something that fits', async () => {
  const at = createHouse();
  at.room = await at.client.join('s');
  at.sockets.latest().drop();
  const source = goStreaming(at);
  await at.timers.advance(250);
  const socket = at.sockets.latest();
  socket.deliver(WELCOME);
  assert.deepEqual(socket.sent, [{ type: 'subscribe', showtimeId: 's', since: 'e1-1' }]);
  assert.equal(source.wasClosed, false);
  assert.equal(at.room.link.transport, 'events');
  socket.deliver(diff('s', 'e1-1', 'e1-1'));
  assert.equal(source.wasClosed, true);
  assert.equal(at.room.link.transport, 'websocket');
});

test('a change that both transports bring is shown once, and one that the lower had not brought is not missed', async () => {
  const at = createHouse();
  at.room = await at.client.join('s');
  at.sockets.latest().drop();
  const source = goStreaming(at);
  await at.timers.advance(250);
  const socket = at.sockets.latest();
  socket.deliver(WELCOME);
  const changes = eventsOf(at.room, 'seatschange');
  source.deliver(diff('s', 'e1-1', 'e1-2', 'locked'));
  socket.deliver(diff('s', 'e1-1', 'e1-2', 'locked'));
  assert.deepEqual(changes, [{ indices: [0] }]);
  socket.deliver(diff('s', 'e1-2', 'e1-3', 'locked', 'A-2'));
  source.deliver(diff('s', 'e1-2', 'e1-3', 'locked', 'A-2'));
  assert.equal(source.wasClosed, true);
  source.deliver(diff('s', 'e1-3', 'e1-4', 'occupied'));
  assert.deepEqual(changes, [{ indices: [0] }, { indices: [1] }]);
});

test('a socket that begins ahead of the stream is asked for what lies between', async () => {
  const at = createHouse();
  at.room = await at.client.join('s');
  at.sockets.latest().drop();
  goStreaming(at);
  await at.timers.advance(250);
  const socket = at.sockets.latest();
  socket.deliver(WELCOME);
  socket.deliver(diff('s', 'e1-3', 'e1-4', 'occupied'));
  assert.deepEqual(socket.sent.at(-1), { type: 'subscribe', showtimeId: 's', since: 'e1-1' });
  assert.equal(at.room.link.transport, 'events');
  socket.deliver(diff('s', 'e1-1', 'e1-4', 'occupied'));
  assert.equal(at.room.link.transport, 'websocket');
  assert.equal(at.room.statusOf(0), 'occupied');
});

test('a socket that breaks goes down step by step and all the way up again', async () => {
  const at = createHouse();
  at.room = await at.client.join('s');
  goLive(at, 's').drop();
  assert.deepEqual(at.room.link, { state: 'connecting', again: true });
  await at.timers.advance(250);
  at.sockets.latest().drop();
  assert.match(at.sources.latest().url, /since=e1-1$/);
  at.answers[`GET ${POLL}`] = status('s', 'e1-4', 'locked');
  at.sources.latest().drop();
  await at.timers.advance(0);
  assert.equal(at.room.link.state, 'polling');
  assert.equal(at.room.statusOf(0), 'locked');
  await at.timers.advance(250);
  at.sources.latest().deliver(diff('s', 'e1-4', 'e1-5', 'occupied'));
  assert.equal(at.room.link.transport, 'events');
  await at.timers.advance(20_000);
  const socket = at.sockets.latest();
  socket.deliver(WELCOME);
  assert.deepEqual(socket.sent, [{ type: 'subscribe', showtimeId: 's', since: 'e1-5' }]);
  socket.deliver(diff('s', 'e1-5', 'e1-5'));
  assert.equal(at.room.link.transport, 'websocket');
  assert.equal(at.sources.open().length, 0);
  const polls = at.asked(POLL).length;
  await at.timers.advance(15_000);
  assert.equal(at.asked(POLL).length, polls);
});

test('a gap on the stream opens it anew from where the map is', async () => {
  const at = await withoutSocket();
  goStreaming(at);
  at.sources.latest().deliver(diff('s', 'e1-7', 'e1-8', 'occupied'));
  assert.equal(at.sources.opened[0].wasClosed, true);
  await at.timers.advance(250);
  assert.match(at.sources.latest().url, /since=e1-1$/);
});

test('seats that the map does not have open it anew from the start', async () => {
  const at = await withoutSocket();
  goStreaming(at);
  at.sources.latest().deliver(diff('s', 'e1-1', 'e1-2', 'occupied', 'Z-9'));
  await at.timers.advance(250);
  assert.doesNotMatch(at.sources.latest().url, /since/);
});

test('a quiet stream is held against the history: nothing new is proof, something new is its end', async () => {
  const at = await withoutSocket();
  at.answers[`GET ${CHANGES}`] = async () => ({ status: 204 });
  const source = goStreaming(at);
  await at.timers.advance(25_000);
  assert.equal(at.room.asOf, 25_000);
  assert.equal(source.wasClosed, false);
  at.answers[`GET ${CHANGES}`] = async () => ({ json: { from: 'e1-1', position: 'e1-2', changes: [{ seatId: 'A-1', status: 'occupied' }], stale: false } });
  await at.timers.advance(25_000);
  assert.equal(at.room.statusOf(0), 'occupied');
  assert.equal(source.wasClosed, true);
  await at.timers.advance(250);
  assert.match(at.sources.latest().url, /since=e1-2$/);
});

test('a quiet stream whose server cannot be asked is given up', async () => {
  const at = await withoutSocket();
  const source = goStreaming(at);
  await at.timers.advance(25_000);
  assert.equal(source.wasClosed, true);
  assert.deepEqual(at.room.link, { state: 'connecting', again: true });
});

test('an answer about a stream that was replaced meanwhile does not end the new one', async () => {
  const at = await withoutSocket();
  let fail;
  at.answers[`GET ${CHANGES}`] = () => new Promise((_, reject) => (fail = reject));
  goStreaming(at);
  await at.timers.advance(25_000);
  at.sources.latest().drop();
  await at.timers.advance(250);
  at.sources.latest().deliver(diff('s', 'e1-1', 'e1-1'));
  fail(new TypeError('no network'));
  await at.timers.advance(0);
  assert.equal(at.sources.latest().wasClosed, false);
  assert.equal(at.room.link.transport, 'events');
});

test('a stream that was steady is tried again soon, one that never was later and later', async () => {
  const at = await withoutSocket();
  at.answers[`GET ${CHANGES}`] = async () => ({ status: 204 });
  const pauseAfterDrop = async () => {
    const before = at.timers.now();
    const count = at.sources.opened.length;
    at.sources.latest().drop();
    while (at.sources.opened.length === count) await at.timers.advance(50);
    return at.timers.now() - before;
  };
  const pauses = [];
  for (let attempt = 0; attempt < 4; attempt += 1) pauses.push(await pauseAfterDrop());
  goStreaming(at);
  await at.timers.advance(5_000);
  pauses.push(await pauseAfterDrop());
  assert.deepEqual(pauses, [250, 500, 1_000, 2_000, 250]);
});

test('a server that goes says when the stream may come back', async () => {
  const at = await withoutSocket();
  goStreaming(at);
  at.sources.latest().deliver({ type: 'bye', reason: 'restart', reconnectAfterMs: 1_900 });
  at.sources.latest().drop();
  await at.timers.advance(1_899);
  assert.equal(at.sources.opened.length, 1);
  assert.equal(at.room.link.state, 'polling');
  await at.timers.advance(1);
  assert.equal(at.sources.opened.length, 2);
});

test('a showtime that the stream calls unknown is gone, and nothing is tried any more', async () => {
  const at = await withoutSocket();
  goStreaming(at);
  at.sources.latest().deliver({ type: 'error', code: 'unknown_showtime', showtimeId: 's' });
  assert.deepEqual(at.room.link, { state: 'offline', gone: true });
  at.client.wake();
  await at.timers.advance(120_000);
  assert.equal(at.sources.opened.length, 1);
  assert.equal(at.asked(POLL).length, 1, 'only the question of the start');
});

test('whose the seats of a showtime are that is gone is not asked any more', async () => {
  const at = createHouse();
  at.room = await at.client.join('s');
  goLive(at, 's').deliver({ type: 'error', code: 'unknown_showtime', showtimeId: 's' });
  const asked = at.asked(POLL).length;
  await at.timers.advance(120_000);
  assert.equal(at.asked(POLL).length, asked);
});

test('a store out of reach is told on every transport, and a new one need not have heard of it', async () => {
  const at = createHouse();
  at.room = await at.client.join('s');
  const since = '1970-01-01T00:00:00.000Z';
  await at.timers.advance(1_000);
  goLive(at, 's').deliver({ type: 'status', showtimeId: 's', stale: true, since });
  assert.deepEqual(at.room.stale, { since });
  assert.equal(at.room.asOf, 0);
  at.sockets.latest().drop();
  await at.timers.advance(250);
  at.sockets.latest().deliver(WELCOME);
  at.sockets.latest().deliver(diff('s', 'e1-1', 'e1-1'));
  assert.deepEqual(at.room.stale, { since });
  await at.timers.advance(500);
  assert.equal(at.room.stale, null);
  assert.equal(at.room.asOf, at.room.now());
});

test('polls of a server without its store are stale and prove nothing', async () => {
  const at = await withoutSocket({ EventSource: false });
  await at.timers.advance(5_000);
  at.answers[`GET ${POLL}`] = status('s', 'e1-1', 'available', 'available', { stale: true, staleSince: '1970-01-01T00:00:04.000Z' });
  await at.timers.advance(5_000);
  assert.deepEqual(at.room.stale, { since: '1970-01-01T00:00:04.000Z' });
  const asOf = at.room.asOf;
  assert.ok(asOf <= 4_000);
  await at.timers.advance(10_000);
  assert.equal(at.room.asOf, asOf);
});

test('a store that is still out of reach where the room is entered again stays told', async () => {
  const at = createHouse();
  at.room = await at.client.join('s');
  const told = { type: 'status', showtimeId: 's', stale: true, since: '1970-01-01T00:00:00.000Z' };
  goLive(at, 's').deliver(told);
  const links = eventsOf(at.room, 'linkchange');
  at.sockets.latest().drop();
  await at.timers.advance(250);
  goLive(at, 's').deliver(told);
  await at.timers.advance(1_000);
  assert.ok(links.every(({ stale }) => stale !== null));
  assert.deepEqual(at.room.stale, { since: told.since });
});

test('a server that does not say since when its store is out of reach proves nothing either', async () => {
  const at = await withoutSocket({ EventSource: false });
  await at.timers.advance(0);
  const asOf = at.room.asOf;
  at.answers[`GET ${POLL}`] = status('s', 'e1-1', 'available', 'available', { stale: true });
  await at.timers.advance(10_000);
  assert.deepEqual(at.room.stale, { since: null });
  assert.equal(at.room.asOf, asOf);
});

test('polls of another plan end the room', async () => {
  const at = await withoutSocket({ EventSource: false });
  await at.timers.advance(0);
  const replaced = eventsOf(at.room, 'replaced');
  at.answers[`GET ${POLL}`] = status('s', 'e2-0', 'available', 'available', { plan: 'other' });
  await at.timers.advance(10_000);
  assert.equal(replaced.length, 1);
  const polls = at.asked(POLL).length;
  await at.timers.advance(30_000);
  assert.equal(at.asked(POLL).length, polls);
});

test('a server that is heard again by a poll is soon tried by the better ways too', async () => {
  const at = createHouse();
  at.room = await at.client.join('s');
  const breakAll = async () => {
    if (!at.sources.latest()?.wasClosed) at.sources.latest()?.drop();
    if (at.sockets.latest().readyState !== 3) at.sockets.latest().drop();
    await at.timers.advance(500);
  };
  while (at.timers.now() < 90_000) await breakAll();
  assert.deepEqual(at.room.link, { state: 'offline', gone: false });
  at.answers[`GET ${POLL}`] = status('s', 'e1-1');
  while (at.room.link.state === 'offline') await breakAll();
  const [sockets, streams] = [at.sockets.opened.length, at.sources.opened.length];
  await at.timers.advance(250);
  assert.ok(at.sockets.opened.length > sockets || at.sockets.latest().readyState !== 3);
  assert.ok(at.sources.opened.length > streams || at.sources.open().length === 1);
});

test('attempts after waking begin with a short pause', async () => {
  const at = createHouse();
  at.room = await at.client.join('s');
  for (let attempt = 0; attempt < 8; attempt += 1) {
    at.sockets.latest().drop();
    at.sources.latest()?.drop();
    await at.timers.advance(20_000);
  }
  at.sockets.latest().drop();
  at.sources.latest().drop();
  at.client.wake();
  at.sockets.latest().drop();
  at.sources.latest().drop();
  const [sockets, streams] = [at.sockets.opened.length, at.sources.opened.length];
  await at.timers.advance(250);
  assert.deepEqual([at.sockets.opened.length, at.sources.opened.length], [sockets + 1, streams + 1]);
});
