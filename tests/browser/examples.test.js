/** The examples for React, bundled and run against the real server. */

import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import test, { after, before } from 'node:test';
import { build } from 'esbuild';
import { call, createShowtime, launch } from './stage.js';

const BASE = process.env.SEATCAST_URL ?? 'http://127.0.0.1:8080';
const pathOf = (relative) => fileURLToPath(new URL(relative, import.meta.url));

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** Bundles a page's script that may import the examples. */
async function bundle(contents) {
  const { outputFiles } = await build({
    stdin: { contents, loader: 'jsx', resolveDir: pathOf('../../examples/react') },
    bundle: true,
    write: false,
    format: 'esm',
    jsx: 'automatic',
    alias: { seatcast: pathOf('../../static/js') },
    nodePaths: [pathOf('node_modules')],
    logLevel: 'error',
  });
  return outputFiles[0].text;
}

/** Opens a page of the server's origin that has nothing but a root and a script. */
async function openPage(script, head = '') {
  const page = await (await browser.newContext()).newPage();
  page.setDefaultTimeout(15_000);
  page.faults = [];
  page.on('pageerror', (error) => page.faults.push(error.message));
  page.on('console', (message) => message.type() === 'error' && page.faults.push(message.text()));
  await page.route(`${BASE}/app.js`, (route) => route.fulfill({ contentType: 'text/javascript', body: script }));
  // A document that the server itself sent: one made up by the test would not count as local, and may open no socket.
  await page.goto(`${BASE}/health/live`);
  await page.setContent(`<!doctype html><title>Example</title>${head}<div id="root"></div><script type="module" src="/app.js"></script>`);
  return page;
}

test('a map drawn by React shows what changes, locks, and gives back', async () => {
  const id = await createShowtime({ plan: 'cinema', prices: {} });
  const page = await openPage(await bundle(`
    import { StrictMode } from 'react';
    import { createRoot } from 'react-dom/client';
    import { createClient } from 'seatcast/client.js';
    import { SeatMap } from './SeatMap.jsx';
    const client = createClient();
    createRoot(document.querySelector('#root')).render(<StrictMode><SeatMap client={client} showtimeId="${id}" /></StrictMode>);
  `));
  const seat = (seatId, status) => page.locator(`[data-seat="${seatId}"][data-status="${status}"]`);
  await page.locator('[role=status][data-state=live]').waitFor();
  await call('POST', `/showtimes/${id}/seats/lock`, { seats: ['A-1'], userId: 'rival' });
  await seat('A-1', 'locked').waitFor();
  await seat('A-2', 'available').click();
  await seat('A-2', 'selected').waitFor();
  const own = page.locator('[data-own="A-2"]');
  await own.getByRole('button').click();
  await seat('A-2', 'available').waitFor();
  assert.equal(await own.count(), 0);
  assert.deepEqual(page.faults, []);
});

test('the element in React tells which seats are to be ordered', async () => {
  const id = await createShowtime({ plan: 'cinema', prices: {} });
  const script = await bundle(`
    import { createRoot } from 'react-dom/client';
    import { SeatMapElement } from './SeatMapElement.jsx';
    const order = (seatIds) => (document.title = seatIds.join());
    createRoot(document.querySelector('#root')).render(<SeatMapElement showtimeId="${id}" userId="react" onOrder={order} />);
  `);
  const page = await openPage(script, '<script type="module" src="/static/js/seat-map.js"></script>');
  await page.waitForFunction(() => document.querySelector('seat-map')?.room);
  const done = await page.evaluate(() => document.querySelector('seat-map').lock(['A-3', 'A-4']));
  assert.deepEqual(done, { ok: true });
  await page.getByRole('button', { name: 'Order 2 seats' }).click();
  assert.equal(await page.title(), 'A-3,A-4');
});
