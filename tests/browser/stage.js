/**
 * What the browser tests share: a browser, showtimes of their own, pages with a visitor, and waits with deadlines.
 *
 * The server under test is named by SEATCAST_URL and runs with a short SEATCAST_POLL_SECONDS. What a test asks of a seat
 * it reads from the list beside the map, and what it does to a seat it does on the map, where a person would.
 * @module
 */

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

export const BASE = process.env.SEATCAST_URL ?? 'http://127.0.0.1:8080';
export const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };
export const DESK = { viewport: { width: 1280, height: 860 } };
export const WAIT_MS = 15_000;
const SHOTS = process.env.SEATCAST_SHOTS;
const FLAGS = ['--no-sandbox', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const PRICES = { 'Premium stalls': 95, Stalls: 72, 'Rear stalls': 54, Box: 88, Balcony: 46, 'Rear balcony': 32 };

/** Starts a browser; each visitor gets a context of their own in it. */
export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });
}

/**
 * Creates a showtime on the theatre plan under an id that no other run has used.
 * @returns {Promise<string>} its id
 */
export async function createShowtime(changes = {}, base = BASE) {
  const id = `browser-${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 8)}`;
  const showtime = { title: 'The Tempest', startsAt: '2030-01-01T19:30:00.000Z', currency: 'EUR', prices: PRICES, plan: 'theatre', ...changes };
  await call('PUT', `/showtimes/${id}`, showtime, base);
  return id;
}

/** Calls the API as a back end would, and fails unless it succeeds. */
export async function call(method, path, body, base = BASE) {
  const headers = { 'Content-Type': 'application/json' };
  const response = await fetch(`${base}/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text ? JSON.parse(text) : null;
}

/**
 * Opens an address in a browser context of its own. Errors of the page are collected in `page.faults`.
 * @param {import('playwright-core').Browser} browser
 * @param {string} path
 * @param {{ base?: string, prepare?: (page: import('playwright-core').Page) => Promise<void>, context?: object }} [options]
 */
export async function open(browser, path, { base = BASE, prepare, context = {} } = {}) {
  // A map that glides takes no taps; where gliding is not the matter, nothing glides.
  const page = await (await browser.newContext({ ...DESK, locale: 'en-GB', reducedMotion: 'reduce', ...context })).newPage();
  page.setDefaultTimeout(WAIT_MS);
  page.faults = [];
  page.on('pageerror', (error) => page.faults.push(error.message));
  page.on('console', (message) => {
    if (/Content Security Policy/.test(message.text())) page.faults.push(message.text());
  });
  await prepare?.(page);
  await page.goto(`${base}${path}`);
  return page;
}

/** Opens a showtime as a visitor. */
export function visit(browser, showtimeId, { user, query = '', ...options } = {}) {
  const search = new URLSearchParams(query);
  if (user) search.set('user', user);
  return open(browser, `/showtimes/${showtimeId}${search.size ? `?${search}` : ''}`, options);
}

/** Waits until the badge shows a state. */
export async function linkIs(page, state) {
  await page.locator(`[data-part="badge"][data-state="${state}"]`).first().waitFor({ state: 'attached' });
}

/** Waits until every one of the seats has a status. */
export async function seatsAre(page, seatIds, status) {
  for (const id of seatIds) await seat(page, id).and(page.locator(`[data-status="${status}"]`)).waitFor({ state: 'attached' });
}

/** Waits until a message contains a text. */
export async function isTold(page, text) {
  await page.locator('[data-part="messages"] .message', { hasText: text }).first().waitFor();
}

/** The ids of the first free seats in plan order. */
export async function freeSeats(page, count) {
  const free = page.locator('button[data-seat][data-status="available"]');
  await free.first().waitFor({ state: 'attached' });
  return free.evaluateAll((all, most) => all.slice(0, most).map((one) => one.dataset.seat), count);
}

/**
 * Where a seat is on the map once it is in view and nothing moves any more.
 * @returns {Promise<{ x: number, y: number }>}
 */
export async function placeOf(page, seatId) {
  return page.locator('seat-map').evaluate(async (map, id) => {
    map.show(id);
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    let before = null;
    let same = 0;
    while (same < 3) {
      await frame();
      const now = JSON.stringify(map.placeOf(id));
      same = now === before ? same + 1 : 0;
      before = now;
    }
    return JSON.parse(before);
  }, seatId);
}

/** Clicks seats on the map one after the other, as a person would. */
export async function clickSeats(page, seatIds) {
  for (const id of seatIds) {
    const { x, y } = await placeOf(page, id);
    await page.mouse.click(x, y);
  }
}

/** The name that the page gives a seat. */
export async function nameOf(page, seatId) {
  const label = (await seat(page, seatId).getAttribute('aria-label')) ?? '';
  return label.split(/, (?=available|held |sold|not for sale|one moment|no longer|not known)/)[0];
}

/** The button of a seat in the list. */
export function seat(page, seatId) {
  return page.locator(`button[data-seat="${seatId}"]`);
}

/** The visitor's own seats, in the panel. */
export function ownSeats(page) {
  return page.locator('[data-part="own"] li[data-own]');
}

/** A button of the element by what it does. */
export function action(page, name) {
  return page.locator(`button[data-action="${name}"]`).first();
}

/** Keeps a picture when a folder for pictures is given. */
export async function shoot(page, name) {
  if (!SHOTS) return;
  await mkdir(SHOTS, { recursive: true });
  await page.screenshot({ path: join(SHOTS, name) });
}
