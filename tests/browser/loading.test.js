/** How pages load: everything is asked for once, at once, and is there already on the second visit. */

import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { createShowtime, DESK, launch, open, PHONE, WAIT_MS } from './stage.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** What the page has loaded whose path matches: how it came to be asked for, and the bytes that came over the network. */
function loaded(page, pattern) {
  return page.evaluate((source) => {
    const entries = performance.getEntriesByType('resource').filter((entry) => new RegExp(source).test(new URL(entry.name).pathname));
    return entries.map(({ name, initiatorType, transferSize }) => ({ path: new URL(name).pathname, initiatorType, transferSize }));
  }, pattern.source);
}

/** Waits until the page has loaded what matches. */
async function isLoaded(page, pattern) {
  const deadline = Date.now() + WAIT_MS;
  while ((await loaded(page, pattern)).length === 0) {
    assert.ok(Date.now() < deadline, `${pattern} is not loaded`);
    await page.waitForTimeout(50);
  }
}

for (const name of ['showtimes', 'kiosk', 'wall', 'desk']) {
  test(`/${name}/… is told of modules that it runs, once each, and keeps all that it loads`, async () => {
    const id = await createShowtime({ plan: 'cinema', prices: {} });
    const page = await open(browser, `/${name}/${id}`);
    await isLoaded(page, /^\/api\/v1\/plans\//);
    const told = await page.evaluate(() => {
      const links = [...document.querySelectorAll('script[src], link[rel=modulepreload]')];
      return links.map((link) => new URL(link.src ?? link.href).pathname);
    });
    const first = (await loaded(page, /^\/static\//)).map(({ path }) => path);
    for (const path of told) assert.equal(first.filter((one) => one === path).length, 1, path);
    assert.ok(first.length > told.length, 'style sheets too');

    await page.reload();
    await isLoaded(page, /^\/api\/v1\/plans\//);
    const again = (await loaded(page, /^\/static\//)).filter(({ path }) => first.includes(path));
    assert.ok(again.length >= told.length);
    assert.deepEqual(again.filter(({ transferSize }) => transferSize > 0), []);
    assert.deepEqual(page.faults, []);
  });
}

for (const name of ['showtimes', 'desk']) {
  test(`/${name}/… asks for the showtime and its plan once, before its modules are there`, async () => {
    const id = await createShowtime({ plan: 'cinema', prices: {} });
    const asked = [];
    const prepare = async (page) => page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    const page = await open(browser, `/${name}/${id}`, { prepare });
    await page.locator('[data-seat][data-status="available"]').first().waitFor({ state: 'attached' });
    for (const pattern of [new RegExp(`^/api/v1/showtimes/${id}$`), /^\/api\/v1\/plans\//]) {
      assert.deepEqual((await loaded(page, pattern)).map(({ initiatorType }) => initiatorType), ['link'], `${pattern}`);
      assert.equal(asked.filter((path) => pattern.test(path)).length, 1, `${pattern}`);
    }
  });
}

/** Opens a page whose modules do not come before they are let through; it is never loaded until then. */
async function openHeld(path, context) {
  let release;
  const released = new Promise((done) => (release = done));
  let page;
  const prepare = async (opened) => {
    page = opened;
    await page.route(/\.js$/, async (route) => {
      await released;
      await route.continue();
    });
  };
  const opening = open(browser, path, { prepare, context });
  const deadline = Date.now() + WAIT_MS;
  while (!page || page.url() === 'about:blank') {
    assert.ok(Date.now() < deadline, `${path} does not come`);
    await new Promise((done) => setTimeout(done, 20));
  }
  return { page, release, opening };
}

/** Where an element is, as left, top, width and height. */
function boxOf(locator) {
  return locator.evaluate((element) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return [x, y, width, height];
  });
}

/** Milliseconds from the beginning of the navigation to the first picture with something on it. */
async function firstPaint(page) {
  const found = await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime, null, { timeout: WAIT_MS });
  return found.jsonValue();
}

for (const [device, context] of Object.entries({ desk: DESK, phone: PHONE })) {
  for (const plan of ['theatre', 'arena']) {
    test(`the ${plan} is seen before any module runs, where its map is going to be (${device})`, async () => {
      const id = await createShowtime({ plan, prices: {} });
      const { page, release, opening } = await openHeld(`/showtimes/${id}`, context);
      const poster = page.locator('seat-map > svg');
      await page.locator('[slot="poster"]').waitFor();
      assert.ok((await firstPaint(page)) > 0);
      assert.equal(await page.evaluate(() => customElements.get('seat-map') === undefined), true, 'no module has run');
      const before = await boxOf(poster);
      // Where the picture has its first seat.
      const drawn = await poster.locator('path[stroke-width]').first().evaluate((path) => {
        const { x, y } = path.getPointAtLength(0).matrixTransform(path.getScreenCTM());
        return { x, y };
      });
      await page.evaluate(() => {
        const map = document.querySelector('seat-map');
        map.addEventListener('ready', () => {
          const { x, y, width, height } = map.shadowRoot.querySelector('.canvas').getBoundingClientRect();
          window.firstMap = [x, y, width, height];
        }, { once: true });
      });
      release();
      const first = await (await page.waitForFunction(() => window.firstMap)).jsonValue();
      await opening;
      await page.locator('[data-part="own"]').waitFor({ state: 'attached' });
      const last = await boxOf(page.locator('seat-map .canvas'));
      for (const after of [first, last]) {
        assert.ok(after.every((value, at) => Math.abs(value - before[at]) <= 2), `the picture at ${before}, the map at ${after}`);
      }
      const off = await page.locator('seat-map').evaluate((map, { x, y }) => {
        const places = map.room.plan.seats.map(({ id }) => map.placeOf(id));
        return Math.min(...places.map((place) => Math.hypot(place.x - x, place.y - y)));
      }, drawn);
      assert.ok(off <= 2, `its first seat is ${off} pixels away`);
      assert.equal(await page.locator('[slot="poster"]').count(), 0);
      assert.equal(await poster.isVisible(), false);
      assert.deepEqual(page.faults, []);
    });
  }
}

test('a picture of the plan is never seen with another showtime, or when there is none', async () => {
  const [id, other] = [await createShowtime(), await createShowtime({ plan: 'cinema', prices: {} })];
  const page = await open(browser, `/showtimes/${id}`);
  const poster = page.locator('seat-map > svg');
  await page.locator('[data-seat]').first().waitFor({ state: 'attached' });
  await page.locator('seat-map').evaluate((map, showtime) => {
    map.showtime = showtime;
  }, other);
  await page.waitForFunction((showtime) => document.querySelector('seat-map').room?.showtime.showtimeId === showtime, other);
  assert.equal(await poster.isVisible(), false);

  const gone = await open(browser, `/showtimes/${id}`, { prepare: (opened) => opened.route(`**/api/v1/showtimes/${id}`, (route) => route.fulfill({
    status: 404, contentType: 'application/problem+json', body: JSON.stringify({ status: 404, code: 'unknown_showtime', detail: 'there is none' }),
  })) });
  await gone.locator('seat-map .message').first().waitFor();
  assert.equal(await gone.locator('seat-map > svg').isVisible(), false);
});
