/** The blocks around the map, each by itself: time that is told honestly, focus that stays, what is read out. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test, { after, before } from 'node:test';
import { launch } from './stage.js';

const BASE = process.env.SEATCAST_URL ?? 'http://127.0.0.1:8080';
const START = Date.parse('2030-01-01T19:00:00.000Z');
const DESK = { viewport: { width: 1100, height: 760 } };
const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
const PAGE = '<!doctype html><meta name="viewport" content="width=device-width"><style>body{margin:0}</style><div id="place"></div><script type="module" src="/rig.js"></script>';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** Opens the blocks under a clock that stands still until it is told to go. */
async function open(context = DESK, html = PAGE) {
  const page = await (await browser.newContext(context)).newPage();
  page.setDefaultTimeout(15_000);
  page.faults = [];
  page.on('pageerror', (error) => page.faults.push(error.message));
  const rig = await readFile(new URL('panel-rig.js', import.meta.url), 'utf8');
  await page.route(`${BASE}/panel`, (route) => route.fulfill({ contentType: 'text/html', body: html }));
  await page.route(`${BASE}/rig.js`, (route) => route.fulfill({ contentType: 'text/javascript', body: rig }));
  await page.clock.install({ time: START });
  await page.goto(`${BASE}/panel`);
  await page.waitForFunction(() => window.rig);
  await page.clock.pauseAt(START + 3_600_000);
  return page;
}

async function close(page) {
  assert.deepEqual(page.faults, []);
  await page.context().close();
}

const hold = (page, seconds, more) => page.evaluate(([s, m]) => window.rig.hold(s, m), [seconds, more]);
const log = (page) => page.evaluate(() => window.rig.state.log.splice(0));
const warning = (page) => page.locator('[data-part=warning]');
const entry = (page, id) => page.locator(`[data-part=own] li[data-own="${id}"]`);
const message = (page) => page.locator('[data-part=messages] .message');

/** Keeps what a live region is given to say. */
async function listenTo(page, selector) {
  await page.locator(selector).evaluate((region) => {
    window.heard = [];
    new MutationObserver(() => region.textContent && window.heard.push(region.textContent)).observe(region, { childList: true, characterData: true, subtree: true });
  });
  return () => page.evaluate(() => window.heard);
}

/** What has the focus, within the shadow root too. */
function focused(page) {
  return page.evaluate(() => {
    const active = window.rig.root.activeElement;
    return active?.closest('[data-own]')?.dataset.own ?? active?.dataset.part ?? active?.dataset.action ?? null;
  });
}

test('a countdown changes every second and never shows more than is left', async () => {
  const page = await open();
  await hold(page, { 'A-1': 64.35, 'A-2': 61.8 });
  for (let step = 0; step < 40; step += 1) {
    const wrong = await page.evaluate(() => {
      const bad = [];
      for (const { seatId, expiresAt } of window.rig.state.own) {
        const text = window.rig.root.querySelector(`[data-own="${seatId}"] .countdown`).textContent;
        const [minutes, seconds] = text.split(':').map(Number);
        const left = Date.parse(expiresAt) - Date.now();
        const over = (minutes * 60 + seconds) * 1000 - left;
        if (over > 5 || over <= -1000) bad.push(`${text} with ${left} ms left`);
      }
      return bad;
    });
    assert.deepEqual(wrong, []);
    await page.clock.runFor(130);
  }
  await close(page);
});

test('a lock without an end has no countdown, and a seat that is asked for says so', async () => {
  const page = await open();
  await hold(page, { 'A-1': 100, 'A-2': 0 }, { 'A-1': { expiresAt: null }, 'A-2': { phase: 'locking', expiresAt: null } });
  assert.equal(await entry(page, 'A-1').locator('.countdown').textContent(), '');
  assert.match(await entry(page, 'A-2').locator('.countdown').textContent(), /asking/i);
  assert.equal(await page.locator('[data-action=extend]').getAttribute('aria-disabled'), 'true');
  await close(page);
});

