/** The list beside the map: every seat for screen readers, a focus that stays, and all of it by keyboard. */

import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { PHONE, action, call, createShowtime, freeSeats, isTold, launch, linkIs, ownSeats, seat, seatsAre, shoot, visit } from './stage.js';

const STATE_WORDS = { available: 'available', locked: 'held by someone else', occupied: 'sold', blocked: 'not for sale', selected: 'held for you' };

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** The seats of a showtime in plan order, as its plan names them. */
async function seatsOf(showtimeId) {
  const showtime = await call('GET', `/showtimes/${showtimeId}`);
  const plan = await call('GET', `/plans/${showtime.plan}`);
  const sections = plan.zones.filter((zone) => zone.rows.some((row) => row.seats.length));
  return sections.flatMap((zone, section) =>
    zone.rows.flatMap((row) =>
      row.seats.map((one) => ({
        id: one.seat_guid,
        section,
        name: `${zone.name}, row ${row.row_number}, seat ${one.seat_number}`,
        price: new Intl.NumberFormat('en-GB', { style: 'currency', currency: 'EUR' }).format(showtime.prices[one.category]),
      })),
    ),
  );
}

/** What assistive technology is given of a part of the list: the names and states of its buttons. */
async function buttonsIn(page, selector) {
  const session = await page.context().newCDPSession(page);
  const find = `document.querySelector('seat-map').shadowRoot.querySelector(${JSON.stringify(selector)})`;
  const { result } = await session.send('Runtime.evaluate', { expression: find });
  const { nodes } = await session.send('Accessibility.queryAXTree', { objectId: result.objectId, role: 'button' });
  await session.detach();
  return nodes
    .filter((node) => !node.ignored)
    .map(({ name, properties }) => ({ name: name.value, ...Object.fromEntries(properties.map((one) => [one.name, one.value.value])) }));
}

/** Waits until the list has built a number of seats and knows the state of each. */
async function seatsAreBuilt(page, selector, count) {
  await page.locator('seat-map').evaluate((map, [where, wanted]) => {
    const known = () => map.shadowRoot.querySelectorAll(`${where} button[data-seat]:not([data-status="unknown"])`).length === wanted;
    const wait = (done) => (known() ? done() : setTimeout(wait, 20, done));
    return new Promise(wait);
  }, [selector, count]);
}

/** The seat or section of the list that has the focus. */
function focused(page) {
  return page.locator('seat-map').evaluate((map) => {
    const element = map.shadowRoot.activeElement;
    const { seat: id, status } = element?.dataset ?? {};
    return { id, status, name: element?.getAttribute('aria-label') ?? element?.textContent, expanded: element?.getAttribute('aria-expanded') ?? null };
  });
}

/** Presses Tab until the list has the focus. */
async function tabToList(page) {
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press('Tab');
    if (await page.locator('.seat-list:focus-within').count()) return focused(page);
  }
  throw new Error('60 presses of Tab do not lead to the list');
}

async function press(page, ...keys) {
  for (const key of keys) await page.keyboard.press(key);
  return focused(page);
}

test('a screen reader is given every seat of a theatre with name, state and price', async () => {
  const id = await createShowtime();
  const seats = await seatsOf(id);
  const states = new Map(seats.map((one) => [one.id, 'available']));
  const taken = { locked: seats[3].id, occupied: seats[30].id, blocked: seats[200].id, selected: seats[500].id };
  await call('POST', `/showtimes/${id}/seats/lock`, { seats: [taken.locked], userId: 'somebody' });
  await call('POST', `/showtimes/${id}/seats/lock`, { seats: [taken.occupied], userId: 'buyer' });
  await call('POST', `/showtimes/${id}/seats/book`, { seats: [taken.occupied], userId: 'buyer', bookingId: 'order' });
  await call('PUT', `/showtimes/${id}/seats/block`, { seats: [taken.blocked] });
  const page = await visit(browser, id);
  await linkIs(page, 'live');
  await seatsAreBuilt(page, '', seats.length);
  await page.locator('seat-map').evaluate((map, seatId) => map.room.lock([seatId]), taken.selected);
  for (const [state, seatId] of Object.entries(taken)) {
    await seatsAre(page, [seatId], state);
    states.set(seatId, state);
  }

  const buttons = await buttonsIn(page, '.seat-list');
  assert.deepEqual(buttons.map(({ name }) => name), seats.map((one) => `${one.name}, ${STATE_WORDS[states.get(one.id)]}, ${one.price}`));
  assert.ok(buttons.every(({ focusable }) => focusable), 'also a seat that cannot be had can be asked why');
  const own = buttons[500];
  assert.equal(own.pressed, 'true');
  assert.deepEqual([3, 30, 200].map((at) => buttons[at].disabled), [true, true, true]);
  assert.equal(buttons.filter(({ disabled }) => disabled).length, 3);
  assert.deepEqual(page.faults, []);
});

