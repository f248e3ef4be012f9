/** The kiosk: several showtimes on one socket, visits that end, a network that goes away. */

import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { call, createShowtime, launch } from './stage.js';
import { layWire } from './wire.js';

const BASE = process.env.SEATCAST_URL ?? 'http://127.0.0.1:8080';
const WAIT_MS = 15_000;
const IDLE_MS = 60_000;
const ASK_MS = 20_000;

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** Opens a kiosk whose clock can be moved on, and counts the sockets that it opens. */
async function openKiosk(ids, query = '', base = BASE) {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 860 }, locale: 'en-GB', reducedMotion: 'reduce' })).newPage();
  page.setDefaultTimeout(WAIT_MS);
  page.faults = [];
  page.sockets = [];
  page.on('pageerror', (error) => page.faults.push(error.message));
  page.on('websocket', (socket) => page.sockets.push(socket));
  await page.clock.install();
  await page.goto(`${base}/kiosk/${ids.join(',')}${query}`);
  return page;
}

const tile = (page, id) => page.locator(`[data-tile="${id}"] button`);
const seat = (page, id) => page.locator(`button[data-seat="${id}"]`);
const openSockets = (page) => page.sockets.filter((socket) => !socket.isClosed()).length;

async function freeSeats(page, count) {
  const free = page.locator('button[data-seat][data-status="available"]');
  await free.first().waitFor({ state: 'attached' });
  return free.evaluateAll((all, most) => all.slice(0, most).map((one) => one.dataset.seat), count);
}

/** Chooses a seat on the map, where a finger would. */
async function choose(page, id) {
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
  await seatsAre(page, [id], 'selected');
}

async function seatsAre(page, ids, status) {
  for (const id of ids) await seat(page, id).and(page.locator(`[data-status="${status}"]`)).waitFor({ state: 'attached' });
}

async function statuses(showtimeId, ids) {
  const { seats } = await call('GET', `/showtimes/${showtimeId}/seats/status`);
  return ids.map((id) => seats.find((one) => one.seatId === id).status);
}