test('the focus stays on a button that waits, and goes to the next one when its entry goes', async () => {
  const page = await open();
  await hold(page, { 'A-1': 900, 'A-2': 900, 'A-3': 900 });
  await entry(page, 'A-2').locator('.remove').focus();
  await page.keyboard.press('Enter');
  await hold(page, { 'A-1': 900, 'A-2': 900, 'A-3': 900 }, { 'A-2': { phase: 'unlocking' } });
  assert.equal(await focused(page), 'A-2');
  await page.keyboard.press('Enter');
  assert.deepEqual(await log(page), ['give back A-2'], 'one request is enough');
  await hold(page, { 'A-1': 900, 'A-3': 900 });
  assert.equal(await focused(page), 'A-3');
  await hold(page, { 'A-1': 900 });
  assert.equal(await focused(page), 'A-1');
  await hold(page, {});
  assert.equal(await focused(page), 'own');
  await close(page);
});

test('an update leaves the entries that it does not concern as they are', async () => {
  const page = await open();
  await hold(page, { 'A-2': 900 });
  const before = await entry(page, 'A-2').elementHandle();
  await hold(page, { 'A-1': 900, 'A-2': 900, 'A-3': 900 });
  assert.deepEqual(await page.locator('[data-part=own] li').evaluateAll((all) => all.map((one) => one.dataset.own)), ['A-1', 'A-2', 'A-3']);
  assert.ok(await before.evaluate((element) => element.isConnected && element.dataset.own === 'A-2'));
  assert.match(await page.locator('.own .sum').textContent(), /120/);
  await close(page);
});

test('a warning comes two minutes before the end, is read out once, and one button ends it', async () => {
  const page = await open();
  const heard = await listenTo(page, '[aria-live=assertive]');
  await hold(page, { 'A-1': 900, 'A-2': 900 });
  await page.clock.runFor(779_000);
  assert.ok(await warning(page).isHidden());
  await page.clock.runFor(2_000);
  await warning(page).waitFor();
  assert.match(await warning(page).textContent(), /row A, seat 1; .*row A, seat 2 .*1:59/i);
  await page.clock.runFor(30_000);
  assert.equal((await heard()).length, 1);
  assert.match((await heard())[0], /minute/);
  await warning(page).getByRole('button').click();
  await warning(page).waitFor({ state: 'hidden' });
  assert.deepEqual(await log(page), ['extend']);
  assert.equal(await focused(page), 'own', 'the focus of a button that goes is not lost');
  await page.clock.runFor(781_000);
  await warning(page).waitFor();
  assert.equal((await heard()).length, 2);
  await close(page);
});

test('seats that are given back or lost take their warning along', async () => {
  const page = await open();
  await hold(page, { 'A-1': 100, 'A-2': 400 });
  await warning(page).waitFor();
  await hold(page, { 'A-1': 100, 'A-2': 400 }, { 'A-1': { phase: 'unlocking' } });
  await warning(page).waitFor({ state: 'hidden' });
  await close(page);
});

test('a warning says when no extension can help any more', async () => {
  const page = await open();
  await hold(page, { 'A-1': 100 }, { 'A-1': { lockedAt: new Date(START + 3_600_000 + 100_000 - 7_200_000).toISOString() } });
  await warning(page).waitFor();
  assert.match(await warning(page).textContent(), /cannot be held any longer/);
  assert.equal(await warning(page).getByRole('button').count(), 0);

  await page.evaluate(() => (window.rig.state.extension = 0));
  await hold(page, { 'A-1': 100 });
  await warning(page).getByRole('button').click();
  await warning(page).getByText('cannot be held any longer').waitFor();
  assert.equal(await warning(page).getByRole('button').count(), 0);
  await close(page);
});

test('a page that slept over the end names the seats whose time is up', async () => {
  const page = await open();
  await hold(page, { 'A-1': 900, 'A-2': 5_000 });
  await page.clock.fastForward(1_000_000);
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await warning(page).waitFor();
  assert.match(await warning(page).textContent(), /The time for .*row A, seat 1 is up/i);
  assert.equal(await entry(page, 'A-1').locator('.countdown').textContent(), '0:00');
  await close(page);
});

