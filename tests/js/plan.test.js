/** Reading seating plans: places, names, areas and bounds. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { cornersOf, readArea } from '../../static/js/model/area.js';
import { readableOn, safeColor } from '../../static/js/model/color.js';
import { readPlan } from '../../static/js/model/plan.js';

const seat = (guid, x, more = {}) => ({ seat_guid: guid, seat_number: guid.split('-')[1], position: { x, y: 0 }, category: 'Stalls', ...more });

const plan = {
  name: 'Small',
  size: { width: 10, height: 10 },
  categories: [{ name: 'Stalls', color: '#336699' }, { name: 'Unused', color: '#000000' }],
  zones: [
    {
      name: 'Floor',
      position: { x: 100, y: 200 },
      rows: [
        { row_number: 'A', row_number_position: 'both', position: { x: 10, y: 20 }, seats: [seat('A-1', 0), seat('A-2', 30)] },
        { row_number: 'B', row_label: 'Reihe %s', seat_label: 'Platz %s', seats: [seat('B-1', 0, { radius: 5, category: 'Nameless' })] },
      ],
    },
    { name: 'Balcony', position: { x: 0, y: 400 }, rows: [{ row_number: 'A', seats: [seat('C-1', 0)] }] },
  ],
};

test("a seat's place is the sum of zone, row and seat", () => {
  const { seats } = readPlan(plan);
  assert.deepEqual(seats.map(({ x, y }) => [x, y]), [[110, 220], [140, 220], [100, 200], [0, 400]]);
});

test('the index follows the order of the lists, across zones', () => {
  assert.deepEqual(readPlan(plan).seats.map(({ index, id }) => `${index} ${id}`), ['0 A-1', '1 A-2', '2 B-1', '3 C-1']);
});

test('a seat knows zone, row and number, and what the plan itself calls them', () => {
  const words = readPlan(plan).seats.map(({ zone, row, number, rowLabel, seatLabel }) => [zone, row, number, rowLabel, seatLabel]);
  assert.deepEqual(words, [
    ['Floor', 'A', '1', null, null],
    ['Floor', 'A', '2', null, null],
    ['Floor', 'B', '1', 'Reihe B', 'Platz 1'],
    ['Balcony', 'A', '1', null, null],
  ]);
});

test('a zone that is alone is not named', () => {
  assert.equal(readPlan({ zones: [plan.zones[0]] }).seats[0].zone, '');
});

test('radius and colour have defaults, and only categories with seats are listed', () => {
  const read = readPlan(plan);
  assert.deepEqual(read.seats.map(({ radius }) => radius), [10, 10, 5, 10]);
  assert.equal(read.seats[0].color, '#336699');
  assert.notEqual(read.seats[2].color, '#336699');
  assert.deepEqual(read.categories.map(({ name }) => name), ['Stalls']);
});

test('row labels lie one step outside the row, at the ends asked for', () => {
  assert.deepEqual(readPlan(plan).rows.map((row) => row.labels), [
    [{ text: 'A', x: 88, y: 220 }, { text: 'A', x: 162, y: 220 }],
    [],
    [],
  ]);
});

test('a row label that would lie on a seat is left out', () => {
  const row = { row_number: 'A', row_number_position: 'end', seats: [seat('A-1', 0), seat('A-2', 22)] };
  const next = { row_number: 'A', row_number_position: 'end', seats: [seat('A-3', 44), seat('A-4', 66)] };
  const { rows } = readPlan({ zones: [{ rows: [row, next] }] });
  assert.deepEqual(rows.map(({ labels }) => labels.length), [0, 1]);
});

test("the bounds are the content's, whatever the size says", () => {
  assert.deepEqual(readPlan(plan).bounds, { x: -10, y: 195, width: 180, height: 215 });
});

test('a plan without anything has bounds that can be shown', () => {
  assert.deepEqual(readPlan({}).bounds, { x: 0, y: 0, width: 1, height: 1 });
});

test('an area lies at zone plus area, and turns about its place', () => {
  const area = readArea({ shape: 'rectangle', position: { x: 1, y: 2 }, rectangle: { width: 4, height: 2 }, rotation: 90 }, { x: 10, y: 10 });
  const corners = cornersOf(area).map(({ x, y }) => [Math.round(x), Math.round(y)]);
  assert.deepEqual(corners, [[11, 12], [11, 16], [9, 16], [9, 12]]);
});

test('every shape is read, and any of them may carry a text', () => {
  const read = (raw) => readArea({ ...raw, text: { text: 'STAGE', position: { x: 1, y: 1 } } }, { x: 0, y: 0 });
  assert.deepEqual(read({ shape: 'circle', circle: { radius: 3 } }).outline, { kind: 'ellipse', rx: 3, ry: 3 });
  assert.deepEqual(read({ shape: 'ellipse', ellipse: { radius: { x: 3, y: 2 } } }).outline, { kind: 'ellipse', rx: 3, ry: 2 });
  assert.deepEqual(read({ shape: 'polygon', polygon: { points: [{ x: 1, y: 2 }] } }).outline, { kind: 'polygon', points: [{ x: 1, y: 2 }] });
  assert.equal(read({ shape: 'text' }).outline.kind, 'none');
  assert.deepEqual(read({ shape: 'circle' }).text, { x: 1, y: 1, content: 'STAGE', size: 16, color: null });
  assert.equal(readArea({ shape: 'text', text: { text: ' ' } }, { x: 0, y: 0 }).text, null);
});

test('a colour is only a colour', () => {
  for (const good of ['#abc', '#aabbcc', 'transparent', 'rgb(1, 2, 3)', 'hsla(120, 50%, 50%, .5)']) assert.equal(safeColor(good), good);
  for (const bad of ['url(https://example.org/x)', 'var(--x)', '#12', '', null, undefined]) assert.equal(safeColor(bad), null);
});

test('text is dark on light fills and light on dark ones', () => {
  assert.equal(readableOn('#eee'), '#000');
  assert.equal(readableOn('#1f3a5f'), '#fff');
  assert.equal(readableOn('transparent'), null);
});
