/** The map under mouse and finger. */

import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { PHONE, action, clickSeats, createShowtime, freeSeats, launch, linkIs, placeOf, seatsAre, visit } from './stage.js';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** Where a seat is now, in view or not. */
function placeNow(page, id) {
  return page.locator('seat-map').evaluate((map, seatId) => map.placeOf(seatId), id);
}

/** Waits until two seats are farther from each other, or nearer, than they were. */
async function distanceBecomes(page, [a, b], isRight) {
  await page.waitForFunction(
    ([first, second, test]) => {
      const map = document.querySelector('seat-map');
      const [p, q] = [map.placeOf(first), map.placeOf(second)];
      const distance = Math.hypot(p.x - q.x, p.y - q.y);
      return test.atLeast === undefined ? distance <= test.atMost : distance >= test.atLeast;
    },
    [a, b, isRight],
  );
}

async function distance(page, [a, b]) {
  const [p, q] = [await placeNow(page, a), await placeNow(page, b)];
  return Math.hypot(p.x - q.x, p.y - q.y);
}

test('a drag moves the map and reserves nothing, the wheel zooms, fit goes back', async () => {
  const id = await createShowtime();
  const page = await visit(browser, id);
  await linkIs(page, 'live');
  const pair = await freeSeats(page, 2);
  const whole = await distance(page, pair);
  const { x, y } = await placeNow(page, pair[0]);
  await page.mouse.move(x, y);
  await page.mouse.wheel(0, -400);
  await distanceBecomes(page, pair, { atLeast: whole * 1.3 });
  const before = await placeOf(page, pair[0]);
  await page.mouse.move(before.x, before.y);
  await page.mouse.down();
  await page.mouse.move(before.x + 90, before.y + 60, { steps: 6 });
  await page.mouse.up();
  await page.waitForFunction(([seatId, was]) => Math.abs(document.querySelector('seat-map').placeOf(seatId).x - was) > 40, [pair[0], before.x]);
  await action(page, 'fit').click();
  await distanceBecomes(page, pair, { atMost: whole * 1.01 });
  await seatsAre(page, pair, 'available');
});

test('on a telephone a tap takes the seat under the finger, two fingers zoom, and the page stays as it is', async () => {
  const id = await createShowtime();
  const page = await visit(browser, id, { context: PHONE });
  await linkIs(page, 'live');
  const seats = await freeSeats(page, 4);
  const chosen = seats[1];
  const { x, y } = await placeOf(page, chosen);
  await page.touchscreen.tap(x + 4, y + 3);
  await seatsAre(page, [chosen], 'selected');

  const pair = [seats[0], seats[3]];
  const before = await distance(page, pair);
  await pinch(page, await placeNow(page, chosen), 40, 120);
  await distanceBecomes(page, pair, { atLeast: before * 1.5 });
  const view = await page.evaluate(() => [visualViewport.scale, document.documentElement.scrollWidth <= innerWidth, scrollY]);
  assert.deepEqual(view, [1, true, 0]);
});

/** Two fingers, moved apart about a point. */
async function pinch(page, { x, y }, from, to) {
  const session = await page.context().newCDPSession(page);
  const fingers = (apart) => [{ x: x - apart / 2, y, id: 0 }, { x: x + apart / 2, y, id: 1 }];
  await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: fingers(from) });
  for (let step = 1; step <= 8; step += 1) {
    await session.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: fingers(from + ((to - from) * step) / 8) });
  }
  await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
}

test('a finger that stops a flick takes no seat', async () => {
  const id = await createShowtime();
  const page = await visit(browser, id, { context: { ...PHONE, reducedMotion: 'no-preference' }, prepare: (fresh) => fresh.clock.install() });
  await linkIs(page, 'live');
  const seats = await freeSeats(page, 12);
  const { x, y } = await placeOf(page, seats[6]);
  await page.clock.pauseAt((await page.evaluate(() => Date.now())) + 1_000);
  await swipe(page, { x, y }, 24);
  const left = await placeNow(page, seats[6]);
  await page.clock.runFor(50);
  const there = await placeNow(page, seats[6]);
  assert.notDeepEqual(there, left, 'the map goes on by itself');
  await page.touchscreen.tap(there.x, there.y);
  await page.clock.runFor(1_000);
  assert.deepEqual(await placeNow(page, seats[6]), there, 'and stands still once it was touched');
  await page.clock.resume();
  await page.touchscreen.tap(there.x, there.y);
  await seatsAre(page, [seats[6]], 'selected');
});

/** One finger that is lifted while it moves upwards. */
async function swipe(page, { x, y }, by) {
  const session = await page.context().newCDPSession(page);
  const finger = (moved) => [{ x, y: y - moved, id: 0 }];
  await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: finger(0) });
  for (let step = 1; step <= 4; step += 1) await session.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: finger((by * step) / 4) });
  await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
}

