/** What a page's address says. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { secondsIn, showtimeIdsIn } from '../../static/js/model/page-address.js';

test('an address names one showtime or several, each once and in order', () => {
  assert.deepEqual(showtimeIdsIn('/kiosk/a'), ['a']);
  assert.deepEqual(showtimeIdsIn('/kiosk/b,a,,b'), ['b', 'a']);
  assert.deepEqual(showtimeIdsIn('/kiosk/b%2Ca/'), ['b', 'a']);
  assert.deepEqual(showtimeIdsIn('/kiosk/%E0%A4%A'), ['%E0%A4%A']);
});

test('seconds out of bounds become the nearest right ones, and what is no number the usual ones', () => {
  const bounds = { usual: 60, least: 10, most: 600 };
  const read = (search) => secondsIn(search, 'idle', bounds);
  assert.deepEqual(['', '?idle=', '?idle=soon', '?idle=90', '?idle=1', '?idle=-4', '?idle=9999', '?other=5'].map(read), [60, 60, 60, 90, 10, 10, 600, 60]);
});
