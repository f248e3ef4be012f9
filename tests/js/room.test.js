/** A visitor in a showtime, against a fake server: optimism, refusal, loss, restoration, both transports. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { createApi } from '../../static/js/live/api.js';
import { createRoom } from '../../static/js/live/room.js';
import { createSharedSocket } from '../../static/js/live/shared-socket.js';
import { createStreamPlaces } from '../../static/js/live/stream-places.js';
import { fakeEventSource, fakeTimers, fakeWebSocket, settle } from './fakes.js';

const DEADLINE = '1970-01-01T00:15:00.000Z';

const WELCOME = { type: 'welcome', serverTime: '', heartbeatSeconds: 25 };

/** A room of two seats; `respond` is what fetch answers with, by method and path. */
function setUp({ restore = false, streams = false } = {}) {
  const timers = fakeTimers();
  const sockets = fakeWebSocket();
  const sources = fakeEventSource();
  const at = { timers, sockets, sources, requests: [], lost: [], refused: [], locked: [], links: [], changes: [], plans: 0, respond: {} };
  const random = () => 0.5;
  const fetch = async (path, { method, headers, body }) => {
    at.requests.push({ method, path, headers, body: body && JSON.parse(body) });
    const make = at.respond[`${method} ${path.split('?')[0].split('/').at(-1)}`];
    if (!make) throw new TypeError('no network');
    const { status = 200, json = {}, headers: sent = {} } = await make();
    return new Response(status === 304 || status === 204 ? null : JSON.stringify(json), { status, headers: sent });
  };
  at.shared = createSharedSocket({ WebSocket: sockets.WebSocket, timers, random, url: 'ws://server/live', observe() {} });
  at.room = createRoom({
    showtime: { showtimeId: 's', plan: 'p', prices: {}, currency: 'EUR' },
    seatIds: ['A-1', 'A-2'],
    userId: 'me',
    restore,
    api: createApi({ fetch, timers }),
    clock: { now: timers.now, observe() {} },
    socket: at.shared,
    EventSource: streams ? sources.EventSource : undefined,
    places: createStreamPlaces(),
    timers,
    random,
    streamUrl: (since) => `http://server/events${since ?? ''}`,
    listeners: {
      seatsChanged: (indices) => at.changes.push(indices),
      ownChanged() {},
      linkChanged: () => at.links.push({ ...at.room.link(), stale: at.room.stale() }),
      locked: (seatIds, restored) => at.locked.push({ seatIds, restored }),
      unlocked() {},
      lost: (losses) => at.lost.push(...losses),
      refused: (action, seatIds, error) => at.refused.push({ action, seatIds, code: error.code, seats: error.problem.seats }),
      replaced: () => (at.plans += 1),
    },
  });
  at.room.start();
  return at;
}

const lockAnswer = (position) => async () => ({ json: { position, seats: [{ seatId: 'A-1', expiresAt: DEADLINE, price: 42 }] } });
const refusal = (code, seats, status = 409) => async () => ({ status, json: { code, status, detail: 'Refused.', seats } });
const statusAnswer = (position, first, more = {}) => async () => ({
  headers: { ETag: `W/"${position}"` },
  json: { showtimeId: 's', plan: 'p', position, stale: false, pollIntervalSeconds: 10, seats: [{ seatId: 'A-1', ...first }, { seatId: 'A-2', status: 'available' }], ...more },
});
const snapshot = (position, states, plan = 'p') => ({ type: 'snapshot', showtimeId: 's', position, plan, states, locks: [] });
const diff = (prev, position, status, expiresAt) => ({ type: 'diff', showtimeId: 's', prev, position, changes: [{ seatId: 'A-1', status, expiresAt }] });

function live(states = 'aa', options = {}) {
  const at = setUp(options);
  at.sockets.latest().deliver(WELCOME);
  at.sockets.latest().deliver(snapshot('e1-1', states));
  return at;
}

test('a click shows pending at once and selected when it is confirmed', async () => {
  const at = live();
  at.respond['POST lock'] = lockAnswer('e1-2');
  const done = at.room.lock(['A-1']);
  assert.equal(at.room.statusOf(0), 'pending');
  await done;
  assert.equal(at.room.statusOf(0), 'selected');
  assert.deepEqual(at.requests[0].body, { seats: ['A-1'], userId: 'me' });
});

