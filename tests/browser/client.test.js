/** The headless client in a program without a page, against the real server: no socket, no event stream, polls. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { createClient } from '../../static/js/client.js';
import { call, createShowtime } from './stage.js';

const BASE = process.env.SEATCAST_URL ?? 'http://127.0.0.1:8080';
const WAIT_MS = 15_000;

/** Waits for a state that an event of the room may bring. */
function until(room, type, isSo) {
  if (isSo()) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const deadline = setTimeout(() => reject(new Error(`no ${type} brought it`)), WAIT_MS);
    room.addEventListener(type, () => {
      if (!isSo()) return;
      clearTimeout(deadline);
      resolve();
    });
  });
}

test('a program locks, extends, gives back, and sees what others do', async (t) => {
  const id = await createShowtime({ plan: 'cinema', prices: {} });
  const client = createClient({ base: BASE, WebSocket: undefined, EventSource: undefined });
  t.after(client.close);
  const room = await client.join(id);
  await until(room, 'seatschange', () => room.statusOf(0) === 'available');
  assert.equal(room.link.state, 'polling');
  const [first, second] = room.plan.seats.map((seat) => seat.id);

  assert.deepEqual(await room.lock([first]), { ok: true });
  assert.deepEqual(room.own().map(({ seatId, phase }) => [seatId, phase]), [[first, 'held']]);
  assert.deepEqual(await room.extend(), { ok: true });
  await call('POST', `/showtimes/${id}/seats/lock`, { seats: [second], userId: 'rival' });
  await until(room, 'seatschange', () => room.statusOf(1) === 'locked');
  const refused = await room.lock([second]);
  assert.deepEqual(refused.error.problem.seats.map(({ seatId, reason }) => [seatId, reason]), [[second, 'locked']]);
  assert.deepEqual(await room.unlock([first]), { ok: true });
  await until(room, 'seatschange', () => room.statusOf(0) === 'available');
});

test('the list of showtimes and a showtime that is not there', async (t) => {
  const id = await createShowtime({ plan: 'cinema', prices: {} });
  const client = createClient({ base: BASE, WebSocket: undefined, EventSource: undefined });
  t.after(client.close);
  assert.ok((await client.showtimes()).some((showtime) => showtime.showtimeId === id));
  await assert.rejects(client.join(`${id}-not`), { name: 'ApiError', code: 'unknown_showtime' });
});
