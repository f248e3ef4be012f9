/** Finding the seats that somebody types. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { readPlan } from '../../static/js/model/plan.js';
import { createSeatQuery } from '../../static/js/model/seat-query.js';

function row(row_number, numbers, prefix = row_number, more = {}) {
  return { row_number, ...more, seats: numbers.map((seat_number) => ({ seat_guid: `${prefix}-${seat_number}`, seat_number, category: 'x' })) };
}

function finding(zones) {
  const plan = readPlan({ categories: [{ name: 'x' }], zones });
  const find = createSeatQuery(plan);
  return (text) => {
    const { indices, problems } = find(text);
    return { ids: indices.map((index) => plan.seats[index].id), problems };
  };
}

const hall = finding([{ name: 'Hall', rows: [row('A', ['1', '2', '3', '4']), row('B', ['1', '2', '10']), row('1', ['1', '2']), row('12', ['1', '2'])] }]);
const house = finding([
  { name: 'Stalls', rows: [row('A', ['1', '2'], 's-A')] },
  { name: 'Balcony', rows: [row('A', ['1', '2', '3'], 'b-A')] },
]);

test('a row and a number find a seat, however they are set', () => {
  for (const text of ['A 1', 'a1', ' A  1 ', 'A-1', 'a/1']) assert.deepEqual(hall(text), { ids: ['A-1'], problems: [] }, text);
});

test('a range finds the seats between its ends, either way round', () => {
  for (const text of ['A 2-4', 'A 4-2', 'A 2 – 4', 'a2..4']) assert.deepEqual(hall(text).ids, ['A-2', 'A-3', 'A-4'], text);
  assert.deepEqual(hall('B 1-10').ids, ['B-1', 'B-2', 'B-10'], 'a range goes by place, not by number');
});

test('a row alone finds all its seats, segments and all', () => {
  assert.deepEqual(hall('B').ids, ['B-1', 'B-2', 'B-10']);
  const split = finding([{ name: 'Hall', rows: [row('A', ['1', '2']), row('B', ['1']), row('A', ['3'])] }]);
  assert.deepEqual(split('A *').ids, ['A-1', 'A-2', 'A-3']);
});

test('several terms find each seat once in the order typed', () => {
  assert.deepEqual(hall('B 2, A 1-2; A 2').ids, ['B-2', 'A-1', 'A-2']);
});

test('a row named by a number needs a gap before the seat', () => {
  assert.deepEqual(hall('12').ids, ['12-1', '12-2']);
  assert.deepEqual(hall('1 2').ids, ['1-2']);
  assert.deepEqual(hall('12 2').ids, ['12-2']);
});

test('what is in several zones is ambiguous until the zone is named', () => {
  assert.deepEqual(house('A 1').problems, [{ term: 'A 1', zones: ['Stalls', 'Balcony'] }]);
  assert.deepEqual(house('Balcony A 1').ids, ['b-A-1']);
  assert.deepEqual(house('A 3').ids, ['b-A-3'], 'only one row A has a seat 3');
});

test('an id finds its seat', () => {
  assert.deepEqual(house('s-A-2').ids, ['s-A-2']);
});

test('a term with a seat that is not there finds nothing and is named, the others are found', () => {
  assert.deepEqual(hall('A 1, A 3-9, C 1').ids, ['A-1']);
  assert.deepEqual(hall('A 1, A 3-9, C 1').problems, [{ term: 'A 3-9', zones: [] }, { term: 'C 1', zones: [] }]);
  assert.deepEqual(hall(' , ;'), { ids: [], problems: [] });
});

test('the plan\'s own words for rows and seats are understood', () => {
  const find = finding([{ name: 'Saal', rows: [row('3', ['1', '2'], 'r3', { row_label: 'Reihe %s', seat_label: 'Platz %s' })] }]);
  assert.deepEqual(find('Reihe 3 Platz 2').ids, ['r3-2']);
  assert.deepEqual(find('Reihe 3 2').ids, ['r3-2']);
});
