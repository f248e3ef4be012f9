/** The connection of one room: live by socket or by stream, polling, back up again, and what ends it. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { createConnection } from '../../static/js/live/connection.js';
import { createPoller } from '../../static/js/live/poller.js';
import { createSharedSocket } from '../../static/js/live/shared-socket.js';
import { createStreamPlaces } from '../../static/js/live/stream-places.js';
import { fakeEventSource, fakeTimers, fakeWebSocket } from './fakes.js';

const WELCOME = { type: 'welcome', serverTime: '', heartbeatSeconds: 25 };
const SNAPSHOT = { type: 'snapshot', showtimeId: 's', position: 'e1-1', plan: 'p', states: '', locks: [] };
const DIFF = { type: 'diff', showtimeId: 's', prev: 'e1-1', position: 'e1-2', changes: [] };

/** A connection with everything around it faked; `random` is 1/2 throughout. */
function setUp({ streams = false } = {}) {
  const timers = fakeTimers();
  const sockets = fakeWebSocket();
  const sources = fakeEventSource();
  const at = { timers, sockets, sources, links: [], statuses: [], received: [], asked: [], position: null, provedAt: 0, current: true, reception: 'ok', answer: async () => ({ etag: 'W/"1"', body: { pollIntervalSeconds: 10 } }) };
  const random = () => 0.5;
  const ask = (etag) => {
    at.asked.push({ etag, at: timers.now() });
    return at.answer();
  };
  at.shared = createSharedSocket({ WebSocket: sockets.WebSocket, timers, random, url: 'ws://server/live', observe() {} });
  at.places = createStreamPlaces();
  at.connection = createConnection({
    socket: at.shared,
    EventSource: streams ? sources.EventSource : undefined,
    places: at.places,
    timers,
    random,
    poller: createPoller({ timers, random, ask }),
    showtimeId: 's',
    streamUrl: (since) => `http://server/events${since ? `?since=${since}` : ''}`,
    position: () => at.position,
    age: () => timers.now() - at.provedAt,
    receive(message) {
      at.received.push(message.type);
      return at.reception;
    },
    receiveStatus: (body) => at.statuses.push(body),
    check: async () => at.current,
    proved: () => (at.provedAt = timers.now()),
    entered() {},
    announce: (link) => at.links.push(link),
  });
  at.connection.start();
  return at;
}

function goLive(at) {
  at.sockets.latest().deliver(WELCOME);
  at.sockets.latest().deliver(SNAPSHOT);
  at.position = 'e1-1';
  at.provedAt = at.timers.now();
}

function wake(at) {
  at.shared.wake();
  at.connection.wake();
}

/** What was sent besides the requests for the room that every welcome is answered with. */
const sentAfterEntry = (socket) => socket.sent.slice(1);

const state = (at) => at.links.at(-1).state;

test('a snapshot makes the connection live, a welcome alone does not', () => {
  const at = setUp();
  at.sockets.latest().deliver(WELCOME);
  assert.equal(state(at), 'connecting');
  at.sockets.latest().deliver(SNAPSHOT);
  assert.equal(state(at), 'live');
});

test('a socket that cannot be had is replaced by polling at the given interval', async () => {
  const at = setUp();
  at.sockets.latest().drop();
  await at.timers.advance(0);
  assert.deepEqual(at.links.at(-1), { state: 'polling', seconds: 10 });
  await at.timers.advance(10_000);
  assert.deepEqual(at.asked.map(({ etag }) => etag), [null, 'W/"1"']);
  assert.equal(at.asked[1].at, 10_000);
});

test('while polling the socket is tried again, and polling ends when it is back', async () => {
  const at = setUp();
  at.sockets.latest().drop();
  await at.timers.advance(1_000);
  assert.ok(at.sockets.opened.length > 1);
  goLive(at);
  assert.equal(state(at), 'live');
  const asked = at.asked.length;
  await at.timers.advance(15_000);
  assert.equal(at.asked.length, asked);
});

