/** The box office: sell, refund, block and unblock, and lose a race without harm. */

import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { call, createShowtime, launch } from './stage.js';

const BASE = process.env.SEATCAST_URL ?? 'http://127.0.0.1:8080';
const WAIT_MS = 15_000;
const CINEMA = { plan: 'cinema', prices: { Standard: 12, Premium: 15, 'Love seat': 18 } };

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

async function openDesk(ids) {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 860 }, locale: 'en-GB' })).newPage();
  page.setDefaultTimeout(WAIT_MS);
  page.faults = [];
  page.on('pageerror', (error) => page.faults.push(error.message));
  await page.goto(`${BASE}/desk/${[ids].flat().join(',')}`);
  await page.locator('button[data-seat][data-status="available"]').first().waitFor({ state: 'attached' });
  return page;
}

/** Clicks a seat on the map once it is in view and nothing moves any more. */
async function clickSeat(page, id) {
  const { x, y } = await page.locator('seat-map').evaluate(async (map, seatId) => {
    map.show(seatId);
    let [place, same] = ['', 0];
    while (same < 3) {
      await new Promise((done) => requestAnimationFrame(done));
      const now = JSON.stringify(map.placeOf(seatId));
      same = now === place ? same + 1 : 0;
      place = now;
    }
    return JSON.parse(place);
  }, id);
  await page.mouse.click(x, y);
}

/** Selects seats by typing their names. */
async function pick(page, names) {
  await page.locator('#names').fill(names);
  await page.locator('#names').press('Enter');
}

const picked = (page, id) => page.locator(`[data-picked="${id}"]`);
const isPicked = (page, id, text) => picked(page, id).locator('.facts', { hasText: text }).waitFor();
const logged = (page, state, text) => page.locator(`#done-list li[data-state="${state}"]`, { hasText: text }).first().waitFor();

async function seatsAre(page, ids, status) {
  for (const id of ids) await page.locator(`button[data-seat="${id}"][data-status="${status}"]`).waitFor({ state: 'attached' });
}

async function statuses(showtimeId, ids) {
  // What is true in the store: a poll may be a moment behind.
  const { seats } = await call('GET', `/showtimes/${showtimeId}/seats/facts?seats=${ids.join(',')}`);
  return ids.map((id) => seats.find((one) => one.seatId === id).status);
}

test('seats are selected on the map without being locked, and dropped by a second click', async () => {
  const id = await createShowtime(CINEMA);
  const page = await openDesk(id);
  await clickSeat(page, 'A-1');
  await isPicked(page, 'A-1', 'available');
  await isPicked(page, 'A-1', '€12.00');
  assert.deepEqual(await statuses(id, ['A-1']), ['available']);
  await picked(page, 'A-1').getByRole('button', { name: 'Select the whole row' }).click();
  await page.locator('#count', { hasText: '10 seats' }).waitFor();
  await picked(page, 'A-1').locator('.remove').click();
  await page.locator('#count', { hasText: '9 seats' }).waitFor();
  await clickSeat(page, 'A-2');
  await page.locator('#count', { hasText: '8 seats' }).waitFor();
  await page.locator('#clear').click();
  await page.locator('[data-picked]').first().waitFor({ state: 'detached' });
  assert.deepEqual(page.faults, []);
});

test('by keyboard alone seats are sold under a number, and another desk sees the booking with its seats', async () => {
  const id = await createShowtime(CINEMA);
  const [page, other] = await Promise.all([openDesk(id), openDesk(id)]);
  await pick(page, 'A 3-5, Z 1');
  await page.locator('#names-problems', { hasText: '“Z 1” is no seat of this plan.' }).waitFor();
  await isPicked(page, 'A-5', 'available');
  await page.locator('#booking').fill('order-7');
  await page.locator('#booking').press('Enter');
  await logged(page, 'done', 'Row A, seat 3; Row A, seat 4; Row A, seat 5: sold, booking order-7.');
  assert.deepEqual(await statuses(id, ['A-3', 'A-4', 'A-5']), ['occupied', 'occupied', 'occupied']);

  await pick(other, 'A 4');
  await isPicked(other, 'A-4', 'Booking order-7');
  await isPicked(other, 'A-4', 'with Row A, seat 3; Row A, seat 5');
  await other.getByRole('button', { name: 'All 3 seats of Booking order-7' }).click();
  await isPicked(other, 'A-3', 'sold');
  assert.deepEqual([...page.faults, ...other.faults], []);
});

