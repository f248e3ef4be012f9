/** What buyers see of each other, and of their own seats. */

import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { action, call, clickSeats, createShowtime, freeSeats, isTold, launch, linkIs, nameOf, open, ownSeats, placeOf, seat, seatsAre, shoot, visit } from './stage.js';

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
  assert.equal(await ownSeats(a).count(), 3);
  assert.match(await ownSeats(a).locator('.countdown').first().textContent(), /^0:0\d$/);
  await shoot(a, 'two-buyers-a.png');
  await shoot(b, 'two-buyers-b.png');

  // Who had them sees for a while that they are lost.
  await Promise.all([seatsAre(a, seats, 'lost'), seatsAre(b, seats, 'available')]);
  assert.equal(await ownSeats(a).count(), 0);
  assert.deepEqual([...a.faults, ...b.faults], []);
});

test('of two buyers who want the same seat at the same moment one has it, and the other is told which it was', async () => {
  const id = await createShowtime();
  const pages = await Promise.all([visit(browser, id), visit(browser, id)]);
  await Promise.all(pages.map((page) => linkIs(page, 'live')));
  const [wanted] = await freeSeats(pages[0], 1);
  const name = await nameOf(pages[0], wanted);
  const places = await Promise.all(pages.map((page) => placeOf(page, wanted)));
  await Promise.all(pages.map((page, at) => page.mouse.click(places[at].x, places[at].y)));

  const has = async (page) => (await ownSeats(page).count()) === 1;
  await Promise.all(pages.map((page) => seat(page, wanted).and(page.locator('[data-status="selected"], [data-status="locked"]')).waitFor({ state: 'attached' })));
  const holding = await Promise.all(pages.map(has));
  // A second click could also have come after the first buyer's lock was seen: then it was answered by the page.
  assert.deepEqual(holding.filter(Boolean), [true]);
  await isTold(pages[holding.indexOf(false)], name);
});

test('an expired lock is told to its holder with the name of the seat', async () => {
  const id = await createShowtime({ lockSeconds: 3 });
  const page = await visit(browser, id);
  await linkIs(page, 'live');
  const [chosen] = await freeSeats(page, 1);
  const name = await nameOf(page, chosen);
  await clickSeats(page, [chosen]);
  await seatsAre(page, [chosen], 'selected');
  await isTold(page, name);
  await seatsAre(page, [chosen], 'lost');
  // Then it is a seat like any other.
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
  await isTold(page, name);
  await seatsAre(page, [chosen], 'locked');
  assert.equal(await ownSeats(page).count(), 0);
});

test('a seat that the box office takes away is said to be lost, not only drawn anew', async () => {
  const id = await createShowtime();
  const page = await visit(browser, id, { user: 'anna' });
  await linkIs(page, 'live');
  const [chosen] = await freeSeats(page, 1);
  const name = await nameOf(page, chosen);
  await clickSeats(page, [chosen]);
  await seatsAre(page, [chosen], 'selected');
  await call('DELETE', `/showtimes/${id}/seats/unlock`, { seats: [chosen], userId: 'anna' });
  await call('PUT', `/showtimes/${id}/seats/block`, { seats: [chosen], reason: 'camera' });
  await isTold(page, name);
  assert.equal(await ownSeats(page).count(), 0);
});

test('a click on an own seat gives it back to everybody, and so does the panel', async () => {
  const id = await createShowtime();
  const [a, b] = await Promise.all([visit(browser, id), visit(browser, id)]);
  await Promise.all([linkIs(a, 'live'), linkIs(b, 'live')]);
  const seats = await freeSeats(a, 2);
  await clickSeats(a, seats);
  await seatsAre(b, seats, 'locked');
  await seatsAre(a, seats, 'selected');
  await clickSeats(a, seats.slice(0, 1));
  await seatsAre(b, seats.slice(0, 1), 'available');
  await ownSeats(a).locator('button.remove').click();
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
  await ownSeats(page).nth(1).waitFor();
  assert.match(await ownSeats(page).locator('.countdown').first().textContent(), /^1[45]:\d\d$/);

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
  const left = ownSeats(page).locator('.countdown');
  await left.first().filter({ hasText: '0:17' }).waitFor();
  await action(page, 'extend').click();
  await left.first().filter({ hasText: /0:(20|19)/ }).waitFor();
  await left.nth(1).filter({ hasText: /0:(20|19)/ }).waitFor();
});

test('before the time is up there is a warning, and one button gives more time', async () => {
  const id = await createShowtime({ lockSeconds: 12 });
  const page = await visit(browser, id);
  await linkIs(page, 'live');
  const seats = await freeSeats(page, 1);
  await clickSeats(page, seats);
  await seatsAre(page, seats, 'selected');
  const warning = page.locator('[data-part="warning"]');
  await warning.waitFor();
  await warning.locator('button.primary').click();
  await warning.waitFor({ state: 'hidden' });
  await seatsAre(page, seats, 'selected');
});

test('a showtime that does not exist is said to be gone', async () => {
  const page = await visit(browser, 'browser-no-such-showtime');
  await linkIs(page, 'offline');
  await page.locator('[data-part="messages"] .message').first().waitFor();
});

test('a plan that is replaced under the visitor is shown without a reload', async () => {
  const id = await createShowtime();
  const page = await visit(browser, id);
  await linkIs(page, 'live');
  await call('PUT', `/showtimes/${id}`, { title: 'The Tempest', startsAt: '2030-01-01T19:30:00.000Z', currency: 'EUR', prices: {}, plan: 'cinema' });
  await page.waitForFunction(() => document.querySelectorAll('seat-map')[0].room?.plan.seats.length === 120);
  await isTold(page, 'This showtime was changed.');
  await linkIs(page, 'live');
  const [chosen] = await freeSeats(page, 1);
  await clickSeats(page, [chosen]);
  await seatsAre(page, [chosen], 'selected');
});

test('texts, money and times follow the language, and the layout a right-to-left one', async () => {
  const id = await createShowtime({ lockSeconds: 90 });
  const page = await visit(browser, id, { query: 'lang=de' });
  await linkIs(page, 'live');
  const [chosen] = await freeSeats(page, 1);
  assert.match(await seat(page, chosen).getAttribute('aria-label'), /Reihe .* Platz .*,00\s€/);
  await clickSeats(page, [chosen]);
  await seatsAre(page, [chosen], 'selected');
  await page.evaluate(() => (document.documentElement.dir = 'rtl'));
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
  await shoot(page, 'right-to-left.png');
});

test('the list of showtimes leads to the map', async () => {
  const id = await createShowtime({ title: 'An evening in the list' });
  const page = await open(browser, '/');
  await page.locator(`[data-showtime="${id}"] a`).first().click();
  await linkIs(page, 'live');
  assert.equal(await page.locator('#title').textContent(), 'An evening in the list');
});