test('losses that come one after the other are one message with all the names, until it is closed', async () => {
  const page = await open();
  await page.evaluate(() => window.rig.losses.tell([{ seatId: 'A-1', reason: 'expired' }]));
  await page.clock.runFor(500);
  await page.evaluate(() => window.rig.losses.tell([{ seatId: 'A-2', reason: 'expired' }, { seatId: 'B-1', reason: 'expired' }]));
  assert.equal(await message(page).count(), 1);
  assert.match(await message(page).textContent(), /row A, seat 1; .*row A, seat 2; .*row B, seat 1/i);
  await page.clock.runFor(120_000);
  assert.equal(await message(page).count(), 1);
  await page.evaluate(() => window.rig.losses.tell([{ seatId: 'B-2', reason: 'expired' }]));
  assert.equal(await message(page).count(), 2);
  await message(page).first().getByRole('button').click();
  assert.equal(await message(page).count(), 1);
  await close(page);
});

test('a message goes by itself, but not under the pointer', async () => {
  const page = await open();
  await page.evaluate(() => window.rig.messages.tell('Some news.'));
  await page.clock.runFor(7_000);
  await message(page).hover();
  await page.clock.runFor(60_000);
  assert.equal(await message(page).count(), 1);
  await page.mouse.move(1, 1);
  await page.clock.runFor(5_000);
  assert.equal(await message(page).count(), 0);
  await close(page);
});

test('the middle of a telephone\'s map stays free of messages', async () => {
  const page = await open(PHONE);
  for (let n = 0; n < 6; n += 1) {
    await page.evaluate((text) => window.rig.messages.tell(text, { important: true }), `Long news number ${n}. `.repeat(6));
  }
  const [map, area] = await Promise.all([page.locator('.map').boundingBox(), page.locator('[data-part=messages]').boundingBox()]);
  assert.ok(area.y + area.height < map.y + map.height / 2 - 20);
  assert.ok(area.x >= map.x && area.x + area.width <= map.x + map.width);
  await close(page);
});

test('the badge counts the age of a map that is not current, and a short gap is not read out', async () => {
  const page = await open();
  const set = (link) => page.evaluate((next) => {
    window.rig.state.link = { asOf: Date.now(), stale: null, ...next };
    window.rig.badge.update();
  }, { link });
  const badge = page.locator('[data-part=badge]');
  await set({ state: 'live' });
  const heard = await listenTo(page, '.head [role=status]');
  await set({ state: 'connecting', again: true });
  await page.clock.runFor(1_500);
  await set({ state: 'live' });
  await page.clock.runFor(10_000);
  assert.deepEqual(await heard(), []);
  await set({ state: 'offline', gone: false });
  await page.clock.runFor(75_500);
  assert.equal(await badge.getAttribute('data-state'), 'offline');
  assert.match(await badge.textContent(), /1:15 old/);
  assert.equal((await heard()).length, 1);
  await set({ state: 'polling', seconds: 10 });
  assert.match(await badge.textContent(), /10 s/);
  assert.doesNotMatch(await badge.textContent(), /old/);
  await close(page);
});

test('the card stays while it is pointed at, and Escape puts it away for this seat', async () => {
  const page = await open();
  const card = page.locator('[data-part=card]');
  const show = (index) => page.evaluate((at) => window.rig.card.show(at), index);
  await show(5);
  assert.match(await card.textContent(), /row A, seat 6.*Stalls.*40.*available/i);
  await card.hover();
  await show(null);
  await card.hover({ position: { x: 5, y: 5 } });
  await page.clock.runFor(1_000);
  assert.ok(await card.isVisible());
  await page.mouse.move(1, 1);
  await page.clock.runFor(1_000);
  assert.ok(await card.isHidden());
  await show(5);
  await page.keyboard.press('Escape');
  assert.ok(await card.isHidden());
  await show(5);
  assert.ok(await card.isHidden());
  await show(6);
  assert.ok(await card.isVisible());
  await close(page);
});