test('a refund asks first, and frees the selected seats or the whole booking', async () => {
  const id = await createShowtime(CINEMA);
  const page = await openDesk(id);
  await pick(page, 'B 1-4');
  await page.locator('#booking').fill('order-8');
  await page.locator('#book').click();
  await logged(page, 'done', 'booking order-8');

  await pick(page, 'B 1');
  await isPicked(page, 'B-1', 'Booking order-8');
  await page.locator('#release').click();
  await page.locator('#confirm', { hasText: 'The booking has 3 more seats' }).waitFor();
  await page.locator('#confirm [data-choice=""]').click();
  assert.deepEqual(await statuses(id, ['B-1', 'B-2']), ['occupied', 'occupied'], 'no answer is a no');

  await page.locator('#release').click();
  await page.locator('[data-choice="selected"]').click();
  await logged(page, 'done', 'Row B, seat 1: refunded, booking order-8.');
  assert.deepEqual(await statuses(id, ['B-1', 'B-2']), ['available', 'occupied']);

  await pick(page, 'B 2');
  await isPicked(page, 'B-2', 'Booking order-8');
  await page.locator('#release').click();
  await page.locator('[data-choice="whole"]').click();
  await seatsAre(page, ['B-2', 'B-3', 'B-4'], 'available');
  assert.deepEqual(page.faults, []);
});

test('a sale is undone from the log', async () => {
  const id = await createShowtime(CINEMA);
  const page = await openDesk(id);
  await pick(page, 'C 1-2');
  await page.locator('#book').click();
  await logged(page, 'done', 'Row C, seat 1; Row C, seat 2: sold, booking desk-');
  await page.locator('#done-list').getByRole('button', { name: 'Undo' }).click();
  await page.locator('[data-choice="selected"]').click();
  await logged(page, 'done', 'refunded');
  assert.deepEqual(await statuses(id, ['C-1', 'C-2']), ['available', 'available']);
  await page.locator('#done-list').getByRole('button', { name: 'Undo' }).waitFor({ state: 'detached' });
});

test('a block has its reason at another desk, and undoing an unblock brings the reason back', async () => {
  const id = await createShowtime(CINEMA);
  const [page, other] = await Promise.all([openDesk(id), openDesk(id)]);
  await pick(page, 'D 1-2');
  await page.locator('#reason').fill('Camera');
  await page.locator('#block').click();
  await logged(page, 'done', 'taken off sale. Reason: Camera');
  await seatsAre(other, ['D-1', 'D-2'], 'blocked');
  await pick(other, 'D 1-2');
  await isPicked(other, 'D-2', 'Reason: Camera');

  await other.locator('#unblock').click();
  await logged(other, 'done', 'put back on sale');
  assert.deepEqual(await statuses(id, ['D-1', 'D-2']), ['available', 'available']);
  await other.locator('#done-list').getByRole('button', { name: 'Undo: Row D, seat 1; Row D, seat 2: put back on sale.' }).click();
  await seatsAre(page, ['D-1', 'D-2'], 'blocked');
  await pick(page, 'D 1');
  await isPicked(page, 'D-1', 'Reason: Camera');
  assert.deepEqual([...page.faults, ...other.faults], []);
});

test('a seat that a buyer locks meanwhile is said to have changed', async () => {
  const id = await createShowtime(CINEMA);
  const page = await openDesk(id);
  await pick(page, 'E 1-2');
  await isPicked(page, 'E-1', 'available');
  await call('POST', `/showtimes/${id}/seats/lock`, { seats: ['E-1'], userId: 'buyer' });
  await page.locator('#changed', { hasText: 'Row E, seat 1 was available when you selected it and is held by someone else now.' }).waitFor();
  await isPicked(page, 'E-1', 'until');
  assert.equal(await page.locator('#book').getAttribute('aria-disabled'), 'true');
  await page.getByRole('button', { name: 'Only available (1)' }).click();
  await picked(page, 'E-1').waitFor({ state: 'detached' });
  assert.equal(await page.locator('#changed p').count(), 0);
  assert.equal(await page.locator('#book').getAttribute('aria-disabled'), 'false');
});

test('a race lost to a buyer sells nothing, names the seat and leaves no lock behind', async () => {
  const id = await createShowtime(CINEMA);
  const page = await openDesk(id);
  await pick(page, 'F 1-3');
  // The buyer's lock lands while the sale is on its way: the desk still shows the seat as free.
  await page.route('**/seats/lock', async (route) => {
    await call('POST', `/showtimes/${id}/seats/lock`, { seats: ['F-2'], userId: 'buyer' });
    await route.continue();
  });
  await page.locator('#book').click();
  await logged(page, 'refused', 'Row F, seat 2 is held by someone else');
  assert.deepEqual(await statuses(id, ['F-1', 'F-2', 'F-3']), ['available', 'locked', 'available']);
  await page.locator('#changed', { hasText: 'Row F, seat 2 was available when you selected it' }).waitFor();
  assert.equal(await page.locator('#changed p').count(), 1, 'what the sale itself did is no news');
  assert.equal(await page.locator('#done-list [data-state="done"]').count(), 0);
});

