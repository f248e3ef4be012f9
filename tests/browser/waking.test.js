/** Pages that slept, servers that died, lines that went silent: what is on screen afterwards is true. */

import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { call, clickSeats, createShowtime, freeSeats, isTold, launch, linkIs, nameOf, ownSeats, placeOf, seatsAre, visit } from './stage.js';
import { startServer, unavailable } from './servers.js';
import { layWire } from './wire.js';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** Lets the page sleep as a telephone in a pocket does, and wakes it. */
async function sleepiness(page) {
  const session = await page.context().newCDPSession(page);
  const set = (/** @type {'frozen' | 'active'} */ state) => session.send('Page.setWebLifecycleState', { state });
  return {
    sleep: () => set('frozen'),
    async wake() {
      await set('active');
      await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
    },
  };
}

test('a page that slept while its line died shows what became of the seats as soon as it wakes', { skip: unavailable }, async (t) => {
  const server = await startServer();
  t.after(() => server.kill());
  const wire = await layWire(server.base);
  t.after(() => wire.close());
  const id = await createShowtime({ lockSeconds: 4 }, server.base);
  const page = await visit(browser, id, { base: wire.base });
  await linkIs(page, 'live');
  const [own, other] = await freeSeats(page, 2);
  const name = await nameOf(page, own);
  await clickSeats(page, [own]);
  await seatsAre(page, [own], 'selected');

  const { sleep, wake } = await sleepiness(page);
  await sleep();
  wire.deaden();
  await call('POST', `/showtimes/${id}/seats/lock`, { seats: [other], userId: 'rival' }, server.base);
  await call('POST', `/showtimes/${id}/seats/book`, { seats: [other], userId: 'rival', bookingId: 'b-1' }, server.base);
  await freed(server.base, id, own);
  await wake();

  await Promise.all([seatsAre(page, [other], 'occupied'), seatsAre(page, [own], 'lost')]);
  await linkIs(page, 'live');
  await isTold(page, name);
  assert.equal(await ownSeats(page).count(), 0);
});

/** Waits until a seat is free on the server. */
async function freed(base, id, seatId) {
  const deadline = Date.now() + 15_000;
  while (Date.now() < deadline) {
    const { seats } = await call('GET', `/showtimes/${id}/seats/status`, undefined, base);
    if (seats.find((seat) => seat.seatId === seatId).status === 'available') return;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`${seatId} is not free`);
}

test('a server that dies after it took a lock and before it said so: the page finds its seat when the server is back', { skip: unavailable }, async (t) => {
  let server = await startServer();
  t.after(() => server.kill());
  const id = await createShowtime({}, server.base);
  const page = await visit(browser, id, { base: server.base });
  await linkIs(page, 'live');
  const [held, wanted] = await freeSeats(page, 2);
  await clickSeats(page, [held]);
  await seatsAre(page, [held], 'selected');

  const place = await placeOf(page, wanted);
  await page.route('**/seats/lock', async (route) => {
    await route.fetch();
    await server.kill();
    await route.abort();
  });
  await page.mouse.click(place.x, place.y);
  await page.locator('[data-part="badge"]:not([data-state="live"])').first().waitFor({ state: 'attached' });
  // Before it knows more, it shows the seat that was confirmed as its own, and takes nothing else for granted.
  await seatsAre(page, [held], 'selected');
  await page.unroute('**/seats/lock');

  server = await startServer({ port: server.port });
  await linkIs(page, 'live');
  await seatsAre(page, [held, wanted], 'selected');
  assert.equal(await ownSeats(page).count(), 2);
});

test('a lock that never reached a dying server is taken back, and the seat is named', { skip: unavailable }, async (t) => {
  let server = await startServer();
  t.after(() => server.kill());
  const id = await createShowtime({}, server.base);
  const page = await visit(browser, id, { base: server.base });
  await linkIs(page, 'live');
  const [wanted] = await freeSeats(page, 1);
  const name = await nameOf(page, wanted);
  const place = await placeOf(page, wanted);
  await server.kill();
  await page.mouse.click(place.x, place.y);
  await isTold(page, name);
  server = await startServer({ port: server.port });
  await linkIs(page, 'live');
  await seatsAre(page, [wanted], 'available');
  await clickSeats(page, [wanted]);
  await seatsAre(page, [wanted], 'selected');
});
