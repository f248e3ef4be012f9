/** The list's sections, rows and seats, and where a step leads. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { outlineOf, stepFrom } from '../../static/js/model/outline.js';
import { readPlan } from '../../static/js/model/plan.js';

const row = (number, y, xs) => ({
  row_number: number,
  position: { x: 0, y },
  seats: xs.map((x, place) => ({ seat_guid: `${number}-${place + 1}`, seat_number: String(place + 1), position: { x, y: 0 } })),
});

/** Floor: A with three seats, an empty row, B with two that stand to the right. Balcony: C. */
const plan = readPlan({
  zones: [
    { name: 'Floor', rows: [row('A', 0, [0, 20, 40]), row('-', 10, []), row('B', 20, [38, 60])] },
    { name: 'Empty', rows: [row('-', 0, [])] },
    { name: 'Balcony', position: { x: 0, y: 100 }, rows: [row('C', 0, [0, 20, 40, 60])] },
  ],
});
const { sections, placeOf } = outlineOf(plan);
const idAt = (place) => place && (place.row === null ? `#${sections[place.section].name}` : sections[place.section].rows[place.row].seats[place.seat].id);
const placeOfId = (id) => placeOf(plan.seats.find((seat) => seat.id === id).index);
const heading = (section) => ({ section, row: null, seat: 0 });

/** Steps in a list in which everything is open and headings are plain. */
const stepOpen = (id, step) => idAt(stepFrom(sections, () => true, false, placeOfId(id), step));
/** Steps in a list whose headings open and close; only the first section is open. */
const stepClosing = (from, step) => idAt(stepFrom(sections, (section) => section === 0, true, from, step));

test('sections and rows without seats are left out, and every seat has its place', () => {
  assert.deepEqual(sections.map(({ name, rows, seatCount }) => [name, rows.length, seatCount]), [['Floor', 2, 5], ['Balcony', 1, 4]]);
  for (const seat of plan.seats) assert.equal(idAt(placeOf(seat.index)), seat.id);
});

test('left, right, home and end stay in the row', () => {
  assert.equal(stepOpen('A-1', 'next'), 'A-2');
  assert.equal(stepOpen('A-2', 'previous'), 'A-1');
  assert.equal(stepOpen('A-1', 'previous'), null);
  assert.equal(stepOpen('A-3', 'next'), null);
  assert.equal(stepOpen('A-2', 'rowStart'), 'A-1');
  assert.equal(stepOpen('A-2', 'rowEnd'), 'A-3');
});

test('up and down lead to the seat of the next row that is nearest in the hall', () => {
  assert.equal(stepOpen('A-3', 'down'), 'B-1');
  assert.equal(stepOpen('B-1', 'up'), 'A-3');
  assert.equal(stepOpen('B-2', 'down'), 'C-4');
  assert.equal(stepOpen('C-1', 'up'), 'B-1');
  assert.equal(stepOpen('A-1', 'up'), null);
  assert.equal(stepOpen('C-1', 'down'), null);
});

test('page keys lead to the start of a section, backwards first to that of its own', () => {
  assert.equal(stepOpen('A-2', 'sectionDown'), 'C-1');
  assert.equal(stepOpen('C-3', 'sectionUp'), 'C-1');
  assert.equal(stepOpen('C-1', 'sectionUp'), 'A-1');
  assert.equal(stepOpen('C-1', 'sectionDown'), null);
  assert.equal(stepOpen('B-2', 'first'), 'A-1');
  assert.equal(stepOpen('A-1', 'last'), 'C-4');
});

test('headings that open are steps of their own, and closed sections are passed over', () => {
  assert.equal(stepClosing(heading(0), 'down'), 'A-1');
  assert.equal(stepClosing(placeOfId('A-2'), 'up'), '#Floor');
  assert.equal(stepClosing(placeOfId('B-2'), 'down'), '#Balcony');
  assert.equal(stepClosing(heading(1), 'down'), null);
  assert.equal(stepClosing(heading(1), 'up'), 'B-1');
  assert.equal(stepClosing(placeOfId('B-2'), 'sectionUp'), '#Floor');
  assert.equal(stepClosing(heading(0), 'sectionDown'), '#Balcony');
  assert.equal(stepClosing(placeOfId('A-1'), 'last'), '#Balcony');
  assert.equal(stepClosing(heading(1), 'next'), null);
});

test('a plan without seats has no sections and no steps', () => {
  const empty = outlineOf(readPlan({ zones: [] }));
  assert.deepEqual(empty.sections, []);
  assert.equal(stepFrom(empty.sections, () => true, false, { section: 0, row: 0, seat: 0 }, 'last'), null);
});