test('a refused lock rolls back and the refusal names the seat and the reason', async () => {
  const at = live();
  at.respond['POST lock'] = refusal('seats_unavailable', [{ seatId: 'A-1', reason: 'occupied' }]);
  await at.room.lock(['A-1']);
  assert.equal(at.room.statusOf(0), 'available');
  assert.deepEqual(at.refused, [{ action: 'lock', seatIds: ['A-1'], code: 'seats_unavailable', seats: [{ seatId: 'A-1', reason: 'occupied' }] }]);
});

test('a refusal that names no seat is told with the seats that were asked for', async () => {
  const at = live();
  at.respond['POST lock'] = refusal('too_many_seats', undefined, 422);
  await at.room.lock(['A-1']);
  assert.deepEqual(at.refused, [{ action: 'lock', seatIds: ['A-1'], code: 'too_many_seats', seats: undefined }]);
});

test('a lock without an answer is rolled back and asked about', async () => {
  const at = live();
  at.respond['GET status'] = statusAnswer('e1-2', { status: 'selected', expiresAt: DEADLINE });
  await at.room.lock(['A-1']);
  await settle();
  assert.equal(at.room.statusOf(0), 'selected');
  assert.equal(at.refused[0].code, 'unreachable');
  assert.deepEqual(at.locked, [{ seatIds: ['A-1'], restored: true }]);
});

test('a lock whose answer was lost is found when its diff arrives', async () => {
  const at = live();
  at.respond['GET status'] = statusAnswer('e1-1', { status: 'available' });
  await at.room.lock(['A-1']);
  await settle();
  assert.equal(at.room.statusOf(0), 'available');
  at.respond['GET status'] = statusAnswer('e1-2', { status: 'selected', expiresAt: DEADLINE });
  at.sockets.latest().deliver(diff('e1-1', 'e1-2', 'locked', DEADLINE));
  await settle();
  assert.equal(at.room.statusOf(0), 'selected');
});

test('what a server without its store says does not settle a lock without an answer', async () => {
  const at = live();
  at.respond['GET status'] = statusAnswer('e1-1', { status: 'available' }, { stale: true });
  await at.room.lock(['A-1']);
  await settle();
  assert.deepEqual(at.room.own(), []);
  at.respond['GET status'] = statusAnswer('e1-1', { status: 'selected', expiresAt: DEADLINE });
  await at.timers.advance(1_000);
  assert.equal(at.room.statusOf(0), 'selected');
  const questions = () => at.requests.filter(({ path }) => path.includes('/status')).length;
  const before = questions();
  await at.timers.advance(15_000);
  assert.equal(questions(), before);
});

test('a lock without an answer is asked about when the store comes back with another epoch', async () => {
  const at = live();
  at.respond['GET status'] = statusAnswer('e1-1', { status: 'available' });
  await at.room.lock(['A-1']);
  await settle();
  at.respond['GET status'] = statusAnswer('e2-4', { status: 'selected', expiresAt: DEADLINE });
  at.sockets.latest().deliver(snapshot('e2-4', 'la'));
  await settle();
  assert.equal(at.room.statusOf(0), 'selected');
  assert.deepEqual(at.locked, [{ seatIds: ['A-1'], restored: true }]);
});

test('an expiry is told as a loss that names the seat', async () => {
  const at = live();
  at.respond['POST lock'] = lockAnswer('e1-2');
  await at.room.lock(['A-1']);
  at.sockets.latest().deliver(diff('e1-1', 'e1-2', 'locked', DEADLINE));
  await at.timers.advance(15 * 60_000 - 1);
  at.sockets.latest().deliver(diff('e1-2', 'e1-3', 'available'));
  assert.equal(at.room.statusOf(0), 'lost');
  assert.deepEqual(at.lost, [{ seatId: 'A-1', reason: 'expired' }]);
});

test('a seat given back shows free before the map knows', async () => {
  const at = live();
  at.respond['POST lock'] = lockAnswer('e1-2');
  await at.room.lock(['A-1']);
  at.sockets.latest().deliver(diff('e1-1', 'e1-2', 'locked', DEADLINE));
  at.respond['DELETE unlock'] = async () => ({ json: { position: 'e1-3', released: ['A-1'] } });
  await at.room.unlock(['A-1']);
  assert.equal(at.room.statusOf(0), 'available');
  assert.deepEqual(at.room.own(), []);
});

