/** What visitors see of each other on one map. */

import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { call, clickSeats, createShowtime, freeSeats, isTold, launch, linkIs, nameOf, openList, seat, seatsAre, shoot, visit } from './stage.js';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

test('three seats locked by one buyer are locked for another, and free again when their time is up', async () => {
  const id = await createShowtime({ lockSeconds: 5 });
  const [a, b] = await Promise.all([visit(browser, id), visit(browser, id)]);
  await Promise.all([linkIs(a, 'live'), linkIs(b, 'live')]);
  const seats = await freeSeats(a, 3);

  await clickSeats(a, seats);
  await Promise.all([seatsAre(a, seats, 'selected'), seatsAre(b, seats, 'locked')]);
  assert.equal(await a.locator('#own-list [data-own]').count(), 3);
  assert.match(await a.locator('#own-list .countdown').first().textContent(), /^0:0\d$/);
  await shoot(a, 'two-buyers-a.png');
  await shoot(b, 'two-buyers-b.png');

  await Promise.all([seatsAre(a, seats, 'available'), seatsAre(b, seats, 'available')]);
  assert.equal(await a.locator('#own-list [data-own]').count(), 0);
  assert.deepEqual([...a.faults, ...b.faults], []);
});

test('an expired lock is told to its holder with the name of the seat', async () => {
  const id = await createShowtime({ lockSeconds: 3 });
  const page = await visit(browser, id);
  await linkIs(page, 'live');
  const [chosen] = await freeSeats(page, 1);
  const name = await nameOf(page, chosen);
  await clickSeats(page, [chosen]);
  await seatsAre(page, [chosen], 'selected');
  await isTold(page, `${name} is up`);
  await seatsAre(page, [chosen], 'available');
});

test('a refused lock rolls back and names the seat', async () => {
  const id = await createShowtime();
  const page = await visit(browser, id);
  await linkIs(page, 'live');
  const [chosen] = await freeSeats(page, 1);
  const name = await nameOf(page, chosen);
  // The rival's lock lands while ours is on its way: the page still shows the seat as free when it is clicked.
  await page.route('**/seats/lock', async (route) => {
    await call('POST', `/showtimes/${id}/seats/lock`, { seats: [chosen], userId: 'rival' });
    await route.continue();
  });
  await clickSeats(page, [chosen]);
  await isTold(page, `${name} is held by someone else`);
  await seatsAre(page, [chosen], 'locked');
  assert.equal(await page.locator('#own-list [data-own]').count(), 0);
});

test('a click on an own seat gives it back to everybody', async () => {
  const id = await createShowtime();
  const [a, b] = await Promise.all([visit(browser, id), visit(browser, id)]);
  await Promise.all([linkIs(a, 'live'), linkIs(b, 'live')]);
  const seats = await freeSeats(a, 2);
  await clickSeats(a, seats);
  await seatsAre(b, seats, 'locked');
  await clickSeats(a, seats.slice(0, 1));
  await seatsAre(b, seats.slice(0, 1), 'available');
  await a.locator('#own-list .remove').click();
  await seatsAre(b, seats, 'available');
});

test('a reload brings the own seats back, a second tab is a second visitor', async () => {
  const id = await createShowtime();
  const page = await visit(browser, id);
  await linkIs(page, 'live');
  const seats = await freeSeats(page, 2);
  await clickSeats(page, seats);
  await seatsAre(page, seats, 'selected');

  await page.reload();
  await seatsAre(page, seats, 'selected');
  await page.locator('#own-list [data-own]').nth(1).waitFor();
  assert.match(await page.locator('#own-list .countdown').first().textContent(), /^1[45]:\d\d$/);

  const second = await page.context().newPage();
  await second.goto(page.url());
  await seatsAre(second, seats, 'locked');
});

