/**
 * How long a page takes until its map is there, beside an empty page in the same browser, in turns: `scripts/pages times`.
 *
 * Milliseconds from the beginning of the navigation, medians: the first picture (for a showtime's page the poster of its
 * plan), the live map's geometry, and every seat's state; then what the page's script has on its heap.
 * @module
 */

import { BASE, createShowtime, launch, open } from './stage.js';

const ROUNDS = Number(process.argv[2] ?? 15);
const BLANK = '<!doctype html><title>Empty</title><p>Nothing</p>';

const browser = await launch();
const pages = [
  ['empty page', '/first-map/empty'],
  ['cinema, 120 seats', `/showtimes/${await createShowtime({ plan: 'cinema', prices: {} })}`],
  ['theatre, 800 seats', `/showtimes/${await createShowtime()}`],
  ['arena, 20,000 seats', `/showtimes/${await createShowtime({ plan: 'arena', prices: {} })}`],
];
/** @type {Map<string, Record<string, number>[]>} */
const rounds = new Map(pages.map(([name]) => [name, []]));
for (let round = 0; round < ROUNDS; round += 1) for (const [name, path] of pages) rounds.get(name).push(await measure(path));
await browser.close();

const empty = medians(rounds.get('empty page')).painted;
console.log('| page | first picture | of an empty page\'s | map drawn | states shown | heap, MiB |\n|---|--:|--:|--:|--:|--:|');
for (const [name, all] of rounds) {
  const { painted, drawn, shown, heap } = medians(all);
  console.log(`| ${name} | ${whole(painted)} | ${(painted / empty).toFixed(2)} | ${whole(drawn)} | ${whole(shown)} | ${heap.toFixed(1)} |`);
}

/** @param {string} path */
async function measure(path) {
  const isEmpty = path.endsWith('empty');
  const prepare = async (page) => {
    if (isEmpty) await page.route(`${BASE}${path}`, (route) => route.fulfill({ contentType: 'text/html', body: BLANK }));
    await page.addInitScript(noteTimes);
  };
  const page = await open(browser, path, { prepare });
  if (!isEmpty) await page.waitForFunction(() => window.times.shown);
  const painted = await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime);
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('HeapProfiler.collectGarbage');
  const { usedSize } = await cdp.send('Runtime.getHeapUsage');
  const times = await page.evaluate(() => window.times);
  const result = { painted: await painted.jsonValue(), ...times, heap: usedSize / 2 ** 20 };
  await page.context().close();
  return result;
}

/** Runs in the page: notes when the first frame after each step was there. */
function noteTimes() {
  window.times = { drawn: NaN, shown: 0 };
  const soon = (name) => requestAnimationFrame(() => setTimeout(() => (window.times[name] = performance.now())));
  addEventListener('ready', () => soon('drawn'), { capture: true, once: true });
  addEventListener('seatschange', () => soon('shown'), { capture: true, once: true });
}

/** @param {Record<string, number>[]} all */
function medians(all) {
  const median = (name) => all.map((one) => one[name] ?? NaN).sort((a, b) => a - b)[all.length >> 1];
  return { painted: median('painted'), drawn: median('drawn'), shown: median('shown'), heap: median('heap') };
}

/** @param {number} value */
function whole(value) {
  return value > 0 ? value.toFixed(0) : '';
}
