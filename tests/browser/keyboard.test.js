/** Everything by keyboard alone. */

import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { action, createShowtime, launch, linkIs, open, ownSeats, seatsAre } from './stage.js';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** What has the focus, through open shadow roots. */
function focused(page) {
  return page.evaluate(() => {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    const { seat = null, seatFocus = null, action = null } = element?.dataset ?? {};
    return { seat, onMap: seatFocus, action, pressed: element?.getAttribute('aria-pressed') ?? null, name: element?.getAttribute('aria-label') ?? element?.textContent };
  });
}

/** Presses Tab until the focus is where it is wanted. */
async function tabTo(page, isThere) {
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press('Tab');
    const now = await focused(page);
    if (isThere(now)) return now;
  }
  throw new Error('60 presses of Tab do not lead there');
}

test('from the list of showtimes to two reserved seats and back, without a mouse', async () => {
  const id = await createShowtime({ title: 'Reached by keys' });
  const page = await open(browser, '/');
  await page.locator(`[data-showtime="${id}"] a`).first().focus();
  await page.keyboard.press('Enter');
  await linkIs(page, 'live');

  const first = await tabTo(page, (now) => now.onMap);
  await page.keyboard.press('ArrowDown');
  const below = await focused(page);
  assert.notEqual(below.onMap, first.onMap);
  await page.keyboard.press('Enter');
  await seatsAre(page, [below.onMap], 'selected');
  const now = await focused(page);
  assert.equal(now.onMap, below.onMap, 'the focus stays on the seat');
  assert.equal(now.pressed, 'true');
  await page.keyboard.press('ArrowRight');
  const beside = await focused(page);
  await page.keyboard.press(' ');
  await seatsAre(page, [beside.onMap], 'selected');
  assert.equal(await ownSeats(page).count(), 2);

  await page.keyboard.press('Enter');
  await seatsAre(page, [beside.onMap], 'available');
  assert.deepEqual(page.faults, []);
});

test('arrow keys go where the eye goes: to the neighbour, and to the row above or below', async () => {
  const id = await createShowtime();
  const page = await open(browser, `/showtimes/${id}`);
  await linkIs(page, 'live');
  const place = (seatId) => page.locator('seat-map').evaluate((map, wanted) => {
    const seat = map.room.plan.seats.find((one) => one.id === wanted);
    return { x: seat.x, y: seat.y };
  }, seatId);
  await tabTo(page, (now) => now.onMap);
  for (const [key, axis, sign] of [['ArrowDown', 'y', 1], ['ArrowDown', 'y', 1], ['ArrowRight', 'x', 1], ['ArrowUp', 'y', -1], ['ArrowLeft', 'x', -1]]) {
    const before = await place((await focused(page)).onMap);
    await page.keyboard.press(key);
    const after = await place((await focused(page)).onMap);
    assert.ok((after[axis] - before[axis]) * sign > 0, key);
  }
});

test('the list alone leads to reserved seats, and shows itself to those who see', async () => {
  const id = await createShowtime();
  const page = await open(browser, `/showtimes/${id}`);
  await linkIs(page, 'live');
  const start = await tabTo(page, (now) => now.seat);
  assert.equal(await page.locator(`button[data-seat="${start.seat}"]`).isVisible(), true);
  await page.keyboard.press('ArrowRight');
  const next = await focused(page);
  assert.notEqual(next.seat, start.seat);
  await page.keyboard.press('Enter');
  await seatsAre(page, [next.seat], 'selected');
  assert.equal((await focused(page)).seat, next.seat);
  assert.equal((await focused(page)).pressed, 'true');
});

test('the switch between map and list is a button that says what is shown', async () => {
  const id = await createShowtime();
  const page = await open(browser, `/showtimes/${id}`);
  await linkIs(page, 'live');
  const list = action(page, 'list');
  assert.equal(await list.getAttribute('aria-pressed'), 'false');
  await list.focus();
  await page.keyboard.press('Enter');
  assert.equal(await list.getAttribute('aria-pressed'), 'true');
});
