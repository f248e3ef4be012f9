/** The visits at a shared screen: what is put on the list of departures, and when it is looked at. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { SETTLED_MS } from '../../static/js/live/departures.js';
import { createVisits } from '../../static/js/pages/visits.js';

test('a visit that the page was loaded anew in is looked at now, and when what was on its way has landed', () => {
  const departed = [];
  const house = { as: (userId) => ({ userId, close() {} }) };
  const visits = createVisits({ house, freshUser: () => 'new', now: () => 5_000, depart: (all) => departed.push(...all), keep() {} });
  visits.endEarlier({ userId: 'old', lockSeconds: { gala: 900 } });
  assert.deepEqual(departed.map(({ userId, lookAt }) => [userId, lookAt]), [['old', 5_000], ['old', 5_000 + SETTLED_MS]]);
});
