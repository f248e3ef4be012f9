/** Every page under axe, in light and in dark; the map as a screen reader is given it. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import test, { after, before } from 'node:test';
import { PHONE, action, clickSeats, createShowtime, freeSeats, launch, linkIs, open, seatsAre } from './stage.js';

const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** What axe finds serious on a page as it is now. */
async function faultsOf(page) {
  // Into the page's own world: its policy forbids scripts that are not the server's.
  await page.evaluate(AXE);
  const { violations } = await page.evaluate((tags) => globalThis.axe.run(document, { runOnly: tags, resultTypes: ['violations'] }), WCAG);
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join('; ')}`);
}

/** Each page, brought into the states in which people meet it. */
const PAGES = {
  'the list of showtimes': async () => ({ path: '/', steps: [(page) => page.locator('[data-showtime] a').first().waitFor()] }),
  'the map': async (id) => ({
    path: `/showtimes/${id}`,
    steps: [
      (page) => linkIs(page, 'live'),
      async (page) => {
        const seats = await freeSeats(page, 2);
        await clickSeats(page, seats);
        await seatsAre(page, seats, 'selected');
      },
      (page) => action(page, 'list').click(),
      async (page) => {
        await action(page, 'list').click();
        await action(page, 'filter').click();
      },
      (page) => action(page, 'find').click(),
    ],
  }),
  'a kiosk': async (id) => ({
    path: `/kiosk/${id},demo-cinema`,
    steps: [(page) => page.locator('[data-tile]').first().waitFor(), async (page) => {
      await page.locator(`[data-tile="${id}"] button`).click();
      await linkIs(page, 'live');
    }],
  }),
  'a wall': async (id) => ({ path: `/wall/${id}`, steps: [(page) => linkIs(page, 'live')] }),
  'the box office': async (id) => ({
    path: `/desk/${id}`,
    steps: [(page) => linkIs(page, 'live'), async (page) => clickSeats(page, await freeSeats(page, 2))],
  }),
  'a showtime that is not there': async () => ({ path: '/showtimes/browser-nowhere', steps: [(page) => linkIs(page, 'offline')] }),
};

for (const [name, describe] of Object.entries(PAGES)) {
  for (const colorScheme of ['light', 'dark']) {
    test(`axe finds nothing serious on ${name}, ${colorScheme}`, async () => {
      const { path, steps } = await describe(await createShowtime());
      const page = await open(browser, path, { context: { colorScheme, reducedMotion: 'reduce' } });
      for (const [at, step] of steps.entries()) {
        await step(page);
        assert.deepEqual(await faultsOf(page), [], `step ${at + 1}`);
      }
    });
  }
}

test('axe finds nothing serious on a telephone', async () => {
  const id = await createShowtime();
  const page = await open(browser, `/showtimes/${id}`, { context: { ...PHONE, reducedMotion: 'reduce' } });
  await linkIs(page, 'live');
  const seats = await freeSeats(page, 1);
  await clickSeats(page, seats);
  await seatsAre(page, seats, 'selected');
  assert.deepEqual(await faultsOf(page), []);
});

test('axe finds nothing serious on the question that a kiosk asks', async () => {
  const id = await createShowtime();
  const page = await open(browser, `/kiosk/${id}?idle=10`);
  await linkIs(page, 'live');
  // Somebody has to have been there.
  await page.mouse.click(5, 5);
  await page.locator('dialog[open]').waitFor();
  assert.deepEqual(await faultsOf(page), []);
});