test('an extension that is refused names the lost seats and drops them', async () => {
  const at = live();
  at.respond['POST lock'] = lockAnswer('e1-2');
  await at.room.lock(['A-1']);
  at.respond['PUT extend-lock'] = refusal('lock_lost', [{ seatId: 'A-1', reason: 'not_held' }]);
  await at.room.extend();
  assert.deepEqual(at.refused[0].seats, [{ seatId: 'A-1', reason: 'not_held' }]);
  assert.deepEqual(at.room.own(), []);
});

test('a returning visitor gets the own seats back, a new one costs no request', async () => {
  const fresh = live();
  await settle();
  assert.equal(fresh.requests.length, 0);
  const at = setUp({ restore: true });
  at.respond['GET status'] = statusAnswer('e1-1', { status: 'selected', expiresAt: DEADLINE, price: 42 });
  at.sockets.latest().deliver(WELCOME);
  at.sockets.latest().deliver(snapshot('e1-1', 'la'));
  await at.timers.advance(1_000);
  assert.equal(at.room.statusOf(0), 'selected');
  assert.equal(at.room.own()[0].expiresAt, DEADLINE);
  assert.match(at.requests[0].path, /userId=me$/);
});

test('polling reaches the same states, and an unchanged answer changes nothing', async () => {
  const at = setUp();
  at.respond['GET status'] = statusAnswer('e1-4', { status: 'occupied' });
  at.sockets.latest().drop();
  await at.timers.advance(0);
  assert.equal(at.room.statusOf(0), 'occupied');
  assert.equal(at.room.statusOf(1), 'available');
  at.respond['GET status'] = async () => ({ status: 304 });
  at.changes.length = 0;
  await at.timers.advance(10_000);
  assert.equal(at.requests.at(-1).headers['If-None-Match'], 'W/"e1-4"');
  assert.deepEqual(at.changes, []);
});

test('a refusal while polling asks for the status at once', async () => {
  const at = setUp();
  at.respond['GET status'] = statusAnswer('e1-4', { status: 'available' });
  at.sockets.latest().drop();
  await at.timers.advance(0);
  at.respond['POST lock'] = refusal('seats_unavailable', [{ seatId: 'A-1', reason: 'occupied' }]);
  at.respond['GET status'] = statusAnswer('e1-5', { status: 'occupied' });
  await at.room.lock(['A-1']);
  await settle();
  assert.equal(at.room.statusOf(0), 'occupied');
});

test('a poll answered by a node that is behind does not turn the map back', async () => {
  const at = live('oa');
  at.respond['GET status'] = statusAnswer('e1-0', { status: 'available' });
  at.sockets.latest().drop();
  await at.timers.advance(250);
  at.sockets.latest().drop();
  await at.timers.advance(0);
  assert.equal(at.links.at(-1).state, 'polling');
  assert.equal(at.room.statusOf(0), 'occupied');
});

test('a store out of reach is told with its time, and so is its return', () => {
  const at = live();
  at.sockets.latest().deliver({ type: 'status', showtimeId: 's', stale: true, since: DEADLINE });
  assert.deepEqual(at.links.at(-1).stale, { since: DEADLINE });
  at.sockets.latest().deliver({ type: 'status', showtimeId: 's', stale: false });
  assert.equal(at.links.at(-1).stale, null);
});

test('a snapshot of another plan ends the room', async () => {
  const at = live();
  at.sockets.latest().deliver(snapshot('e2-1', 'aaa', 'other'));
  assert.equal(at.plans, 1);
  await at.timers.advance(60_000);
  assert.equal(at.sockets.opened.length, 1);
});

/** A live room that holds A-1 until the deadline. */
async function holding() {
  const at = live();
  at.respond['POST lock'] = lockAnswer('e1-2');
  await at.room.lock(['A-1']);
  at.sockets.latest().deliver(diff('e1-1', 'e1-2', 'locked', DEADLINE));
  return at;
}