for (const [name, context, touch, html] of [['beside the seat', DESK, false, PAGE], ['right to left', DESK, false, PAGE.replace('<!doctype html>', '<!doctype html><html dir="rtl">')], ['as a sheet', PHONE, true, PAGE]]) {
  test(`the card lies in its frame and leaves the seat in sight, ${name}`, async () => {
    const page = await open(context, html);
    const covered = await page.evaluate(async (asSheet) => {
      const { rig } = window;
      const frame = rig.root.querySelector('.map');
      const bad = [];
      for (const { index } of rig.plan.seats) {
        rig.card.show(index, { touch: asSheet });
        const card = rig.root.querySelector('[data-part=card]').getBoundingClientRect();
        const box = frame.getBoundingClientRect();
        const spot = rig.spotOf(index);
        const [x, y] = [box.left + spot.x, box.top + spot.y];
        const hides = x > card.left && x < card.right && y > card.top && y < card.bottom;
        const within = card.left >= box.left - 1 && card.right <= box.right + 1 && card.top >= box.top - 1 && card.bottom <= box.bottom + 1;
        if (hides || !within) bad.push(index);
      }
      return bad;
    }, touch);
    assert.deepEqual(covered, []);
    await close(page);
  });
}

test('on a telephone the card\'s button reserves, and gives back', async () => {
  const page = await open(PHONE);
  await page.evaluate(() => window.rig.card.show(0, { touch: true }));
  await page.locator('[data-action=choose]').tap();
  assert.deepEqual(await log(page), ['choose 0']);
  await hold(page, { 'A-1': 600 });
  await page.getByRole('button', { name: 'Give this seat back' }).waitFor();
  assert.match(await page.locator('.card-state').textContent(), /10:00/);
  await close(page);
});

test('on a telephone own seats are one line with count, sum and time, which unfolds', async () => {
  const page = await open(PHONE);
  await hold(page, { 'A-1': 600, 'A-2': 900 });
  const line = page.locator('.own-line');
  assert.match(await line.textContent(), /2 seats.*80.*10:00/);
  assert.ok(await entry(page, 'A-1').isHidden());
  await line.tap();
  assert.equal(await line.getAttribute('aria-expanded'), 'true');
  await entry(page, 'A-1').waitFor();
  const { width } = await entry(page, 'A-1').locator('.remove').boundingBox();
  assert.ok(width >= 44);
  await close(page);
});

test('seats together are suggested one after another, replaced when they go, and reserved at once', async () => {
  const page = await open();
  const shown = () => page.evaluate(() => window.rig.state.highlighted?.map((index) => window.rig.plan.seats[index].id) ?? null);
  await page.locator('[data-action=find]').click();
  await page.getByLabel('How many seats?').fill('3');
  await page.locator('[data-action=search]').click();
  const first = await shown();
  assert.equal(first.length, 3);
  await page.locator('[data-action=next]').click();
  const second = await shown();
  assert.notDeepEqual(second, first);
  await page.locator('[data-action=previous]').click();
  assert.deepEqual(await shown(), first);
  await page.evaluate((ids) => window.rig.take(...ids), second.slice(0, 1));
  assert.deepEqual(await shown(), first, 'what is shown stays while it is free');
  await page.evaluate((ids) => window.rig.take(...ids), first.slice(1, 2));
  assert.ok(!(await shown()).includes(first[1]));
  await page.getByText('no longer available').waitFor();
  const last = await shown();
  await page.locator('[data-action=reserve]').click();
  assert.deepEqual(await log(page), [`reserve ${last}`]);
  assert.equal(await shown(), null);
  await close(page);
});

test('on a telephone a suggestion leaves the map in sight, and the focus finds its way there and back', async () => {
  const page = await open(PHONE);
  await page.locator('[data-action=find]').tap();
  await page.getByLabel('How many seats?').focus();
  await page.keyboard.press('Enter');
  await page.locator('[data-action=reserve]').waitFor();
  assert.equal(await focused(page), 'reserve');
  const [map, sheet] = await Promise.all([page.locator('.map').boundingBox(), page.locator('[data-part=find]').boundingBox()]);
  assert.ok(sheet.y > map.y + map.height / 2 + 40, 'the middle of the map, where the suggestion is, is covered');
  await page.locator('[data-action=change]').tap();
  assert.ok(await page.getByLabel('How many seats?').evaluate((input) => input.matches(':focus')));
  assert.equal(await page.evaluate(() => window.rig.state.highlighted), null);
  await close(page);
});

