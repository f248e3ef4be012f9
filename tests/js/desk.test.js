/** What a clerk picks, and what may be done with it. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { bookingsIn, offersFor } from '../../static/js/model/desk-actions.js';
import { createDeskSelection } from '../../static/js/model/desk-selection.js';

function picking(statuses, indices) {
  const selection = createDeskSelection((index) => statuses[index]);
  selection.add(indices);
  return selection;
}

test('a seat that changes under the hands is listed until the clerk has seen it', () => {
  const statuses = ['available', 'available', 'available'];
  const selection = picking(statuses, [2, 0]);
  statuses[0] = 'locked';
  statuses[1] = 'locked';
  assert.deepEqual(selection.observe([0, 1]), [{ index: 0, seen: 'available', status: 'locked' }]);
  assert.deepEqual(selection.changed(), [{ index: 0, seen: 'available', status: 'locked' }]);
  assert.deepEqual(selection.observe('all'), [], 'nothing new at the second look');
  selection.accept();
  assert.deepEqual(selection.changed(), []);
  assert.deepEqual(selection.list().map((one) => one.index), [0, 2]);
});

test('a seat that changes and changes back is as the clerk has seen it', () => {
  const statuses = ['available'];
  const selection = picking(statuses, [0]);
  statuses[0] = 'locked';
  selection.observe([0]);
  statuses[0] = 'available';
  assert.equal(selection.observe([0]).length, 1);
  assert.deepEqual(selection.changed(), []);
});

test('the first word of the server about a seat is no change', () => {
  const statuses = ['unknown'];
  const selection = picking(statuses, [0]);
  statuses[0] = 'occupied';
  assert.equal(selection.observe('all').length, 1);
  assert.deepEqual(selection.changed(), []);
});

test('picking a seat again keeps what was seen of it, a toggle drops it', () => {
  const statuses = ['available'];
  const selection = picking(statuses, [0]);
  statuses[0] = 'occupied';
  selection.observe([0]);
  selection.add([0]);
  assert.equal(selection.changed().length, 1);
  selection.toggle(0);
  assert.deepEqual(selection.list(), []);
  selection.toggle(0);
  assert.deepEqual([selection.list().length, selection.changed().length], [1, 0]);
});

test('an action is offered only when every picked seat takes it', () => {
  const free = { index: 0, status: 'available' };
  const sold = { index: 1, status: 'occupied' };
  const offered = (picked) => Object.entries(offersFor(picked)).filter(([, offer]) => offer.offered).map(([action]) => action);
  assert.deepEqual(offered([]), []);
  assert.deepEqual(offered([free]), ['book', 'block']);
  assert.deepEqual(offered([sold]), ['release']);
  assert.deepEqual(offered([{ index: 2, status: 'blocked' }]), ['unblock']);
  assert.deepEqual(offered([free, sold]), []);
  assert.deepEqual(offered([{ index: 3, status: 'locked' }]), []);
  assert.deepEqual(offersFor([free, sold]).book, { offered: false, fitting: [0], others: 1 });
});

test('sold seats are grouped by booking, with those of the booking that are not picked', () => {
  const facts = [
    { seatId: 'A-1', bookingId: '7', bookingSeats: ['A-1', 'A-2'] },
    { seatId: 'B-1', bookingId: 'x', bookingSeats: ['B-1'] },
    { seatId: 'C-1' },
    { seatId: 'A-2', bookingId: '7', bookingSeats: ['A-1', 'A-2'] },
  ];
  assert.deepEqual(bookingsIn(facts), [
    { bookingId: '7', seatIds: ['A-1', 'A-2'], all: ['A-1', 'A-2'] },
    { bookingId: 'x', seatIds: ['B-1'], all: ['B-1'] },
  ]);
});
