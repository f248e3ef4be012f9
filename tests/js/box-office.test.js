/** What the box office makes of the server's answers, above all of those that do not come. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { ApiError } from '../../static/js/live/api.js';
import { createBoxOffice } from '../../static/js/live/box-office.js';
import { fakeTimers, settle } from './fakes.js';

const BOOKING = { seats: ['A-1', 'A-2'], bookingId: 'order-1' };
const lost = () => new ApiError({ code: 'outcome_unknown', status: 503 }, 1);
const away = () => new ApiError({ code: 'store_unavailable', status: 503 }, 1);
const refusal = (code) => new ApiError({ code, status: 409, seats: [{ seatId: 'A-1', reason: 'locked' }] }, null);

/** An office whose server gives the answers listed for each action, in order, and then `{}`. */
function office(answers = {}) {
  const timers = fakeTimers();
  const asked = [];
  const answer = (action) => async (showtimeId, body) => {
    asked.push({ action, showtimeId, ...body });
    const next = answers[action]?.shift() ?? {};
    if (next instanceof Error) throw next;
    return next;
  };
  const api = Object.fromEntries(['lock', 'unlock', 'book', 'release', 'block', 'unblock'].map((action) => [action, answer(action)]));
  let users = 0;
  const box = createBoxOffice({ api, timers, random: () => 0.5, freshUser: () => `desk-${(users += 1)}` });
  const actions = () => asked.map((one) => one.action).join(' ');
  /** Waits for an outcome, letting as much time pass as it needs. */
  const ended = async (promise) => {
    await settle();
    await timers.advance(60_000);
    return promise;
  };
  return { box, asked, actions, ended };
}

test('a booking locks for a holder of its own and books those locks', async () => {
  const { box, asked, ended } = office();
  assert.deepEqual(await ended(box.book('gala', BOOKING)), { state: 'done', replayed: false, already: [] });
  assert.deepEqual(asked, [
    { action: 'lock', showtimeId: 'gala', seats: ['A-1', 'A-2'], userId: 'desk-1' },
    { action: 'book', showtimeId: 'gala', seats: ['A-1', 'A-2'], userId: 'desk-1', bookingId: 'order-1' },
  ]);
  await ended(box.book('gala', BOOKING));
  assert.equal(asked[2].userId, 'desk-2');
});

test('seats that cannot be locked are not booked, and the refusal comes back as it is', async () => {
  const error = refusal('seats_unavailable');
  const { box, actions, ended } = office({ lock: [error] });
  assert.deepEqual(await ended(box.book('gala', BOOKING)), { state: 'refused', error, kept: false });
  assert.equal(actions(), 'lock');
});

test('when the booking is refused the locks are given back', async () => {
  const { box, asked, actions, ended } = office({ book: [refusal('booking_conflict')] });
  const outcome = await ended(box.book('gala', BOOKING));
  assert.deepEqual([outcome.state, outcome.error.code, outcome.kept], ['refused', 'booking_conflict', false]);
  assert.equal(actions(), 'lock book unlock');
  assert.deepEqual(asked[2], { action: 'unlock', showtimeId: 'gala', seats: ['A-1', 'A-2'], userId: 'desk-1' });
});

test('locks that cannot be given back are said to be kept', async () => {
  const { box, ended } = office({ book: [refusal('booking_conflict')], unlock: [lost(), lost(), lost(), lost()] });
  const outcome = await ended(box.book('gala', BOOKING));
  assert.deepEqual([outcome.state, outcome.kept], ['refused', true]);
});

test('a booking without a clear answer is asked again in the same words', async () => {
  const { box, asked, ended } = office({ book: [lost(), { replayed: true }] });
  assert.deepEqual(await ended(box.book('gala', BOOKING)), { state: 'done', replayed: true, already: [] });
  assert.deepEqual(asked[1], asked[2]);
});

test('a booking that never gets a clear answer is unknown, keeps its locks, and can be asked again', async () => {
  const { box, asked, actions, ended } = office({ book: [lost(), away(), lost(), lost(), { replayed: true }] });
  const outcome = await ended(box.book('gala', BOOKING));
  assert.equal(outcome.state, 'unknown');
  assert.equal(actions(), 'lock book book book book');
  assert.deepEqual(await ended(outcome.again()), { state: 'done', replayed: true, already: [] });
  assert.deepEqual(asked.at(-1), asked[1]);
});

test('after an unclear attempt the refusal of another because the store is away stays unclear', async () => {
  const { box, ended } = office({ release: [lost(), away(), away(), away()] });
  assert.equal((await ended(box.release('gala', BOOKING))).state, 'unknown');
});

test('a store that is away from the start has changed nothing', async () => {
  const { box, actions, ended } = office({ block: [away()] });
  assert.equal((await ended(box.block('gala', { seats: ['A-1'], reason: 'camera' }))).state, 'refused');
  assert.equal(actions(), 'block');
});

test('a booking refused after an unclear attempt gives the locks back', async () => {
  const { box, actions, ended } = office({ book: [lost(), refusal('lock_lost')] });
  const outcome = await ended(box.book('gala', BOOKING));
  assert.deepEqual([outcome.state, actions()], ['refused', 'lock book book unlock']);
});

test('a lock without a clear answer books nothing and is taken back', async () => {
  const { box, actions, ended } = office({ lock: [lost(), lost(), lost(), lost()] });
  const outcome = await ended(box.book('gala', BOOKING));
  assert.deepEqual([outcome.state, outcome.kept, actions()], ['refused', false, 'lock lock lock lock unlock']);
});

test('seats that were refunded or put back on sale before are not said to be done', async () => {
  const { box, ended } = office({ release: [{ released: ['A-2'] }, { released: [] }], unblock: [{ changed: [] }], block: [{ changed: ['A-1', 'A-2'] }] });
  const { seats } = BOOKING;
  assert.deepEqual((await ended(box.release('gala', BOOKING))).already, ['A-1']);
  assert.deepEqual((await ended(box.release('gala', BOOKING))).already, ['A-1', 'A-2']);
  assert.deepEqual((await ended(box.unblock('gala', { seats }))).already, ['A-1', 'A-2']);
  assert.deepEqual((await ended(box.block('gala', { seats }))).already, []);
});

test('what an attempt without a clear answer may have done is done', async () => {
  const { box, ended } = office({ release: [lost(), { released: [] }], unblock: [lost(), lost(), lost(), lost(), { changed: [] }] });
  assert.deepEqual(await ended(box.release('gala', BOOKING)), { state: 'done', replayed: false, already: [] });
  const unknown = await ended(box.unblock('gala', { seats: BOOKING.seats }));
  assert.deepEqual(await ended(unknown.again()), { state: 'done', replayed: false, already: [] });
});

test('facts of many seats are asked for in addresses of a fair length, and joined', async () => {
  const asked = [];
  const api = { seatFacts: async (showtimeId, seatIds) => (asked.push(seatIds), { seats: seatIds.map((seatId) => ({ seatId })) }) };
  const box = createBoxOffice({ api, timers: fakeTimers(), random: () => 0.5, freshUser: () => 'desk' });
  const short = Array.from({ length: 1_250 }, (_, index) => `A-${index}`);
  const long = Array.from({ length: 50 }, (_, index) => `${'ä'.repeat(90)}${index}`);
  assert.deepEqual((await box.facts('gala', [...short, ...long])).map(({ seatId }) => seatId), [...short, ...long]);
  assert.ok(asked.every((ids) => ids.length <= 100 && encodeURIComponent(ids.join()).length <= 4_300));
  assert.deepEqual(await box.facts('gala', []), []);
});
