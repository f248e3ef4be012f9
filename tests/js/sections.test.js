/** What a person would point at from afar. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { readPlan } from '../../static/js/model/plan.js';
import { isOn, roomAt, sectionsOf } from '../../static/js/model/sections.js';

/** A zone of blocks of rows, each at a place of its own. */
function zone(name, ...blocks) {
  const rows = blocks.flatMap(({ x, y, rows: count = 6, seats = 10, category = 'A' }) =>
    Array.from({ length: count }, (_, row) => ({
      row_number: String(row + 1),
      seats: Array.from({ length: seats }, (__, seat) => ({ seat_guid: `${name}-${x}-${y}-${row}-${seat}`, category, position: { x: x + seat * 22, y: y + row * 24 } })),
    })),
  );
  return { name, rows };
}

const categories = [{ name: 'A', color: '#aa0000' }, { name: 'B', color: '#0000aa' }];
const planOf = (...zones) => readPlan({ categories, zones });
const namesOf = (plan) => sectionsOf(plan).map(({ name, seats }) => `${name}:${seats.length}`);

test('a zone is a section, and one without seats is none', () => {
  assert.deepEqual(namesOf(planOf(zone('Stalls', { x: 0, y: 0 }), zone('Stage'), zone('Balcony', { x: 0, y: 400 }))), ['Stalls:60', 'Balcony:60']);
});

test('an aisle does not part a zone, a distance of several seats does', () => {
  assert.deepEqual(namesOf(planOf(zone('Stalls', { x: 0, y: 0 }, { x: 10 * 22 + 30, y: 0 }))), [':120']);
  assert.deepEqual(namesOf(planOf(zone('Stalls', { x: 0, y: 0 }, { x: 10 * 22 + 200, y: 0 }))), [':60', ':60']);
  assert.deepEqual(namesOf(planOf(zone('Stalls', { x: 0, y: 0 }, { x: 0, y: 6 * 24 + 200 }))), [':60', ':60']);
});

test('a gap within a row parts a zone too, whatever rows its seats are listed in', () => {
  const wide = zone('Stalls', { x: 0, y: 0 });
  for (const row of wide.rows) for (const seat of row.seats.slice(5)) seat.position.x += 300;
  assert.deepEqual(namesOf(planOf(wide, zone('Balcony', { x: 0, y: 900 }))), ['Stalls:30', 'Stalls:30', 'Balcony:60']);
});

test('parts of a zone are told apart by their category where that is enough', () => {
  const parted = zone('Ring', { x: 0, y: 0 }, { x: 800, y: 0, category: 'B' });
  assert.deepEqual(namesOf(planOf(parted, zone('Balcony', { x: 0, y: 900 }))), ['Ring · A:60', 'Ring · B:60', 'Balcony:60']);
});

test('a few seats apart stay with the nearest part of their zone', () => {
  const box = { x: 900, y: 0, rows: 1, seats: 3 };
  assert.deepEqual(namesOf(planOf(zone('Stalls', { x: 0, y: 0 }, { x: 1200, y: 0 }, box))), [':60', ':63']);
});

test('many seats apart are told to their places without looking at every seat for each', () => {
  const boxes = Array.from({ length: 400 }, (_, at) => ({ x: 5_000 + (at % 20) * 400, y: Math.floor(at / 20) * 400, rows: 1, seats: 2 }));
  const plan = planOf(zone('Stalls', { x: 0, y: 0, rows: 100, seats: 100 }, { x: 20_000, y: 0, rows: 100, seats: 100 }, ...boxes));
  let looks = 0;
  const seats = plan.seats.map((seat) => ({ ...seat, get x() {
    looks += 1;
    return seat.x;
  } }));
  const zones = plan.zones.map((one) => ({ ...one, rows: one.rows.map((row) => ({ ...row, seats: row.seats.map(({ index }) => seats[index]) })) }));
  const sections = sectionsOf({ ...plan, seats, zones });
  assert.deepEqual(sections.map((section) => section.seats.length).reduce((all, count) => all + count), plan.seats.length);
  assert.equal(sections.length, 2);
  for (const { seats: own, index } of sections) {
    assert.ok(own.every((at) => plan.seats[at].x < 11_089 === (index === 0)), 'each is with the nearer place');
  }
  assert.ok(looks < plan.seats.length * 60, `${looks} looks at ${plan.seats.length} seats`);
});

test('a plan of more seats than a call takes arguments has sections', () => {
  const box = { x: 30_000, y: 0, rows: 1, seats: 2 };
  const plan = planOf(zone('Field', { x: 0, y: 0, rows: 600, seats: 500 }, { x: 20_000, y: 0 }, box));
  assert.deepEqual(sectionsOf(plan).map(({ seats }) => seats.length), [300_000, 62]);
});

test('every seat is in one section, with its whole disc', () => {
  const plan = planOf(zone('Stalls', { x: 0, y: 0 }, { x: 500, y: 90 }), zone('Balcony', { x: 10, y: 500, seats: 30 }));
  plan.seats.forEach((seat, at) => (seat.x += 40 * Math.sin(at)));
  const sections = sectionsOf(plan);
  const all = sections.flatMap(({ seats }) => seats).sort((a, b) => a - b);
  assert.deepEqual(all, plan.seats.map(({ index }) => index));
  for (const section of sections) {
    for (const index of section.seats) {
      const { x, y, radius } = plan.seats[index];
      for (const angle of [0, 1, 2, 3, 4, 5, 6]) assert.ok(isOn(section, { x: x + radius * Math.cos(angle), y: y + radius * Math.sin(angle) }));
    }
    assert.ok(isOn(section, section.centre));
    assert.ok(!isOn(section, { x: section.box.x - 1, y: section.centre.y }));
  }
});

test('the room at a height is the way to the nearer side', () => {
  const section = { outline: [{ x: 0, y: 0 }, { x: 100, y: 0 }, { x: 100, y: 50 }, { x: 0, y: 50 }], centre: { x: 40, y: 25 } };
  assert.equal(roomAt(section, 25), 40);
  assert.equal(roomAt(section, 90), 0);
});
