/**
 * Whether the map of a large arena keeps up: 20,000 seats, a hundred changes a second, and a visitor who pans and zooms.
 *
 * A task counts by the processor time that it took on the page's main thread: on a machine that does other work too, the
 * time that passes meanwhile says little. What else is measured is printed, beside the same for an empty page.
 */

import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { call, createShowtime, launch, shoot, visit } from './stage.js';

const LOAD_SECONDS = 6;
const CHANGES_PER_SECOND = 100;
/** Changes are sent this many at a time, so that the timer of this process need not be exact. */
const BATCH = 10;
const LONGEST_TASK_MS = 50;
const TRACED = ['toplevel'];
const TASK = 'ThreadControllerImpl::RunTask';
const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

test('no task of the page is long while 20,000 seats are panned and zoomed under a hundred changes a second, with a mouse', async () => {
  await measure('desk', {}, moveByMouse);
});

test('no task of the page is long on a phone either, with fingers', async () => {
  await measure('phone', PHONE, moveByFingers);
});

/**
 * @param {string} name
 * @param {object} context
 * @param {(page: import('playwright-core').Page, cdp: import('playwright-core').CDPSession, until: number) => Promise<void>} move
 */
async function measure(name, context, move) {
  const showtimeId = await createShowtime({ plan: 'arena', prices: {}, maxSeatsPerHolder: 1000 });
  const seatIds = (await call('GET', `/showtimes/${showtimeId}/seats/status`)).seats.map((seat) => seat.seatId);
  const empty = await measured(showtimeId, seatIds, context, async (page) => page.goto('about:blank'), async (page, cdp, until) => pass(until));
  const map = await measured(showtimeId, seatIds, context, mapIsLive, move);
  report(`${name}, empty page`, empty);
  report(`${name}, arena`, map);
  assert.ok(map.diffs >= LOAD_SECONDS, `the page was told of changes: ${map.diffs} messages`);
  assert.ok(map.frames.length > 0 && map.tasks.length > 0, 'frames and tasks were seen');
  assert.deepEqual(map.page.faults, []);
  const long = map.tasks.filter((task) => task.processor > LONGEST_TASK_MS);
  assert.deepEqual(long, [], `tasks that took more than ${LONGEST_TASK_MS} ms of the processor`);
}

/** Waits until the map is drawn with what the server said. */
async function mapIsLive(page) {
  await page.locator('seat-map canvas').first().waitFor({ state: 'attached' });
  await page.locator('seat-map [data-part="badge"][data-state="live"]').waitFor({ state: 'attached' });
}

/** Opens a page, lets the showtime change, has the page moved, and takes what that cost. */
async function measured(showtimeId, seatIds, context, ready, move) {
  let diffs = 0;
  const prepare = async (page) => {
    page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => (diffs += String(payload).includes('"diff"') ? 1 : 0)));
  };
  const page = await visit(browser, showtimeId, { prepare, context: { ...context, reducedMotion: 'no-preference' } });
  await ready(page);
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable');
  await page.evaluate(watchFrames);
  await browser.startTracing(page, { categories: TRACED });
  const until = performance.now() + LOAD_SECONDS * 1000;
  const [changes] = await Promise.all([change(showtimeId, seatIds, until), move(page, cdp, until)]);
  const trace = JSON.parse((await browser.stopTracing()).toString());
  const { frames, longTasks } = await page.evaluate(() => window.watched);
  const metrics = Object.fromEntries((await cdp.send('Performance.getMetrics')).metrics.map((metric) => [metric.name, metric.value]));
  await shoot(page, `frames-${page.viewportSize().width}.png`);
  await page.context().close();
  return { page, diffs, changes, frames, longTasks, tasks: tasksOf(trace.traceEvents), heap: metrics.JSHeapUsedSize };
}

/** Runs in the page: notes how long each frame took to come, and which tasks the browser calls long. */
function watchFrames() {
  const watched = { frames: [], longTasks: [] };
  window.watched = watched;
  new PerformanceObserver((list) => watched.longTasks.push(...list.getEntries().map((entry) => entry.duration))).observe({ type: 'longtask' });
  let last = performance.now();
  requestAnimationFrame(function next(now) {
    watched.frames.push(now - last);
    last = now;
    requestAnimationFrame(next);
  });
}

/**
 * Locks seats one by one and gives them back, so many times a second.
 * @returns {Promise<number>} how many changes were made
 */