test('the pauses between attempts double up to twenty seconds', async () => {
  const at = setUp();
  const pauses = [];
  for (let attempt = 0; attempt < 8; attempt += 1) {
    const before = at.timers.now();
    const count = at.sockets.opened.length;
    at.sockets.latest().drop();
    while (at.sockets.opened.length === count) await at.timers.advance(50);
    pauses.push(at.timers.now() - before);
  }
  assert.deepEqual(pauses, [250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
});

test('a live socket that breaks is tried again before polling begins, and resumes', async () => {
  const at = setUp();
  goLive(at);
  at.sockets.latest().drop();
  assert.deepEqual(at.links.at(-1), { state: 'connecting', again: true });
  await at.timers.advance(250);
  at.sockets.latest().deliver(WELCOME);
  assert.deepEqual(at.sockets.latest().sent, [{ type: 'subscribe', showtimeId: 's', since: 'e1-1' }]);
  assert.equal(at.asked.length, 0);
  at.sockets.latest().drop();
  await at.timers.advance(0);
  assert.equal(state(at), 'polling');
});

test('bye says when to return, and a long pause is bridged by polling', async () => {
  const at = setUp();
  goLive(at);
  at.sockets.latest().deliver({ type: 'bye', reason: 'restart', reconnectAfterMs: 3_000 });
  at.sockets.latest().drop(1012);
  await at.timers.advance(2_900);
  assert.equal(at.sockets.opened.length, 1);
  assert.equal(state(at), 'polling');
  await at.timers.advance(100);
  assert.equal(at.sockets.opened.length, 2);
});

test('a showtime that is gone is not asked for again', async () => {
  const at = setUp();
  goLive(at);
  at.sockets.latest().deliver({ type: 'error', showtimeId: 's', code: 'unknown_showtime' });
  assert.deepEqual(at.links.at(-1), { state: 'offline', gone: true });
  wake(at);
  await at.timers.advance(120_000);
  assert.equal(at.sockets.opened.length, 1);
  assert.equal(at.asked.length, 0);
});

test('a socket refused by policy leaves polling for good', async () => {
  const at = setUp();
  at.sockets.latest().drop(1008);
  await at.timers.advance(60_000);
  assert.equal(at.sockets.opened.length, 1);
  assert.equal(state(at), 'polling');
  assert.ok(at.asked.length >= 5);
});

test('polling that fails is offline, and polling again when it succeeds', async () => {
  const at = setUp();
  const good = at.answer;
  at.answer = async () => {
    throw new Error('no network');
  };
  at.sockets.latest().drop();
  await at.timers.advance(0);
  assert.deepEqual(at.links.at(-1), { state: 'offline', gone: false });
  at.answer = good;
  await at.timers.advance(10_000);
  assert.equal(state(at), 'polling');
});

test('a showtime that polling does not find is gone', async () => {
  const at = setUp();
  at.answer = async () => {
    throw Object.assign(new Error('unknown'), { code: 'unknown_showtime' });
  };
  at.sockets.latest().drop();
  await at.timers.advance(0);
  assert.deepEqual(at.links.at(-1), { state: 'offline', gone: true });
});

test('silence is asked about after twenty seconds, and eight more are the end', async () => {
  const at = setUp();
  goLive(at);
  const socket = at.sockets.latest();
  await at.timers.advance(20_000);
  assert.deepEqual(sentAfterEntry(socket), [{ type: 'ping' }]);
  socket.deliver({ type: 'pong', serverTime: '' });
  await at.timers.advance(20_000);
  assert.equal(sentAfterEntry(socket).length, 2);
  assert.equal(state(at), 'live');
  await at.timers.advance(8_000);
  assert.ok(socket.wasClosed);
  assert.equal(state(at), 'connecting');
});

test('a socket that never says anything is given up', async () => {
  const at = setUp();
  await at.timers.advance(8_000);
  assert.ok(at.sockets.opened[0].wasClosed);
  assert.equal(state(at), 'polling');
});

test('waking does not wait for the back-off', async () => {
  const at = setUp();
  for (let attempt = 0; attempt < 6; attempt += 1) {
    at.sockets.latest().drop();
    await at.timers.advance(20_000);
  }
  at.sockets.latest().drop();
  const count = at.sockets.opened.length;
  wake(at);
  assert.equal(at.sockets.opened.length, count + 1);
});

test('waking a live connection asks for a sign of life', () => {
  const at = setUp();
  goLive(at);
  wake(at);
  assert.deepEqual(sentAfterEntry(at.sockets.latest()), [{ type: 'ping' }]);
});

test('after a gap history is asked for once, and a snapshot when that does not help', async () => {
  const at = setUp();
  goLive(at);
  const socket = at.sockets.latest();
  at.reception = 'gap';
  socket.deliver(DIFF);
  socket.deliver(DIFF);
  assert.deepEqual(sentAfterEntry(socket), [{ type: 'subscribe', showtimeId: 's', since: 'e1-1' }]);
  await at.timers.advance(5_000);
  assert.deepEqual(socket.sent.at(-1), { type: 'subscribe', showtimeId: 's' });
});

test('what cannot be resumed asks for a snapshot at once', () => {
  const at = setUp();
  goLive(at);
  at.reception = 'lost';
  at.sockets.latest().deliver(DIFF);
  assert.deepEqual(sentAfterEntry(at.sockets.latest()), [{ type: 'subscribe', showtimeId: 's' }]);
});

test('what is not a tagged object is ignored', () => {
  const at = setUp();
  goLive(at);
  for (const text of ['', 'null', '[]', '{"kind":1}', '{']) at.sockets.latest().deliver(text);
  assert.equal(state(at), 'live');
});

test('after stop nothing is opened, asked or announced', async () => {
  const at = setUp();
  at.sockets.latest().drop();
  await at.timers.advance(0);
  const links = at.links.length;
  at.connection.stop();
  await at.timers.advance(60_000);
  assert.equal(at.links.length, links);
  assert.equal(at.sockets.opened.length, 1);
});

test('a socket that was steady begins the back-off anew', async () => {
  const at = setUp();
  for (let attempt = 0; attempt < 6; attempt += 1) {
    at.sockets.latest().drop();
    await at.timers.advance(20_000);
  }
  goLive(at);
  await at.timers.advance(5_000);
  const count = at.sockets.opened.length;
  at.sockets.latest().drop();
  await at.timers.advance(250);
  assert.equal(at.sockets.opened.length, count + 1);
});

test('a bye does not keep a client away for more than a minute', async () => {
  const at = setUp();
  goLive(at);
  at.sockets.latest().deliver({ type: 'bye', reason: 'full', reconnectAfterMs: 86_400_000 });
  at.sockets.latest().drop(1013);
  await at.timers.advance(60_000);
  assert.equal(at.sockets.opened.length, 2);
});

test('while something is missing a sign of life proves nothing', () => {
  const at = setUp();
  goLive(at);
  at.timers.sleep(1_000);
  at.reception = 'gap';
  at.sockets.latest().deliver(DIFF);
  at.sockets.latest().deliver({ type: 'pong', serverTime: '' });
  assert.equal(at.provedAt, 0);
  at.reception = 'ok';
  at.sockets.latest().deliver(DIFF);
  at.sockets.latest().deliver({ type: 'pong', serverTime: '' });
  assert.equal(at.provedAt, 1_000);
});

test('a position that the server cannot read is no refusal: the map follows', () => {
  const at = setUp({ streams: true });
  at.sockets.latest().deliver(WELCOME);
  at.sockets.latest().deliver({ type: 'error', showtimeId: 's', code: 'invalid_position', status: 400 });
  at.sockets.latest().deliver(SNAPSHOT);
  assert.equal(state(at), 'live');
  assert.equal(at.sources.opened.length, 0);
});

test('any message that fits takes the doubt of a long sleep away', () => {
  const at = setUp();
  goLive(at);
  at.timers.sleep(60_000);
  wake(at);
  assert.equal(state(at), 'connecting');
  at.sockets.latest().deliver(DIFF);
  assert.equal(state(at), 'live');
});
