/** What the pages say. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { ApiError } from '../../static/js/live/api.js';
import { cannotOpenText } from '../../static/js/view/words.js';

test('a page that cannot be opened says why, and that it opens by itself where it will', () => {
  const gone = new ApiError({ code: 'unknown_showtime', status: 404, detail: 'there is no such showtime' }, null);
  assert.equal(cannotOpenText(gone), 'This showtime cannot be shown. There is no such showtime');
  const outages = [
    { code: 'store_unavailable', status: 503 },
    { code: 'outcome_unknown', status: 503 },
    { code: 'unreachable' },
    { code: 'internal', status: 500 },
  ];
  for (const problem of outages) assert.match(cannotOpenText(new ApiError(problem, null)), /opens by itself/);
});
