/** The element in a page of another site: two lines, and the server that its script came from. */

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { startServer, unavailable } from './servers.js';
import { call, createShowtime, launch, open } from './stage.js';

/** @type {import('playwright-core').Browser} */
let browser;
let shop, stranger, server, store;

before(async () => {
  if (unavailable) return;
  store = await mkdtemp(join(tmpdir(), 'seatcast-embed-'));
  [browser, shop, stranger] = await Promise.all([launch(), openShop(), openShop()]);
  server = await startServer({ store: `embedded:${store}`, origins: shop.origin });
});

after(async () => {
  await server?.kill();
  shop?.close();
  stranger?.close();
  await browser?.close();
  if (store) await rm(store, { recursive: true, force: true });
});

/** Another site, whose pages have the element in them. */
async function openShop() {
  const site = createServer((request, response) => {
    const id = new URL(request.url ?? '/', 'http://shop').searchParams.get('showtime');
    response.setHeader('Content-Type', 'text/html');
    response.end(`<!doctype html><title>Shop</title>
      <script type="module" src="${server.base}/static/js/seat-map.js"></script>
      <seat-map showtime="${id}" user="anna"></seat-map>`);
  });
  await new Promise((done) => site.listen(0, '127.0.0.1', done));
  return { origin: `http://127.0.0.1:${site.address().port}`, close: () => site.close() };
}

/** Waits until a seat of the element's has a status. */
async function seatIs(page, seatId, status) {
  await page.locator(`seat-map [data-seat="${seatId}"][data-status="${status}"]`).waitFor({ state: 'attached' });
}

test('a page of a listed site shows what others lock, and locks', { skip: unavailable }, async () => {
  const id = await createShowtime({ plan: 'cinema', prices: {} }, server.base);
  const asked = [];
  const prepare = async (page) => {
    page.on('request', (request) => asked.push(new URL(request.url())));
    await page.addInitScript(() => addEventListener('ready', (event) => (globalThis.opened = event.detail.showtime)));
  };
  const page = await open(browser, `/?showtime=${id}`, { base: shop.origin, prepare });
  await page.waitForFunction(() => globalThis.opened);
  assert.equal(await page.evaluate(() => globalThis.opened.showtimeId), id);

  await call('POST', `/showtimes/${id}/seats/lock`, { seats: ['A-1'], userId: 'rival' }, server.base);
  await seatIs(page, 'A-1', 'locked');
  const locked = await page.evaluate(() => document.querySelector('seat-map').lock(['B-2']));
  assert.deepEqual(locked, { ok: true });
  await seatIs(page, 'B-2', 'selected');
  assert.deepEqual(page.faults, []);

  // Whatever was loaded beside the page came from the server, and all modules from one version of it.
  const beside = asked.filter((url) => url.origin !== shop.origin);
  assert.deepEqual([...new Set(beside.map((url) => url.host))], [new URL(server.base).host]);
  const modules = beside.filter((url) => url.pathname.endsWith('.js') && url.pathname !== '/static/js/seat-map.js');
  const versions = new Set(modules.map((url) => url.pathname.split('/')[2]));
  assert.equal(versions.size, 1);
  assert.match([...versions][0], /^v-/);
});

test('a page of a listed site goes on by event stream where no WebSocket gets through', { skip: unavailable }, async () => {
  const id = await createShowtime({ plan: 'cinema', prices: {} }, server.base);
  const prepare = (page) => page.addInitScript(() => Reflect.deleteProperty(globalThis, 'WebSocket'));
  const page = await open(browser, `/?showtime=${id}`, { base: shop.origin, prepare });
  await seatIs(page, 'A-1', 'available');
  await call('POST', `/showtimes/${id}/seats/lock`, { seats: ['A-1'], userId: 'rival' }, server.base);
  await seatIs(page, 'A-1', 'locked');
  assert.deepEqual(page.faults, []);
});

test('a page of a site that is not listed gets the element, and no seats', { skip: unavailable }, async () => {
  const id = await createShowtime({ plan: 'cinema', prices: {} }, server.base);
  const page = await open(browser, `/?showtime=${id}`, { base: stranger.origin });
  await page.waitForFunction(() => customElements.get('seat-map'));
  await page.waitForFunction((base) => performance.getEntriesByType('resource').some((entry) => entry.name.startsWith(`${base}/api/`)), server.base);
  assert.equal(await page.evaluate(() => document.querySelector('seat-map').room), null);
  assert.equal(await page.locator('seat-map [data-seat]').count(), 0);
});