async function change(showtimeId, seatIds, until) {
  const began = performance.now();
  const step = Math.floor(seatIds.length / 997);
  let sent = 0;
  const underWay = new Set();
  while (performance.now() < until) {
    const due = ((performance.now() - began) / 1000) * CHANGES_PER_SECOND;
    for (; sent < due; sent += 1) {
      // Every second change gives back what the one before it took.
      const seats = [seatIds[((sent >> 1) * step) % seatIds.length]];
      const [method, path] = sent % 2 ? ['DELETE', 'unlock'] : ['POST', 'lock'];
      const previous = sent % 2 ? [...underWay].at(-1) : null;
      const request = Promise.resolve(previous).then(() => call(method, `/showtimes/${showtimeId}/seats/${path}`, { seats, userId: 'crowd' }));
      underWay.add(request);
      request.finally(() => underWay.delete(request)).catch(() => {});
    }
    await pass(performance.now() + (1000 * BATCH) / CHANGES_PER_SECOND);
  }
  await Promise.all(underWay);
  return sent;
}

/** Lets time go by: it is what the measurement lasts, nothing is waited for. */
function pass(until) {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, until - performance.now())));
}

/** Zooms to seats, drags about, zooms out, and again. */
async function moveByMouse(page, cdp, until) {
  const { x, y, width, height } = await mapBox(page);
  const [middleX, middleY] = [x + width / 2, y + height / 2];
  for (let round = 0; performance.now() < until; round += 1) {
    await page.mouse.move(middleX - width / 5, middleY - height / 5);
    for (let notch = 0; notch < 12; notch += 1) await page.mouse.wheel(0, -120);
    for (let drag = 0; drag < 3; drag += 1) {
      await page.mouse.move(middleX, middleY);
      await page.mouse.down();
      for (let at = 1; at <= 12; at += 1) await page.mouse.move(middleX + at * (round % 2 ? 14 : -14), middleY + at * 9 * (drag - 1));
      await page.mouse.up();
    }
    for (let notch = 0; notch < 14; notch += 1) await page.mouse.wheel(0, 120);
  }
}

/** The same with two fingers and with one. */
async function moveByFingers(page, cdp, until) {
  const { x, y, width, height } = await mapBox(page);
  const [middleX, middleY] = [x + width / 2, y + height / 2];
  const touch = (type, ...points) => cdp.send('Input.dispatchTouchEvent', { type, touchPoints: points.map(([px, py], id) => ({ x: px, y: py, id })) });
  const pinch = async (from, to) => {
    const fingers = (gap) => [[middleX - gap, middleY - gap / 2], [middleX + gap, middleY + gap / 2]];
    await touch('touchStart', ...fingers(from));
    for (let at = 1; at <= 10; at += 1) await touch('touchMove', ...fingers(from + ((to - from) * at) / 10));
    await touch('touchEnd');
  };
  for (let round = 0; performance.now() < until; round += 1) {
    for (let again = 0; again < 3; again += 1) await pinch(20, 140);
    for (let drag = 0; drag < 3; drag += 1) {
      await touch('touchStart', [middleX, middleY]);
      for (let at = 1; at <= 12; at += 1) await touch('touchMove', [middleX + at * (round % 2 ? 10 : -10), middleY + at * 8 * (drag - 1)]);
      await touch('touchEnd');
    }
    for (let again = 0; again < 3; again += 1) await pinch(140, 20);
  }
}

async function mapBox(page) {
  const box = await page.locator('seat-map canvas').first().evaluate((canvas) => {
    const { x, y, width, height } = canvas.parentElement.getBoundingClientRect();
    return { x, y, width, height };
  });
  assert.ok(box.width > 100 && box.height > 100, 'the map has a size');
  return box;
}

/**
 * What ran on the main threads of pages, longest first.
 * @returns {{ processor: number, passed: number }[]} milliseconds
 */
function tasksOf(events) {
  const mains = new Set(events.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain').map(({ pid, tid }) => `${pid} ${tid}`));
  const tasks = events.filter(({ name, ph, pid, tid }) => ph === 'X' && name === TASK && mains.has(`${pid} ${tid}`));
  return tasks.map(({ dur = 0, tdur = 0 }) => ({ processor: tdur / 1000, passed: dur / 1000 })).sort((a, b) => b.processor - a.processor);
}

function report(name, { diffs, changes, frames, longTasks, tasks, heap }) {
  const sorted = [...frames].sort((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]?.toFixed(1);
  const processor = tasks.reduce((sum, task) => sum + task.processor, 0);
  console.log(
    `${name}: ${changes} changes, ${diffs} diffs; ${frames.length} frames, interval median ${at(0.5)} ms, p95 ${at(0.95)} ms, longest ${at(1)} ms; ` +
      `tasks: ${tasks.length}, ${processor.toFixed(0)} ms of the processor, longest ${tasks[0]?.processor.toFixed(1)} ms; ` +
      `longer than 50 ms by the clock: ${longTasks.length}; heap ${(heap / 2 ** 20).toFixed(1)} MiB`,
  );
}
