/**
 * Takes the pictures of docs/img: each plan at the sizes of a telephone, a tablet and a desk, some in the dark.
 *
 * `scripts/pages pictures` runs it. Plans beside the project (`../shared/plans`) are taken too where they are there.
 * @module
 */

import { mkdir, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { call, launch, linkIs, open } from './stage.js';

const FOLDER = process.argv[2];
const BESIDE = new URL('../../../shared/plans/', import.meta.url);
const SIZES = {
  phone: { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 },
  tablet: { viewport: { width: 820, height: 1180 }, hasTouch: true },
  desk: { viewport: { width: 1280, height: 860 } },
};
const PRICES = {
  cinema: { Standard: 12, Premium: 18 },
  theatre: { 'Premium stalls': 95, Stalls: 72, 'Rear stalls': 54, Box: 88, Balcony: 46, 'Rear balcony': 32 },
  arena: { Courtside: 240, 'Lower sideline': 135, 'Lower ends': 105, Club: 120, Upper: 62, 'Rear upper': 38 },
};

await mkdir(FOLDER, { recursive: true });
const browser = await launch();
for (const [name, plan] of await plans()) await picture(name, plan);
await browser.close();

/** @returns {Promise<[string, object | string][]>} by name */
async function plans() {
  const shipped = Object.keys(PRICES).map((name) => [name, name]);
  const files = await readdir(BESIDE).catch(() => []);
  const beside = files.filter((file) => file.endsWith('.json'));
  return [...shipped, ...(await Promise.all(beside.map(async (file) => [file.replace('.json', ''), JSON.parse(await readFile(new URL(file, BESIDE), 'utf8'))])))];
}

/**
 * One plan at all sizes, with seats in every state.
 * @param {string} name
 * @param {object | string} plan
 */
async function picture(name, plan) {
  const query = typeof plan === 'string' ? '' : '?repair=true';
  const id = `picture-${name}`;
  const categories = typeof plan === 'string' ? [] : plan.categories.map(({ name: category }, place) => [category, 90 - 15 * Math.min(place, 5)]);
  const prices = PRICES[name] ?? Object.fromEntries(categories);
  await call('PUT', `/showtimes/${id}${query}`, { title: titleOf(name), startsAt: '2030-01-01T19:30:00.000Z', currency: 'EUR', prices, plan });
  await populate(id);
  for (const [size, context] of Object.entries(SIZES)) {
    await shoot(id, join(FOLDER, `${name}-${size}.png`), { ...context, colorScheme: 'light' });
  }
  if (typeof plan === 'string') await shoot(id, join(FOLDER, `${name}-dark.png`), { ...SIZES.desk, colorScheme: 'dark' });
}

/** Sells, blocks and locks some seats, the same in every run. */
async function populate(id) {
  const { seats } = await call('GET', `/showtimes/${id}/seats/status`);
  const ids = seats.map((seat) => seat.seatId);
  const some = (from, step, most) => ids.filter((_, index) => index % step === from).slice(0, most);
  const sold = some(3, 7, 300);
  for (let at = 0; at < sold.length; at += 10) {
    const part = { seats: sold.slice(at, at + 10), userId: `buyer-${at}` };
    await call('POST', `/showtimes/${id}/seats/lock`, part);
    await call('POST', `/showtimes/${id}/seats/book`, { ...part, bookingId: `order-${at}` });
  }
  const locked = some(5, 11, 90).filter((seat) => !sold.includes(seat));
  for (let at = 0; at < locked.length; at += 10) await call('POST', `/showtimes/${id}/seats/lock`, { seats: locked.slice(at, at + 10), userId: `other-${at}` });
  const blocked = some(8, 37, 40).filter((seat) => !sold.includes(seat) && !locked.includes(seat));
  await call('PUT', `/showtimes/${id}/seats/block`, { seats: blocked, reason: 'for the pictures' });
}

/** The map with seats of the visitor's own where seats are large enough to be chosen at once. */
async function shoot(id, path, context) {
  const page = await open(browser, `/showtimes/${id}?user=picture-${context.viewport.width}-${context.colorScheme}`, { context: { ...context, reducedMotion: 'reduce' } });
  await linkIs(page, 'live');
  const free = await page.locator('seat-map').evaluate((map) => {
    const { room } = map;
    const all = room.plan.seats.filter((seat) => room.statusOf(seat.index) === 'available');
    return room.plan.seats.length < 5000 ? all.slice(all.length >> 1, (all.length >> 1) + 2).map((seat) => seat.id) : [];
  });
  if (free.length) {
    await page.locator('seat-map').evaluate((map, seats) => map.lock(seats), free);
    await page.locator('[data-part="own"] li[data-own]').nth(1).waitFor({ state: 'attached' });
  }
  await page.mouse.move(2, 2);
  await page.screenshot({ path });
  await page.context().close();
}

/** @param {string} name */
function titleOf(name) {
  const words = name.replace(/-\d+$/, '').replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