test('a filter narrows what matches and what is suggested, and says how many seats fit', async () => {
  const page = await open();
  await page.locator('[data-action=filter]').click();
  await page.getByLabel('Balcony').check();
  await page.clock.runFor(1_000);
  await page.getByText('24 of 48 available seats fit').first().waitFor();
  await page.locator('[data-action=find]').click();
  assert.ok(await page.locator('[data-part=filter]').isHidden(), 'one panel at a time');
  await page.locator('[data-action=search]').click();
  assert.ok(await page.evaluate(() => window.rig.state.highlighted.every((index) => window.rig.plan.seats[index].category === 'Balcony')));
  await page.locator('[data-action=filter]').click();
  await page.getByLabel('Price from').fill('30');
  await page.clock.runFor(1_000);
  await page.getByText('0 of 48 available seats fit').first().waitFor();
  await page.getByText('no 2 seats available together').waitFor({ state: 'attached' });
  await page.locator('[data-action=reset]').click();
  assert.equal(await page.evaluate(() => window.rig.state.matches), null);
  await close(page);
});

test('sales that go on are counted on the screen and not read out', async () => {
  const page = await open();
  await page.locator('[data-action=filter]').click();
  await page.getByLabel('Balcony').check();
  await page.clock.runFor(1_000);
  const counted = await listenTo(page, '[data-part=filter] .unseen');
  await page.evaluate(() => window.rig.take('D-1', 'D-2'));
  await page.clock.runFor(1_000);
  await page.getByText('22 of 46 available seats fit').first().waitFor();
  assert.deepEqual(await counted(), []);

  await page.locator('[data-action=find]').click();
  const suggested = await listenTo(page, '[data-part=find] .unseen');
  await page.locator('[data-action=search]').click();
  const before = await page.locator('[data-part=find] .place').textContent();
  assert.equal((await suggested()).length, 1);
  await page.evaluate(() => window.rig.take('D-3', 'D-4', 'D-5', 'D-6', 'D-7', 'D-8', 'D-9', 'D-10', 'D-11', 'D-12'));
  assert.notEqual(await page.locator('[data-part=find] .place').textContent(), before);
  assert.equal((await suggested()).length, 1);
  await close(page);
});

test('Escape closes a panel and gives the focus back to its button', async () => {
  const page = await open();
  await page.locator('[data-action=filter]').click();
  await page.getByLabel('Balcony').focus();
  await page.keyboard.press('Escape');
  assert.equal(await focused(page), 'filter');
  assert.equal(await page.locator('[data-action=filter]').getAttribute('aria-expanded'), 'false');
  await page.locator('[data-action=zoom-in]').click();
  await page.locator('[data-action=list]').click();
  assert.deepEqual(await log(page), ['zoom 1', 'list true']);
  assert.ok(await page.locator('[data-part=zoom]').isHidden());
  await close(page);
});

test('the focus stays in the panel when all seats are given back, or the last one ends', async () => {
  const page = await open();
  await hold(page, { 'A-1': 900, 'A-2': 900 });
  await page.locator('[data-action=give-back-all]').focus();
  await hold(page, { 'A-1': 900, 'A-2': 900 }, { 'A-1': { phase: 'unlocking' }, 'A-2': { phase: 'unlocking' } });
  assert.equal(await focused(page), 'give-back-all');
  assert.equal(await page.locator('[data-action=give-back-all]').getAttribute('aria-disabled'), 'true');
  await hold(page, {});
  assert.equal(await focused(page), 'own');
  await hold(page, { 'A-1': 900 });
  await page.locator('[data-part=own] [data-action=extend]').focus();
  await hold(page, {});
  assert.equal(await focused(page), 'own');
  await close(page);
});

test('the focus outlives an extension that moves nothing', async () => {
  const page = await open();
  await page.evaluate(() => (window.rig.state.extension = 0));
  await hold(page, { 'A-1': 100 });
  await warning(page).getByRole('button').focus();
  await page.keyboard.press('Enter');
  await warning(page).getByText('cannot be held any longer').waitFor();
  assert.equal(await focused(page), 'own');
  await close(page);
});

