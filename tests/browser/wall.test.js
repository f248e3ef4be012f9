/** The foyer screen: it shows, counts and turns, and locks nothing. */

import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { call, createShowtime, launch } from './stage.js';
import { layWire } from './wire.js';

const BASE = process.env.SEATCAST_URL ?? 'http://127.0.0.1:8080';
const WAIT_MS = 15_000;

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

async function openWall(ids, query = '', base = BASE) {
  const page = await (await browser.newContext({ viewport: { width: 1920, height: 1080 }, locale: 'en-GB' })).newPage();
  page.setDefaultTimeout(WAIT_MS);
  page.faults = [];
  page.sockets = [];
  page.on('pageerror', (error) => page.faults.push(error.message));
  page.on('websocket', (socket) => page.sockets.push(socket));
  await page.clock.install();
  await page.goto(`${base}/wall/${ids.join(',')}${query}`);
  return page;
}

/** Waits until a place on the page reads as it should. */
async function reads(page, id, text) {
  await page.locator(`#${id}:text-is("${text}")`).waitFor();
}

async function seatIds(showtimeId) {
  return (await call('GET', `/showtimes/${showtimeId}/seats/status`)).seats.map((seat) => seat.seatId);
}

test('free seats follow every change, in all and by category', async () => {
  const id = await createShowtime({ plan: 'cinema', prices: { Standard: 12, Premium: 15, 'Love seat': 18 } });
  const page = await openWall([id]);
  await reads(page, 'free', '120');
  const standard = page.locator('#categories li', { hasText: 'Standard' });
  await standard.getByText('68', { exact: true }).waitFor();
  await standard.getByText('€12.00').waitFor();

  const [first, second] = await seatIds(id);
  await call('POST', `/showtimes/${id}/seats/lock`, { seats: [first, second], userId: 'rival' });
  await reads(page, 'free', '118');
  await standard.getByText('66', { exact: true }).waitFor();
  await call('DELETE', `/showtimes/${id}/seats/unlock`, { seats: [first], userId: 'rival' });
  await reads(page, 'free', '119');
  assert.deepEqual(page.faults, []);
});

test('a click on a free seat locks nothing', async () => {
  const id = await createShowtime();
  const page = await openWall([id]);
  await reads(page, 'free', '800');
  const [first] = await seatIds(id);
  const asked = [];
  page.on('request', (request) => request.method() !== 'GET' && asked.push(request.url()));
  const { x, y } = await page.locator('seat-map').evaluate((map, seat) => map.placeOf(seat), first);
  await page.mouse.click(x, y);
  await page.locator('seat-map').press('Enter');
  // Whatever the click asked for would have been answered before this change is shown.
  await call('PUT', `/showtimes/${id}/seats/block`, { seats: [(await seatIds(id)).at(-1)] });
  await reads(page, 'free', '799');
  assert.deepEqual(asked, []);
});

test('several showtimes take turns on one socket, and stay while paused', async () => {
  const ids = await Promise.all(['First', 'Second', 'Third'].map((title) => createShowtime({ title })));
  const page = await openWall(ids, '?turn=30');
  await page.locator('#turn', { hasText: 'of 3' }).waitFor();
  await page.locator('#title', { hasText: /First|Second|Third/ }).waitFor();
  const title = () => page.locator('#title').textContent();
  const before = await title();
  await page.clock.fastForward(30_000);
  const order = ['First', 'Second', 'Third'];
  const next = order[(order.indexOf(before) + 1) % 3];
  await reads(page, 'title', next);
  assert.equal(await page.locator('seat-map[data-shown]').getAttribute('showtime'), ids[order.indexOf(next)]);

  await page.mouse.move(300, 300);
  await page.locator('#pause').click();
  await page.clock.fastForward(120_000);
  assert.equal(await title(), next);
  await page.locator('#next').click();
  await reads(page, 'title', order[(order.indexOf(next) + 1) % 3]);
  assert.equal(page.sockets.length, 1);
  assert.deepEqual(page.faults, []);
});

test('the pointer is hidden when nobody moves it', async () => {
  const page = await openWall([await createShowtime()]);
  await page.locator('seat-map[data-shown]').waitFor();
  await page.mouse.move(200, 200);
  await page.locator('body[data-attended]').waitFor();
  await page.clock.fastForward(3_000);
  await page.locator('body:not([data-attended])').waitFor();
  assert.equal(await page.evaluate(() => getComputedStyle(document.body).cursor), 'none');
});

test('a network cut keeps the last map with its age, and the screen goes on by itself', async (t) => {
  const wire = await layWire(BASE);
  t.after(() => wire.close());
  const id = await createShowtime();
  const page = await openWall([id], '', wire.base);
  await reads(page, 'free', '800');
  wire.cut();
  await page.locator('#badge [data-part="badge"]:not([data-state="live"])').waitFor();
  assert.equal(await page.locator('#free').textContent(), '800');
  const [first] = await seatIds(id);
  await call('PUT', `/showtimes/${id}/seats/block`, { seats: [first] });
  wire.mend();
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
  await reads(page, 'free', '799');
  await page.locator('#badge [data-part="badge"][data-state="live"]').waitFor();
  assert.deepEqual(page.faults, []);
});

test('a showtime that is removed leaves the turn, and with the last one the screen says so', async () => {
  const ids = await Promise.all([createShowtime({ title: 'Stays' }), createShowtime({ title: 'Goes' })]);
  const page = await openWall(ids);
  await page.locator('#turn', { hasText: 'of 2' }).waitFor();
  await call('DELETE', `/showtimes/${ids[1]}`);
  await reads(page, 'title', 'Stays');
  await page.locator('#controls').waitFor({ state: 'hidden' });
  await call('DELETE', `/showtimes/${ids[0]}`);
  await page.locator('#note').getByText('There is nothing to show here').waitFor();
});
