/** What is said aloud of the visitor's own seats. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { textsIn } from '../../static/js/texts/texts.js';
import { createSpokenSeats } from '../../static/js/view/spoken-seats.js';

const texts = textsIn('en');
const SOON = '2026-11-22T18:24:09.857Z';
const LATER = '2026-11-22T18:39:09.857Z';
const LATEST = '2026-11-22T18:40:09.857Z';

/** A room whose own seats are set by hand. */
function setUp(time = SOON) {
  const own = new Map();
  const now = () => Date.parse(time);
  const room = Object.assign(new EventTarget(), { now, own: () => [...own].map(([seatId, expiresAt]) => ({ seatId, expiresAt })) });
  const said = [];
  const ending = new AbortController();
  createSpokenSeats({ room, say: (text) => said.push(text), texts, nameOf: (id) => `Seat ${id}`, signal: ending.signal });
  const tell = (type, detail) => room.dispatchEvent(new CustomEvent(type, { detail }));
  function lock(seatIds, expiresAt) {
    for (const id of seatIds) own.set(id, expiresAt);
    tell('locked', { seatIds, restored: false });
  }
  return { own, said, tell, lock, ending };
}

test('seats that are held are said with their time, many by their number', () => {
  const { said, lock } = setUp();
  lock(['A'], SOON);
  lock(['B', 'C'], LATER);
  lock(['D', 'E', 'F', 'G'], SOON);
  lock(['H'], null);
  assert.deepEqual(said, [
    `Seat A is held for you until ${texts.clockTime(SOON)}.`,
    `Seat B; Seat C are held for you until ${texts.clockTime(LATER)}.`,
    `4 seats are held for you until ${texts.clockTime(SOON)}.`,
    'Seat H is held for you.',
  ]);
});

test('a longer time for the same seats is said as such, with the end of the first', () => {
  const { own, said, lock, tell } = setUp();
  lock(['A'], SOON);
  lock(['B'], SOON);
  own.set('A', LATER);
  own.set('B', LATEST);
  own.set('C', LATER);
  tell('ownchange', {});
  assert.deepEqual(said.slice(2), [texts.t('own.extended', { time: texts.clockTime(LATER) })]);
  tell('ownchange', {});
  assert.equal(said.length, 3, 'once');
});

test('a seat that was given back or lost and is held again is held anew', () => {
  const { said, lock, tell } = setUp();
  lock(['A'], SOON);
  tell('unlocked', { seatIds: ['A'] });
  assert.equal(said.at(-1), 'Seat A is given back.');
  lock(['A'], LATER);
  assert.match(said.at(-1), /^Seat A is held for you until/);
  tell('lost', { losses: [{ seatId: 'A', reason: 'expired' }] });
  lock(['A'], LATER);
  assert.match(said.at(-1), /^Seat A is held for you until/);
  assert.equal(said.length, 4, 'a loss is a message, and not said here');
});

test('a time of another day is said with its date', () => {
  const { own, said, lock, tell } = setUp('2026-11-21T06:00:00.000Z');
  lock(['A'], SOON);
  assert.match(said[0], /^Seat A is held for you until 11\/2[23]\/26 \d\d:\d\d:09\.$/);
  own.set('A', LATER);
  tell('ownchange', {});
  assert.match(said[1], /until 11\/2[23]\/26 \d\d:\d\d:09\.$/);
});

test('nothing is said after the end', () => {
  const { said, lock, ending } = setUp();
  ending.abort();
  lock(['A'], SOON);
  assert.deepEqual(said, []);
});