test('the sheet keeps its button, and the focus on it, while the answer is awaited', async () => {
  const page = await open(PHONE);
  await page.evaluate(() => window.rig.card.show(0, { touch: true }));
  await page.locator('[data-action=choose]').focus();
  await hold(page, { 'A-1': 600 }, { 'A-1': { phase: 'locking' } });
  assert.equal(await focused(page), 'choose');
  await page.keyboard.press('Enter');
  assert.deepEqual(await log(page), [], 'and asks for nothing meanwhile');
  await page.evaluate(() => {
    window.rig.state.status[0] = 'locked';
    window.rig.card.update();
  });
  assert.ok(await page.locator('[data-action=choose]').isHidden());
  assert.ok(await page.locator('.card-close').evaluate((button) => button.matches(':focus')));
  await close(page);
});

test('closing the last message, or a newer one in its place, leaves the focus somewhere', async () => {
  const page = await open();
  const tell = (text, options) => page.evaluate(([words, how]) => window.rig.messages.tell(words, how), [text, options]);
  await tell('First.', { group: 'one', important: true });
  await message(page).getByRole('button').focus();
  await tell('Second.', { group: 'one', important: true });
  assert.ok(await message(page).getByRole('button').evaluate((button) => button.matches(':focus')));
  for (let n = 0; n < 6; n += 1) await tell(`Important ${n}.`, { important: true });
  assert.equal(await message(page).count(), 4);
  assert.equal(await message(page).locator(':focus').count(), 1, 'what has the focus is not what makes room');
  for (let left = 4; left > 0; left -= 1) await message(page).first().getByRole('button').press('Enter');
  assert.equal(await focused(page), 'own');
  await close(page);
});

test('a search keeps what it says and where the focus is when its suggestions go', async () => {
  const page = await open();
  await page.locator('[data-action=find]').click();
  await page.getByLabel('How many seats?').fill('8');
  await page.locator('[data-action=search]').click();
  await page.locator('[data-part=find] .seats').getByText(/^Row ., seats /).waitFor();
  await page.locator('[data-action=next]').focus();
  // Of twelve seats there are no eight together without the sixth.
  await page.evaluate(() => window.rig.take(`${window.rig.plan.seats[window.rig.state.highlighted[0]].row}-6`));
  await page.getByText('no longer available').waitFor();
  const free = await page.evaluate(() => window.rig.plan.rows.filter((row) => row.seats.every(({ index }) => window.rig.state.status[index] === 'available')).map((row) => row.number));
  assert.equal(free.length, 3);
  const kept = await page.evaluate(() => window.rig.plan.seats[window.rig.state.highlighted[0]].row);
  for (const row of free.filter((one) => one !== kept)) await page.evaluate((name) => window.rig.take(`${name}-6`), row);
  assert.equal(await page.locator('[data-part=find] .note').textContent(), 'The last suggestion is no longer available. This is another.');
  assert.equal(await focused(page), 'reserve', 'there is nothing left to leaf through');
  await page.evaluate((name) => window.rig.take(`${name}-6`), kept);
  assert.ok(await page.getByLabel('How many seats?').evaluate((input) => input.matches(':focus')));
  await close(page);
});

test('a search for no seats is not begun', async () => {
  const page = await open();
  await page.locator('[data-action=find]').click();
  await page.locator('[data-action=search]').click();
  const before = await page.evaluate(() => window.rig.state.highlighted);
  for (const count of ['0', '-1', '']) {
    await page.locator('[data-part=find] input').evaluate((input, value) => (input.value = value), count);
    await page.evaluate(() => window.rig.find.setFilter(() => false));
    assert.deepEqual(await page.evaluate(() => window.rig.state.highlighted), before);
  }
  await close(page);
});

test('a seat that is out of sight gets its card when it comes into sight', async () => {
  const page = await open();
  const card = page.locator('[data-part=card]');
  const move = (away) => page.evaluate((by) => {
    window.rig.state.away = by;
    window.rig.card.place();
  }, away);
  await move(5_000);
  await page.evaluate(() => window.rig.card.show(5));
  assert.ok(await card.isHidden());
  await move(0);
  assert.ok(await card.isVisible());
  assert.match(await card.textContent(), /row A, seat 6/i);
  await close(page);
});