test('when the sale is refused after the lock, the lock is given back', async () => {
  const id = await createShowtime(CINEMA);
  await call('POST', `/showtimes/${id}/seats/lock`, { seats: ['G-1'], userId: 'buyer' });
  await call('POST', `/showtimes/${id}/seats/book`, { seats: ['G-1'], userId: 'buyer', bookingId: 'taken' });
  const page = await openDesk(id);
  await pick(page, 'G 2-3');
  await page.locator('#booking').fill('taken');
  await page.locator('#book').click();
  await logged(page, 'refused', 'Row G, seat 2; Row G, seat 3');
  assert.deepEqual(await statuses(id, ['G-2', 'G-3']), ['available', 'available']);
});

test('a sale whose answers are lost is not shown as done until the server has said so', async () => {
  const id = await createShowtime(CINEMA);
  const page = await openDesk(id);
  await pick(page, 'H 1');
  let cut = true;
  await page.route('**/seats/book', async (route) => {
    if (!cut) return route.continue();
    await route.fetch();
    return route.abort('connectionreset');
  });
  await page.locator('#booking').fill('order-9');
  await page.locator('#book').click();
  await logged(page, 'unknown', 'Row H, seat 1: not known whether sold (booking order-9).');
  assert.equal(await page.locator('#done-list [data-state="done"]').count(), 0);
  cut = false;
  await page.locator('#done-list').getByRole('button', { name: 'Ask again' }).click();
  await logged(page, 'done', 'Row H, seat 1: sold, booking order-9.');
  assert.deepEqual(await statuses(id, ['H-1']), ['occupied']);
});

test('a clerk changes between showtimes, and no selection goes along', async () => {
  const ids = await Promise.all([createShowtime({ ...CINEMA, title: 'Matinee' }), createShowtime({ ...CINEMA, title: 'Evening' })]);
  const page = await openDesk(ids);
  await page.locator('#title', { hasText: 'Matinee' }).waitFor();
  await pick(page, 'A 1');
  await isPicked(page, 'A-1', 'available');
  await page.locator('#which').selectOption({ value: ids[1] });
  await page.locator('#title', { hasText: 'Evening' }).waitFor();
  await page.locator('[data-picked]').first().waitFor({ state: 'detached' });
  await pick(page, 'A 2');
  await page.locator('#book').click();
  await logged(page, 'done', 'Row A, seat 2: sold');
  assert.deepEqual(await Promise.all(ids.map((id) => statuses(id, ['A-2']))), [['available'], ['occupied']]);
  assert.deepEqual(page.faults, []);
});

test('a sale that is answered after the clerk has gone on is logged, and leaves the next showtime as it is', async () => {
  const ids = await Promise.all([createShowtime({ ...CINEMA, title: 'Matinee' }), createShowtime({ ...CINEMA, title: 'Evening' })]);
  const page = await openDesk(ids);
  let answer;
  const asked = new Promise((arrived) => {
    page.route('**/seats/book', async (route) => {
      await new Promise((now) => {
        answer = now;
        arrived();
      });
      await route.continue();
    });
  });
  await pick(page, 'A 1');
  await isPicked(page, 'A-1', 'available');
  await page.locator('#book').click();
  await asked;
  await page.locator('#which').selectOption({ value: ids[1] });
  await page.locator('#title', { hasText: 'Evening' }).waitFor();
  await pick(page, 'B 1-2');
  await isPicked(page, 'B-2', 'available');
  answer();
  await logged(page, 'done', 'Row A, seat 1: sold');
  assert.deepEqual(await page.locator('[data-picked]').evaluateAll((all) => all.map((one) => one.dataset.picked)), ['B-1', 'B-2']);
  assert.equal(await page.locator('#count').textContent(), '2 seats');
  await page.locator('#block').click();
  await logged(page, 'done', 'Row B, seat 1; Row B, seat 2: taken off sale.');
  assert.deepEqual(page.faults, []);
});

test('a sale that another desk has refunded is not said to be refunded by undoing it', async () => {
  const id = await createShowtime(CINEMA);
  const page = await openDesk(id);
  await pick(page, 'C 3');
  await page.locator('#booking').fill('order-12');
  await page.locator('#book').click();
  await logged(page, 'done', 'Row C, seat 3: sold, booking order-12.');
  await call('POST', `/showtimes/${id}/seats/release`, { seats: ['C-3'], bookingId: 'order-12' });
  await page.locator('#done-list').getByRole('button', { name: 'Undo' }).click();
  await page.locator('[data-choice="selected"]').click();
  await logged(page, 'already', 'Row C, seat 3: already refunded before, booking order-12.');
  assert.equal(await page.locator('#done-list [data-state="done"]').count(), 1, 'the sale alone');
  assert.deepEqual(page.faults, []);
});