test('a mouse that lets go outside of the map does not take the map along when it comes back', async () => {
  const id = await createShowtime();
  const page = await visit(browser, id);
  await linkIs(page, 'live');
  const [seat] = await freeSeats(page, 1);
  const box = await page.locator('.canvas').boundingBox();
  const edge = { x: box.x + box.width - 3, y: box.y + box.height / 2 };
  await page.mouse.move(edge.x, edge.y);
  await page.mouse.down();
  await page.mouse.move(edge.x + 60, edge.y);
  await page.mouse.up();
  const before = await placeNow(page, seat);
  await page.mouse.move(edge.x - 10, edge.y);
  await page.mouse.move(edge.x - 200, edge.y, { steps: 4 });
  assert.deepEqual(await placeNow(page, seat), before);
});

test('a trackpad\'s pinch zooms the map where it comes as a gesture, and the page never', async () => {
  const id = await createShowtime();
  const page = await visit(browser, id);
  await linkIs(page, 'live');
  const pair = await freeSeats(page, 2);
  const whole = await distance(page, pair);
  const left = await page.locator('.canvas').evaluate((canvas) => {
    const { left: x, top: y, width, height } = canvas.getBoundingClientRect();
    const gesture = (type, scale) => {
      const place = { clientX: x + width / 2, clientY: y + height / 2, bubbles: true, cancelable: true };
      return canvas.dispatchEvent(Object.assign(new MouseEvent(type, place), { scale }));
    };
    return [gesture('gesturestart', 1), gesture('gesturechange', 1.2), gesture('gesturechange', 1.5), gesture('gestureend', 1.5)];
  });
  assert.deepEqual(left, [false, false, false, false], 'nothing is left to the page');
  await distanceBecomes(page, pair, { atLeast: whole * 1.45 });
  assert.ok((await distance(page, pair)) < whole * 1.55);
});

test('on a telephone with large text, own seats unfolded and a warning leave room for the map', async () => {
  const id = await createShowtime({ lockSeconds: 16 });
  const page = await visit(browser, id, { context: PHONE });
  await linkIs(page, 'live');
  await page.evaluate(() => (document.documentElement.style.fontSize = '200%'));
  const own = await freeSeats(page, 4);
  await page.locator('seat-map').evaluate((map, ids) => map.lock(ids), own);
  await seatsAre(page, own, 'selected');
  await page.locator('.own-line').click();
  await action(page, 'keep').waitFor();
  const left = await page.locator('seat-map').evaluate(({ shadowRoot }) => {
    const [stage, bar] = ['.stage', '.warning'].map((part) => shadowRoot.querySelector(part).getBoundingClientRect().height);
    return stage - bar;
  });
  assert.ok(left >= 100, `${left} px are left for the map`);
});

test('a map that is only to be read offers and explains nothing that it refuses', async () => {
  const id = await createShowtime();
  const page = await visit(browser, id, { context: PHONE });
  await linkIs(page, 'live');
  await page.locator('seat-map').evaluate((map) => map.setAttribute('readonly', ''));
  await page.locator('.own').waitFor({ state: 'hidden' });
  await linkIs(page, 'live');
  const [seat] = await freeSeats(page, 1);
  const { x, y } = await placeOf(page, seat);
  await page.touchscreen.tap(x, y);
  await page.locator('[data-part=card]').waitFor();
  assert.ok(await action(page, 'choose').isHidden());
  for (const help of ['#map-help', '#list-help']) assert.doesNotMatch(await page.locator(help).textContent(), /Enter/);
});

test('who does not see the map is told what the page has marked and what the filter leaves out', async () => {
  const id = await createShowtime();
  const page = await visit(browser, id);
  await linkIs(page, 'live');
  const [first, second] = await freeSeats(page, 2);
  await page.locator('seat-map').evaluate((map, ids) => (map.marked = ids), [first]);
  const name = (seatId) => page.locator(`button[data-seat="${seatId}"]`).getAttribute('aria-label');
  assert.match(await name(first), /, marked$/);
  assert.doesNotMatch(await name(second), /marked|suggested/);
  await action(page, 'filter').click();
  await page.getByLabel('Balcony', { exact: true }).check();
  await page.locator(`button[data-seat="${second}"][data-dimmed]`).waitFor({ state: 'attached' });
  const cursor = page.locator('.cursor[tabindex="0"]');
  await cursor.focus();
  assert.match(await cursor.getAttribute('aria-label'), /, marked, not in your filter$/);
  await page.keyboard.press('ArrowRight');
  assert.match(await cursor.getAttribute('aria-label'), /[^d], not in your filter$/);
});

test('an arena of 20,000 seats opens, zooms to a block and takes a reservation', async () => {
  const id = await createShowtime({ plan: 'arena', prices: {} });
  const page = await visit(browser, id);
  await linkIs(page, 'live');
  const chosen = await page.locator('seat-map').evaluate((map) => map.room.plan.seats[12_345].id);
  await clickSeats(page, [chosen]);
  await page.waitForFunction(() => document.querySelector('seat-map').room.statusOf(12_345) === 'selected');
  assert.deepEqual(page.faults, []);
});
