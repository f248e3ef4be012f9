/** How long an answer is waited for. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { createApi } from '../../static/js/live/api.js';
import { fakeTimers } from './fakes.js';

/** A network whose answers begin, and end, after the milliseconds given. */
function asking({ begins, ends }) {
  const timers = fakeTimers();
  const fetch = (_, { signal }) =>
    new Promise((resolve, reject) => {
      const body = { ok: true, status: 200, headers: new Headers(), json: () => late(ends - begins, { rows: 1 }) };
      const late = (milliseconds, value) =>
        new Promise((done, failed) => {
          signal.addEventListener('abort', () => failed(signal.reason));
          timers.set(() => done(value), milliseconds);
        });
      late(begins, body).then(resolve, reject);
    });
  return { timers, plan: createApi({ fetch, timers }).plan('p') };
}

test('a plan that takes long to arrive is waited for once it has begun', async () => {
  const { timers, plan } = asking({ begins: 9_000, ends: 60_000 });
  await timers.advance(60_000);
  assert.deepEqual(await plan, { rows: 1 });
});

test('an answer that does not begin in time, or never ends, is none', async () => {
  const late = asking({ begins: 11_000, ends: 12_000 });
  const refused = assert.rejects(late.plan, { code: 'unreachable' });
  await late.timers.advance(10_000);
  await refused;

  const endless = asking({ begins: 1_000, ends: 1_000_000 });
  const cut = assert.rejects(endless.plan, { code: 'unreachable' });
  await endless.timers.advance(61_000);
  await cut;
});
