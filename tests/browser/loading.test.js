/** How pages load: everything is asked for once, at once, and is there already on the second visit. */

import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { createShowtime, launch, open, WAIT_MS } from './stage.js';

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