test('the 20,000 seats of an arena are there section by section', async () => {
  const id = await createShowtime({ plan: 'arena', prices: { Courtside: 240, 'Lower sideline': 135, 'Lower ends': 105, Club: 120, Upper: 62, 'Rear upper': 38 } });
  const seats = await seatsOf(id);
  assert.equal(seats.length, 20_000);
  const page = await visit(browser, id);
  await linkIs(page, 'live');
  await action(page, 'list').click();
  const sections = [];
  for (const one of seats) (sections[one.section] ??= []).push(one);
  assert.equal(await page.locator('[data-section]').count(), sections.length);
  assert.equal(await page.locator('button[data-seat]').count(), 0, 'nothing is built before it is asked for');
  for (const [at, own] of sections.entries()) {
    const toggle = page.locator(`[data-section="${at}"] .list-toggle`);
    await toggle.click();
    await seatsAreBuilt(page, `[data-section="${at}"]`, own.length);
    const [heading, ...buttons] = await buttonsIn(page, `[data-section="${at}"]`);
    assert.match(heading.name, new RegExp(`${own.length} seats available$`));
    assert.deepEqual(buttons.map(({ name }) => name), own.map((one) => `${one.name}, available, ${one.price}`));
    await toggle.click();
  }
  assert.deepEqual(page.faults, []);
});

test('the focus stays on its seat whatever happens to the seat and around it', async () => {
  const id = await createShowtime();
  const seats = await seatsOf(id);
  const page = await visit(browser, id);
  await linkIs(page, 'live');
  await seatsAreBuilt(page, '', seats.length);
  await tabToList(page);
  await press(page, 'ArrowDown', 'ArrowRight');
  const { id: here } = await focused(page);
  const at = seats.findIndex((one) => one.id === here);
  const around = [seats[at - 1].id, here, seats[at + 1].id];
  await seat(page, here).evaluate((button) => (button.marked = true));
  const stays = async () => {
    assert.equal((await focused(page)).id, here);
    assert.equal(await page.locator('seat-map').evaluate((map) => map.shadowRoot.activeElement.marked), true, 'it is the same element');
  };

  await call('POST', `/showtimes/${id}/seats/lock`, { seats: around, userId: 'somebody' });
  await seatsAre(page, around, 'locked');
  await stays();
  await call('POST', `/showtimes/${id}/seats/book`, { seats: around, userId: 'somebody', bookingId: 'order' });
  await seatsAre(page, around, 'occupied');
  await stays();
  await call('POST', `/showtimes/${id}/seats/release`, { seats: around, bookingId: 'order' });
  await seatsAre(page, around, 'available');
  await stays();
  await press(page, 'Enter');
  await seatsAre(page, [here], 'selected');
  await stays();
  await press(page, 'Space');
  await seatsAre(page, [here], 'available');
  await stays();
});

test('from the start of the page to reserved seats with the keyboard and nothing but the list', async () => {
  const id = await createShowtime();
  const seats = await seatsOf(id);
  const page = await visit(browser, id);
  await linkIs(page, 'live');
  await seatsAreBuilt(page, '', seats.length);
  const start = await tabToList(page);
  assert.equal(start.id, seats[0].id);
  const chosen = [(await press(page, 'PageDown')).id, (await press(page, 'PageDown', 'End')).id, (await press(page, 'Control+End')).id];
  assert.equal(chosen[2], seats.at(-1).id);
  await press(page, 'Enter', 'Control+Home', 'PageDown', 'Enter', 'PageDown', 'End', 'Enter');
  await seatsAre(page, chosen, 'selected');
  assert.equal(await ownSeats(page).count(), 3);
  await shoot(page, 'list-keyboard.png');
  const before = await focused(page);
  await page.keyboard.press('Tab');
  assert.equal(await page.locator('.seat-list:focus-within').count(), 0, 'the list is one stop');
  await page.keyboard.press('Shift+Tab');
  assert.equal((await focused(page)).id, before.id, 'and one comes back to where one was');
});

