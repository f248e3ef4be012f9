/** The custom element under the hands of those who embed it. */

import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { clickSeats, createShowtime, freeSeats, launch, linkIs, open, ownSeats, seatsAre, visit } from './stage.js';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** Waits until the element has opened a room, and says which. */
function roomOf(page, at = 0) {
  return page.waitForFunction((place) => document.querySelectorAll('seat-map')[place]?.room?.showtime.showtimeId, at).then((id) => id.jsonValue());
}

test('an element that is moved keeps its room, one that is removed leaves it', async () => {
  const id = await createShowtime();
  const page = await visit(browser, id);
  await linkIs(page, 'live');
  const same = await page.evaluate(async () => {
    const map = document.querySelector('seat-map');
    const { room } = map;
    document.body.append(map);
    await new Promise((done) => setTimeout(done));
    return map.room === room;
  });
  assert.equal(same, true);
  const gone = await page.evaluate(async () => {
    const map = document.querySelector('seat-map');
    map.remove();
    await new Promise((done) => setTimeout(done));
    return map.room;
  });
  assert.equal(gone, null);
  assert.deepEqual(page.faults, []);
});

test('another showtime, another language and two elements beside each other', async () => {
  const [first, second] = await Promise.all([createShowtime(), createShowtime({ plan: 'cinema', prices: {} })]);
  const page = await visit(browser, first);
  await linkIs(page, 'live');
  await page.evaluate((id) => (document.querySelector('seat-map').showtime = id), second);
  await page.waitForFunction((id) => document.querySelector('seat-map').room?.showtime.showtimeId === id, second);
  await page.evaluate(() => document.querySelector('seat-map').setAttribute('lang', 'de'));
  await page.locator('button[data-seat]', { hasText: /./ }).and(page.locator('[aria-label*="Reihe"]')).first().waitFor({ state: 'attached' });
  await page.evaluate((id) => {
    const other = document.createElement('seat-map');
    other.showtime = id;
    document.querySelector('main').append(other);
  }, first);
  assert.equal(await roomOf(page, 1), first);
  assert.equal(await roomOf(page, 0), second);
});

test('what is set before the element is defined counts, and a client can be shared', async () => {
  const id = await createShowtime();
  const page = await open(browser, '/health/live');
  let sockets = 0;
  page.on('websocket', () => (sockets += 1));
  await page.evaluate(async (showtime) => {
    const { createClient } = await import('/static/js/client.js');
    const client = createClient({ userId: 'shared' });
    const maps = [document.createElement('seat-map'), document.createElement('seat-map')];
    for (const map of maps) Object.assign(map, { client, showtime, marked: [] });
    document.body.append(...maps);
    await import('/static/js/seat-map.js');
  }, id);
  await Promise.all([roomOf(page, 0), roomOf(page, 1)]);
  await linkIs(page, 'live');
  assert.equal(sockets, 1);
  assert.deepEqual(await page.evaluate(() => [...document.querySelectorAll('seat-map')].map((map) => map.room.userId)), ['shared', 'shared']);
});

test('after seatchoose is prevented nothing is held, and readonly holds nothing', async () => {
  const id = await createShowtime();
  const page = await visit(browser, id);
  await linkIs(page, 'live');
  const [wanted] = await freeSeats(page, 1);
  await page.evaluate(() => {
    window.chosen = [];
    document.addEventListener('seatchoose', (event) => {
      window.chosen.push(event.detail.seatId);
      event.preventDefault();
    });
  });
  await clickSeats(page, [wanted]);
  await page.waitForFunction(() => window.chosen.length === 1);
  assert.equal(await ownSeats(page).count(), 0);
  await seatsAre(page, [wanted], 'available');

  const shown = await open(browser, `/showtimes/${id}`, { prepare: (other) => other.addInitScript(() => document.addEventListener('DOMContentLoaded', () => document.querySelector('seat-map').setAttribute('readonly', ''))) });
  await linkIs(shown, 'live');
  await clickSeats(shown, [wanted]);
  await seatsAre(shown, [wanted], 'available');
  assert.equal(await ownSeats(shown).count(), 0);
});

test('modules that could not be had at first come later, and until then nothing is held unseen', async () => {
  const id = await createShowtime();
  let cut = true;
  const prepare = (page) => page.route('**/surroundings.js', (route) => (cut ? route.abort() : route.continue()));
  const page = await visit(browser, id, { prepare });
  await roomOf(page);
  cut = false;
  await linkIs(page, 'live');
  const [wanted] = await freeSeats(page, 1);
  await clickSeats(page, [wanted]);
  await seatsAre(page, [wanted], 'selected');
  await ownSeats(page).first().waitFor();
});

test('the map turns dark with the system', async () => {
  const id = await createShowtime();
  const page = await visit(browser, id, { context: { colorScheme: 'light' } });
  await linkIs(page, 'live');
  const before = await groundOf(page);
  await page.emulateMedia({ colorScheme: 'dark' });
  const deadline = Date.now() + 10_000;
  let now = before;
  while (now >= before && Date.now() < deadline) now = await groundOf(page);
  assert.ok(now < before, `${before} became ${now}`);
});

/** How much red is in the picture of the page at a point of the map where nothing is drawn. */
async function groundOf(page) {
  const { x, y } = await page.locator('seat-map').boundingBox();
  const picture = await page.screenshot({ clip: { x: x + 20, y: y + 90, width: 1, height: 1 } });
  return page.evaluate(async (bytes) => {
    const image = new Image();
    image.src = `data:image/png;base64,${bytes}`;
    await image.decode();
    const context = document.createElement('canvas').getContext('2d');
    context.drawImage(image, 0, 0);
    return context.getImageData(0, 0, 1, 1).data[0];
  }, picture.toString('base64'));
}
