/** The pages in the visitor's language, and written from right to left. */

import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { PHONE, action, call, createShowtime, freeSeats, isTold, launch, linkIs, open, ownSeats, seat, seatsAre, shoot, visit } from './stage.js';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** Text with every space an ordinary one. */
const spaced = (text) => text.replace(/\s/g, ' ');

test('a visitor who reads German has German words, numbers and refusals', async () => {
  const id = await createShowtime();
  const page = await visit(browser, id, { context: { locale: 'de-DE' } });
  await linkIs(page, 'live');
  assert.equal(await page.locator('html').getAttribute('lang'), 'de');
  const [mine, theirs] = await freeSeats(page, 2);
  assert.equal(spaced(await seat(page, mine).getAttribute('aria-label')), 'Stalls, Reihe A, Platz 1, frei, 95,00 €');

  // Taken at the last moment: the server's own sentence is English.
  await page.route('**/seats/lock', async (route) => {
    await call('POST', `/showtimes/${id}/seats/lock`, { seats: [theirs], userId: 'somebody' });
    await route.continue();
  });
  await page.locator('seat-map').evaluate((map, seats) => map.room.lock(seats), [mine, theirs]);
  await isTold(page, 'Platz 2 ist für jemand anderen reserviert, vorerst bis');
  assert.doesNotMatch(await page.locator('[data-part="messages"]').innerText(), /nothing was locked|seat/);
});

test('the list of showtimes speaks German too', async () => {
  const id = await createShowtime({ title: 'Der Sturm' });
  const page = await open(browser, '/', { context: { locale: 'de-AT' } });
  const entry = page.locator(`[data-showtime="${id}"]`).first();
  await entry.waitFor();
  assert.match(spaced(await entry.innerText()), /800 Plätze/);
  assert.equal(await page.locator('h1').first().innerText(), 'Vorstellungen');
});

test('who reads neither language has English', async () => {
  const page = await visit(browser, await createShowtime(), { context: { locale: 'fi-FI' } });
  await linkIs(page, 'live');
  assert.equal(await page.locator('html').getAttribute('lang'), 'en');
});

for (const [device, context] of [['a desk', {}], ['a telephone', PHONE]]) {
  test(`a language written from right to left turns the page around, but not the hall, on ${device}`, async () => {
    const id = await createShowtime();
    // One more catalogue is all that a language takes. Its words do not matter here, its direction does.
    const addHebrew = (page) =>
      page.route('**/texts/texts.js', async (route) => {
        const response = await route.fetch();
        const code = (await response.text()).replace('CATALOGUES = { en,', 'CATALOGUES = { he: en, en,');
        await route.fulfill({ response, body: code });
      });
    const page = await visit(browser, id, { prepare: addHebrew, context: { ...context, locale: 'he-IL' } });
    await linkIs(page, 'live');
    assert.equal(await page.locator('html').getAttribute('dir'), 'rtl');
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, 'nothing sticks out');

    const [first, second] = await freeSeats(page, 2);
    const places = await page.locator('seat-map').evaluate((map, ids) => ids.map((one) => map.placeOf(one).x), [first, second]);
    assert.ok(places[0] < places[1], 'the hall is as it is');
    await action(page, 'list').click();
    const left = async (id_) => (await seat(page, id_).boundingBox()).x;
    assert.ok((await left(first)) > (await left(second)), 'the list begins at the right');
    await seat(page, first).focus();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Enter');
    await seatsAre(page, [second], 'selected');
    assert.equal(await ownSeats(page).count(), 1);
    await shoot(page, `rtl-${device.replace(/\W/g, '-')}.png`);
    assert.deepEqual(page.faults, []);
  });
}
