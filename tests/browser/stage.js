/**
 * What the browser tests share: a browser, showtimes of their own, pages with a visitor, and waits with deadlines.
 *
 * The server under test is named by SEATCAST_URL and runs with a short SEATCAST_POLL_SECONDS.
 * @module
 */

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const BASE = process.env.SEATCAST_URL ?? 'http://127.0.0.1:8080';
const SHOTS = process.env.SEATCAST_SHOTS;
const FLAGS = ['--no-sandbox', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const WAIT_MS = 15_000;
const PRICES = { 'Premium stalls': 95, Stalls: 72, 'Rear stalls': 54, Box: 88, Balcony: 46, 'Rear balcony': 32 };

/** Starts a browser; each visitor gets a context of their own in it. */
export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });
}

/**
 * Creates a showtime on the theatre plan under an id that no other run has used.
 * @returns {Promise<string>} its id
 */
export async function createShowtime(changes = {}) {
  const id = `browser-${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 8)}`;
  const showtime = { title: 'The Tempest', startsAt: '2030-01-01T19:30:00.000Z', currency: 'EUR', prices: PRICES, plan: 'theatre', ...changes };
  await call('PUT', `/showtimes/${id}`, showtime);
  return id;
}

/** Calls the API as a back end would, and fails unless it succeeds. */
export async function call(method, path, body) {
  const headers = { 'Content-Type': 'application/json' };
  const response = await fetch(`${BASE}/api/v1${path}`, { method, headers, body: JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text ? JSON.parse(text) : null;
}

/**
 * Opens a showtime as a visitor in a browser context of their own.
 * @param {import('playwright-core').Browser} browser
 * @param {string} showtimeId
 * @param {{ user?: string, prepare?: (page: import('playwright-core').Page) => Promise<void>, context?: object }} [options]
 */
export async function visit(browser, showtimeId, { user, prepare, context = {} } = {}) {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 860 }, ...context })).newPage();
  page.setDefaultTimeout(WAIT_MS);
  page.faults = [];
  page.on('pageerror', (error) => page.faults.push(error.message));
  page.on('console', (message) => {
    if (/Content Security Policy/.test(message.text())) page.faults.push(message.text());
  });
  await prepare?.(page);
  await page.goto(`${BASE}/showtimes/${showtimeId}${user ? `?user=${user}` : ''}`);
  return page;
}

/** Opens the list of showtimes. */
export async function openList(browser) {
  const page = await (await browser.newContext()).newPage();
  page.setDefaultTimeout(WAIT_MS);
  await page.goto(`${BASE}/`);
  return page;
}

/** Waits until the badge shows a state. */
export async function linkIs(page, state) {
  await page.locator(`#connection[data-state="${state}"]`).waitFor();
}

/** Waits until every one of the seats has a status. */
export async function seatsAre(page, seatIds, status) {
  for (const id of seatIds) await seat(page, id).and(page.locator(`[data-status="${status}"]`)).waitFor({ state: 'attached' });
}

/** Waits until a message contains a text. */
export async function isTold(page, text) {
  await page.locator('#messages .message', { hasText: text }).first().waitFor();
}

/** The ids of the first free seats in plan order. */
export async function freeSeats(page, count) {
  await page.locator('[data-seat][data-status="available"]').first().waitFor({ state: 'attached' });
  return page.locator('[data-seat][data-status="available"]').evaluateAll((all, most) => all.slice(0, most).map((one) => one.dataset.seat), count);
}

/** Clicks seats one after the other, as a person would. */
export async function clickSeats(page, seatIds) {
  for (const id of seatIds) await seat(page, id).click();
}

/** The name that the page gives a seat. */
export async function nameOf(page, seatId) {
  const label = (await seat(page, seatId).getAttribute('aria-label')) ?? '';
  return label.replace(/, (available|held by someone else|sold|not for sale|yours for now|asking the server).*$/, '');
}

/** The element of a seat. */
export function seat(page, seatId) {
  return page.locator(`[data-seat="${seatId}"]`);
}

/** Keeps a picture when a folder for pictures is given. */
export async function shoot(page, name) {
  if (!SHOTS) return;
  await mkdir(SHOTS, { recursive: true });
  await page.screenshot({ path: join(SHOTS, name) });
}