test('more time is a new deadline for every own seat', async () => {
  const id = await createShowtime({ lockSeconds: 20 });
  const page = await visit(browser, id);
  await linkIs(page, 'live');
  const seats = await freeSeats(page, 2);
  await clickSeats(page, seats);
  await seatsAre(page, seats, 'selected');
  const left = page.locator('#own-list .countdown');
  await left.first().filter({ hasText: '0:17' }).waitFor();
  await page.locator('#extend').click();
  await left.first().filter({ hasText: /0:(20|19)/ }).waitFor();
  await left.nth(1).filter({ hasText: /0:(20|19)/ }).waitFor();
});

test('seats are reached and reserved by keyboard', async () => {
  const id = await createShowtime();
  const page = await visit(browser, id);
  await linkIs(page, 'live');
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('data-seat'));
  const [first] = await freeSeats(page, 1);
  await seat(page, first).focus();
  await page.keyboard.press('ArrowDown');
  const next = await focused();
  const [above, below] = await Promise.all([seat(page, first).boundingBox(), seat(page, next).boundingBox()]);
  assert.ok(below.y > above.y);
  await page.keyboard.press('Enter');
  await seatsAre(page, [next], 'selected');
  assert.match(await seat(page, next).getAttribute('aria-label'), /yours for now/);
  assert.equal(await focused(), next);
});

test('a drag moves the map and reserves nothing, the wheel zooms, fit goes back', async () => {
  const id = await createShowtime();
  const page = await visit(browser, id);
  await linkIs(page, 'live');
  const map = page.locator('#map');
  const start = await map.getAttribute('viewBox');
  const [chosen] = await freeSeats(page, 1);
  const box = await seat(page, chosen).boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + 80, box.y + 60, { steps: 5 });
  await page.mouse.up();
  await page.waitForFunction((before) => document.querySelector('#map').getAttribute('viewBox') !== before, start);
  await page.mouse.wheel(0, -400);
  const width = Number(start.split(' ')[2]);
  await page.waitForFunction((before) => Number(document.querySelector('#map').getAttribute('viewBox').split(' ')[2]) < before * 0.8, width);
  await page.locator('#zoom-fit').click();
  await page.waitForFunction((before) => document.querySelector('#map').getAttribute('viewBox') === before, start);
  await seatsAre(page, [chosen], 'available');
});

test('on a telephone the first tap looks closer and the next one reserves', async () => {
  const id = await createShowtime();
  const page = await visit(browser, id, { context: { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true } });
  await linkIs(page, 'live');
  const [chosen] = await freeSeats(page, 1);
  const radius = async () => (await seat(page, chosen).boundingBox()).width / 2;
  for (let tap = 0; tap < 4 && (await radius()) < 5; tap += 1) {
    const before = await page.locator('#map').getAttribute('viewBox');
    await seat(page, chosen).tap();
    await page.waitForFunction((old) => document.querySelector('#map').getAttribute('viewBox') !== old, before);
  }
  await seat(page, chosen).tap();
  await seatsAre(page, [chosen], 'selected');
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false);
});

test('an arena of 20,000 seats opens, moves and takes a reservation', async () => {
  const id = await createShowtime({ plan: 'arena', prices: {} });
  const page = await visit(browser, id);
  await linkIs(page, 'live');
  assert.equal(await page.locator('[data-seat]').count(), 20_000);
  const map = page.locator('#map');
  const whole = await map.getAttribute('viewBox');
  const [chosen] = await freeSeats(page, 1);
  const box = await seat(page, chosen).boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.wheel(0, -900);
  await page.waitForFunction((before) => document.querySelector('#map').getAttribute('viewBox') !== before, whole);
  await clickSeats(page, [chosen]);
  await seatsAre(page, [chosen], 'selected');
});

test('a showtime that does not exist is said to be gone', async () => {
  const page = await visit(browser, 'browser-no-such-showtime');
  await linkIs(page, 'offline');
  await isTold(page, 'cannot be shown');
});

test('the list leads to the map', async () => {
  const id = await createShowtime({ title: 'An evening in the list' });
  const page = await openList(browser);
  await page.locator(`[data-showtime="${id}"] a`).click();
  await linkIs(page, 'live');
  assert.equal(await page.locator('#title').textContent(), 'An evening in the list');
});