test('a large list is opened, walked and reserved from by keyboard', async () => {
  const id = await createShowtime({ plan: 'arena', prices: {} });
  const page = await visit(browser, id);
  await linkIs(page, 'live');
  const start = await tabToList(page);
  assert.equal(start.expanded, 'false');
  await press(page, 'ArrowDown', 'ArrowDown');
  assert.equal((await press(page, 'ArrowRight')).expanded, 'true');
  const first = await press(page, 'ArrowDown');
  assert.match(first.name, /row 1, seat 1, available$/);
  const second = await press(page, 'ArrowDown', 'ArrowRight');
  assert.match(second.name, /row 2, seat 2, available$/);
  await press(page, 'Enter');
  await seatsAre(page, [second.id], 'selected');
  assert.equal((await press(page, 'PageUp')).expanded, 'true', 'back to the heading of the section');
});

test('a seat that cannot be had says why when it is chosen in the list', async () => {
  const id = await createShowtime();
  const page = await visit(browser, id);
  await linkIs(page, 'live');
  const [taken] = await freeSeats(page, 1);
  await call('POST', `/showtimes/${id}/seats/lock`, { seats: [taken], userId: 'somebody' });
  await seatsAre(page, [taken], 'locked');
  await tabToList(page);
  assert.equal((await focused(page)).id, taken);
  await press(page, 'Enter');
  await isTold(page, 'seat 1 is held by someone else, for now until');
});

test('on a telephone the list has targets for fingers and stays within the screen', async () => {
  const id = await createShowtime();
  const page = await visit(browser, id, { context: PHONE });
  await linkIs(page, 'live');
  await action(page, 'list').tap();
  const [free] = await freeSeats(page, 1);
  const sizes = await page.locator('button[data-seat]').evaluateAll((all) => all.map((one) => one.getBoundingClientRect()).map(({ width, height }) => Math.min(width, height)));
  assert.ok(Math.min(...sizes) >= 44, `the smallest seat has ${Math.min(...sizes)} px`);
  const overflow = await page.locator('.seat-list').evaluate((list) => list.scrollWidth - list.clientWidth);
  assert.equal(overflow, 0);
  await seat(page, free).tap();
  await seatsAre(page, [free], 'selected');
  await shoot(page, 'list-phone.png');
});

test('while the list covers the map, no key gets there', async () => {
  const id = await createShowtime();
  const page = await visit(browser, id);
  await linkIs(page, 'live');
  await action(page, 'list').click();
  await page.locator('.list.is-shown').waitFor();
  const stops = new Set();
  for (let presses = 0; presses < 30; presses += 1) {
    await page.keyboard.press('Tab');
    stops.add(await page.evaluate(() => document.querySelector('seat-map').shadowRoot.activeElement?.className ?? ''));
  }
  assert.ok(stops.has('list-seat'));
  assert.ok(!stops.has('cursor'), 'the map has a tab stop');
  await action(page, 'list').click();
  assert.equal(await page.locator('.map').evaluate((map) => map.inert), false);
});

for (const [name, context, show] of [['shown', {}, true], ['shown on a telephone', PHONE, true], ['there for its focus only', {}, false]]) {
  test(`the warning lies over the list and can be answered there: ${name}`, async () => {
    const id = await createShowtime({ lockSeconds: 16 });
    const page = await visit(browser, id, { context });
    await linkIs(page, 'live');
    const [seatId] = await freeSeats(page, 1);
    if (show) await action(page, 'list').click();
    else await tabToList(page);
    await page.locator('seat-map').evaluate((map, wanted) => map.lock([wanted]), seatId);
    await seatsAre(page, [seatId], 'selected');
    const before = await page.locator('seat-map').evaluate((map, wanted) => map.room.own().find((own) => own.seatId === wanted).expiresAt, seatId);
    await action(page, 'keep').waitFor();
    // The top of the list is below the warning.
    await page.waitForFunction(() => {
      const { shadowRoot } = document.querySelector('seat-map');
      const [bar, list] = ['.warning', '.seat-list'].map((part) => shadowRoot.querySelector(part).getBoundingClientRect());
      return list.top >= bar.bottom - 1;
    });
    await shoot(page, `list-warning-${name.replaceAll(' ', '-')}.png`);
    await action(page, 'keep').click();
    await page.waitForFunction(
      ([wanted, was]) => document.querySelector('seat-map').room.own().some((own) => own.seatId === wanted && own.expiresAt > was),
      [seatId, before],
    );
  });
}