/** Waits until the server says that the seats have a status. */
async function serverSays(showtimeId, ids, status) {
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    const now = await statuses(showtimeId, ids);
    if (now.every((one) => one === status)) return;
    assert.ok(Date.now() < deadline, `the seats are ${now}, not ${status}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

test('several showtimes are on one socket, with their free seats live', async () => {
  const ids = await Promise.all([createShowtime(), createShowtime({ plan: 'cinema', prices: {}, title: 'Late show' })]);
  const page = await openKiosk(ids);
  await tile(page, ids[0]).getByText('800 seats free').waitFor();
  await tile(page, ids[1]).getByText('120 seats free').waitFor();
  const [first] = (await call('GET', `/showtimes/${ids[1]}/seats/status`)).seats;
  await call('POST', `/showtimes/${ids[1]}/seats/lock`, { seats: [first.seatId], userId: 'rival' });
  await tile(page, ids[1]).getByText('119 seats free').waitFor();

  await tile(page, ids[0]).click();
  const [chosen] = await freeSeats(page, 1);
  await choose(page, chosen);
  await page.locator('#overview').click();
  await tile(page, ids[0]).getByText('1 seat held for you').waitFor();
  await tile(page, ids[1]).click();
  await seatsAre(page, [first.seatId], 'locked');
  assert.equal(page.sockets.length, 1);
  assert.deepEqual(page.faults, []);
});

test('after the idle time and the question everything held is free for others at once, and the next visitor has none of it', async () => {
  const ids = await Promise.all([createShowtime(), createShowtime()]);
  const page = await openKiosk(ids);
  await tile(page, ids[0]).click();
  const seats = await freeSeats(page, 2);
  for (const id of seats) await choose(page, id);
  await serverSays(ids[0], seats, 'locked');

  // The clock goes on by itself as well, so the last stretch is not cut too fine; the exact moment is the model's test.
  await page.clock.fastForward(IDLE_MS - 15_000);
  assert.equal(await page.locator('#ask').isVisible(), false);
  await page.clock.fastForward(15_000);
  await page.locator('#ask').waitFor();
  await page.locator('#ask-left').getByText('Your seats are given back in').waitFor();
  await page.clock.fastForward(ASK_MS);
  await tile(page, ids[0]).waitFor();
  assert.equal(await page.locator('#ask').isVisible(), false);
  await serverSays(ids[0], seats, 'available');

  await tile(page, ids[0]).click();
  await seatsAre(page, seats, 'available');
  assert.equal(await page.locator('[data-own]').count(), 0);
  await choose(page, seats[0]);
  assert.equal(page.sockets.length, 1);
  assert.deepEqual(page.faults, []);
});

test('who answers the question keeps the seats', async () => {
  const id = await createShowtime();
  const page = await openKiosk([id], '?idle=30');
  const [chosen] = await freeSeats(page, 1);
  await choose(page, chosen);
  await page.clock.fastForward(30_000);
  await page.locator('#ask-stay').click();
  await page.locator('#ask').waitFor({ state: 'hidden' });
  await page.clock.fastForward(15_000);
  assert.equal(await page.locator('#ask').isVisible(), false);
  assert.deepEqual(await statuses(id, [chosen]), ['locked']);
  await page.clock.fastForward(15_000);
  await page.locator('#ask').waitFor();
});

test('"Start again" ends the visit of a single showtime and opens its map for the next visitor', async () => {
  const id = await createShowtime();
  const page = await openKiosk([id]);
  const [chosen, suggested] = await freeSeats(page, 2);
  await choose(page, chosen);
  // Seats do not come by a choice on the map alone: the search for seats together locks them in one go.
  await page.locator('seat-map').evaluate((map, seat) => map.lock([seat]), suggested);
  await page.locator('#leave').click();
  await serverSays(id, [chosen, suggested], 'available');
  await seatsAre(page, [chosen, suggested], 'available');
  assert.equal(await page.locator('[data-own]').count(), 0);
  assert.equal(await page.locator('#leave').isVisible(), false);
});

test('a visit that ends while the network is cut gives its seats back when the network is', async (t) => {
  const wire = await layWire(BASE);
  t.after(() => wire.close());
  const ids = await Promise.all([createShowtime(), createShowtime()]);
  const page = await openKiosk(ids, '', wire.base);
  await tile(page, ids[0]).click();
  const [chosen] = await freeSeats(page, 1);
  await choose(page, chosen);

  wire.cut();
  await page.locator('[data-part="badge"]:not([data-state="live"])').first().waitFor();
  assert.equal(await seat(page, chosen).getAttribute('data-status'), 'selected', 'the last map stays');
  await page.locator('#leave').click();
  await tile(page, ids[0]).getByText('as of').waitFor();
  assert.equal(await tile(page, ids[0]).getByText('held for you').count(), 0);
  assert.deepEqual(await statuses(ids[0], [chosen]), ['locked']);

  wire.mend();
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
  await serverSays(ids[0], [chosen], 'available');
  await tile(page, ids[0]).getByText('800 seats free').waitFor();
  await tile(page, ids[0]).click();
  await seatsAre(page, [chosen], 'available');
  assert.equal(openSockets(page), 1);
  assert.deepEqual(page.faults, []);
});

test('a kiosk that is loaded anew gives back what was held before', async () => {
  const id = await createShowtime();
  const page = await openKiosk([id]);
  const [chosen] = await freeSeats(page, 1);
  await choose(page, chosen);
  await page.reload();
  await serverSays(id, [chosen], 'available');
  await seatsAre(page, [chosen], 'available');
});

test('a showtime that is removed disappears, also from under a visitor, and comes back by itself', async () => {
  const ids = await Promise.all([createShowtime({ title: 'Removed soon' }), createShowtime()]);
  const page = await openKiosk(ids);
  await tile(page, ids[0]).click();
  await freeSeats(page, 1);
  await call('DELETE', `/showtimes/${ids[0]}`);
  await page.locator('#note').getByText('Removed soon is no longer offered.').waitFor();
  await tile(page, ids[0]).waitFor({ state: 'detached' });
  await tile(page, ids[1]).waitFor();
  const showtime = { title: 'Back again', startsAt: '2030-01-01T19:30:00.000Z', currency: 'EUR', prices: {}, plan: 'cinema' };
  await call('PUT', `/showtimes/${ids[0]}`, showtime);
  await page.clock.fastForward(20_000);
  await tile(page, ids[0]).getByText('120 seats free').waitFor();
  assert.deepEqual(page.faults, []);
});

test('what is touched is large, and neither a pinch nor a long press leaves the page', async () => {
  const id = await createShowtime();
  const page = await openKiosk([id, await createShowtime()]);
  await tile(page, id).click();
  for (const button of await page.locator('.kiosk button:not(.cursor):visible').all()) {
    const { width, height } = await button.boundingBox();
    assert.ok(Math.min(width, height) >= 56, `${await button.textContent()} is ${width} by ${height}`);
  }
  const left = await page.evaluate(() => document.body.dispatchEvent(new Event('contextmenu', { bubbles: true, cancelable: true })));
  assert.equal(left, false);
  assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).touchAction), 'pan-x pan-y');
});