test('a seat is called lost for eight seconds, and then what it is', async () => {
  const at = await holding();
  at.sockets.latest().deliver(diff('e1-2', 'e1-3', 'occupied'));
  await at.timers.advance(7_999);
  assert.equal(at.room.statusOf(0), 'lost');
  at.changes.length = 0;
  await at.timers.advance(1);
  assert.equal(at.room.statusOf(0), 'occupied');
  assert.deepEqual(at.changes, [[0]]);
});

test('a lost seat that goes on to another state is called that, and not lost again', async () => {
  const at = await holding();
  at.sockets.latest().deliver(diff('e1-2', 'e1-3', 'available'));
  at.sockets.latest().deliver(diff('e1-3', 'e1-4', 'locked'));
  assert.equal(at.room.statusOf(0), 'locked');
  at.sockets.latest().deliver(diff('e1-4', 'e1-5', 'available'));
  assert.equal(at.room.statusOf(0), 'available');
});

test('a loss that is known before the map has it stays shown when the map follows', async () => {
  const at = await holding();
  at.respond['PUT extend-lock'] = refusal('lock_lost', [{ seatId: 'A-1', reason: 'not_held' }]);
  await at.room.extend();
  assert.equal(at.room.statusOf(0), 'lost');
  at.sockets.latest().deliver({ ...diff('e1-2', 'e1-3', 'occupied'), changes: [{ seatId: 'A-2', status: 'occupied' }] });
  assert.equal(at.room.statusOf(0), 'lost');
  at.sockets.latest().deliver(diff('e1-3', 'e1-4', 'available'));
  assert.equal(at.room.statusOf(0), 'lost');
});

test('a lost seat that is asked for again is pending', async () => {
  const at = await holding();
  at.sockets.latest().deliver(diff('e1-2', 'e1-3', 'available'));
  at.respond['POST lock'] = refusal('seats_unavailable', [{ seatId: 'A-1', reason: 'locked' }]);
  const done = at.room.lock(['A-1']);
  assert.equal(at.room.statusOf(0), 'pending');
  await done;
  assert.equal(at.room.statusOf(0), 'available');
});

test('a deadline that passes here frees nothing, the diff does', async () => {
  const at = await holding();
  await at.timers.advance(16 * 60_000);
  assert.equal(at.room.statusOf(0), 'selected');
  assert.deepEqual(at.lost, []);
  at.shared.wake();
  const again = at.sockets.latest();
  again.deliver(WELCOME);
  again.deliver(diff('e1-2', 'e1-3', 'available'));
  assert.deepEqual(at.lost, [{ seatId: 'A-1', reason: 'expired' }]);
});

test('a refusal of more seats does not take away those that are held', async () => {
  const at = await holding();
  at.respond['POST lock'] = refusal('seats_unavailable', [{ seatId: 'A-2', reason: 'occupied' }]);
  await at.room.lock(['A-1', 'A-2']);
  assert.deepEqual(at.requests.at(-1).body.seats, ['A-2']);
  assert.equal(at.room.statusOf(0), 'selected');
  assert.deepEqual(await at.room.lock(['A-1']), { ok: true });
  assert.equal(at.requests.filter(({ method }) => method === 'POST').length, 2);
});

test('of two commands for a seat the second is sent when the first was answered', async () => {
  const at = await holding();
  let answer;
  at.respond['DELETE unlock'] = () => new Promise((resolve) => (answer = resolve));
  at.respond['POST lock'] = lockAnswer('e1-4');
  const unlocked = at.room.unlock(['A-1']);
  const locked = at.room.lock(['A-1']);
  assert.equal(at.requests.at(-1).method, 'DELETE');
  answer({ json: { position: 'e1-3', released: ['A-1'] } });
  assert.deepEqual([await unlocked, await locked], [{ ok: true }, { ok: true }]);
  assert.equal(at.requests.at(-1).method, 'POST');
  assert.equal(at.room.statusOf(0), 'selected');
});

test('an answer about the own seats that is older than the map is asked for again', async () => {
  const at = setUp({ restore: true });
  let answer;
  at.respond['GET status'] = () => new Promise((resolve) => (answer = resolve));
  await at.timers.advance(250);
  at.sockets.latest().deliver(WELCOME);
  at.sockets.latest().deliver(snapshot('e1-7', 'aa'));
  const first = answer;
  at.respond['GET status'] = statusAnswer('e1-7', { status: 'available' });
  assert.equal(at.room.statusOf(0), 'available');
  first(await statusAnswer('e1-6', { status: 'selected', expiresAt: DEADLINE })());
  await settle();
  await settle();
  assert.equal(at.room.statusOf(0), 'lost');
  assert.deepEqual(at.room.own(), []);
});

test('a question about the own seats that got no answer is put again', async () => {
  const at = setUp({ restore: true });
  at.sockets.latest().deliver(WELCOME);
  at.sockets.latest().deliver(snapshot('e1-1', 'la'));
  await settle();
  at.respond['GET status'] = statusAnswer('e1-1', { status: 'selected', expiresAt: DEADLINE });
  await at.timers.advance(250);
  assert.equal(at.room.statusOf(0), 'selected');
  assert.deepEqual(at.locked, [{ seatIds: ['A-1'], restored: true }]);
});

test('a map that is replaced names only the seats that differ', () => {
  const at = live('aa');
  at.changes.length = 0;
  at.sockets.latest().deliver(snapshot('e1-9', 'ao'));
  at.sockets.latest().deliver(snapshot('e2-0', 'ao'));
  assert.deepEqual(at.changes, [[1]]);
});

test('an answer about the own seats that is ahead of a live map makes no gap', async () => {
  const at = await holding();
  at.respond['DELETE unlock'] = async () => {
    throw new TypeError('no network');
  };
  at.respond['GET status'] = statusAnswer('e1-5', { status: 'available' });
  await at.room.unlock(['A-1']);
  await settle();
  assert.deepEqual(at.room.own(), []);
  const socket = at.sockets.latest();
  const sent = socket.sent.length;
  socket.deliver(diff('e1-2', 'e1-4', 'locked', DEADLINE));
  socket.deliver(diff('e1-4', 'e1-6', 'available'));
  assert.equal(socket.sent.length, sent);
  assert.deepEqual(at.room.own(), []);
});

test('a new map without its history has the own seats asked for', async () => {
  const at = await holding();
  at.respond['GET status'] = statusAnswer('e2-3', { status: 'occupied' });
  at.sockets.latest().deliver(snapshot('e2-3', 'oa'));
  await settle();
  assert.deepEqual(at.lost, [{ seatId: 'A-1', reason: 'occupied' }]);
});

test('a question about the own seats that is refused for good is not put again', async () => {
  const at = setUp({ restore: true });
  at.respond['GET status'] = refusal('invalid_query', undefined, 400);
  await at.timers.advance(1_000);
  const asked = at.requests.length;
  at.sockets.latest().deliver(WELCOME);
  at.sockets.latest().deliver(snapshot('e1-1', 'aa'));
  await at.timers.advance(15_000);
  assert.equal(at.requests.length, asked);
});

test('after leaving neither a refusal is told nor a question put again', async () => {
  const at = await holding();
  let answer;
  at.respond['POST lock'] = () => new Promise((resolve) => (answer = resolve));
  const done = at.room.lock(['A-2']);
  at.room.leave();
  answer(await refusal('seats_unavailable', [{ seatId: 'A-2', reason: 'occupied' }])());
  assert.equal((await done).error.code, 'seats_unavailable');
  assert.deepEqual(at.refused, []);

  const unsure = setUp({ restore: true });
  unsure.room.leave();
  await settle();
  await unsure.timers.advance(60_000);
  assert.equal(unsure.requests.length, 1);
});

test('what waits for its turn when the room is left is given back, but not locked any more', async () => {
  const at = live();
  let answer;
  at.respond['POST lock'] = () => new Promise((resolve) => (answer = resolve));
  at.respond['DELETE unlock'] = async () => ({ json: { position: 'e1-3', released: ['A-1'] } });
  const locked = at.room.lock(['A-1']);
  const unlocked = at.room.unlock(['A-1']);
  const again = at.room.lock(['A-1']);
  at.room.leave();
  answer(await lockAnswer('e1-2')());
  assert.deepEqual([await locked, await unlocked], [{ ok: true }, { ok: true }]);
  assert.equal((await again).error.code, 'room_left');
  assert.deepEqual(at.requests.map(({ method }) => method), ['POST', 'DELETE']);
});
