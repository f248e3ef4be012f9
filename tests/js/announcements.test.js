/** What is read aloud, and when. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { createAnnouncements } from '../../static/js/model/announcements.js';

/** Lets time run and notes what is said at which second. */
function speaker() {
  const announcements = createAnnouncements();
  const said = [];
  let time = 0;
  function runTo(end) {
    for (let due = announcements.dueAt(); due !== null && due <= end; due = announcements.dueAt()) {
      time = Math.max(time, due);
      said.push({ at: time, ...announcements.take(time) });
    }
    time = end;
  }
  const add = (text, urgent = false) => announcements.add(text, urgent, time);
  return { announcements, add, runTo, said };
}

test('nothing is due while there is nothing to say', () => {
  const { announcements } = speaker();
  assert.equal(announcements.dueAt(), null);
  assert.equal(announcements.take(5_000), null);
});

test('what comes within a moment is said together, the same words once', () => {
  const { add, runTo, said } = speaker();
  add('one');
  runTo(600);
  add('two');
  add('one');
  runTo(5_000);
  assert.deepEqual(said, [{ at: 1_000, texts: ['one', 'two'], more: 0 }]);
});

test('nothing is taken before it is due', () => {
  const { announcements, add } = speaker();
  add('one');
  assert.equal(announcements.take(999), null);
  assert.deepEqual(announcements.take(1_000), { texts: ['one'], more: 0 });
});

test('the important is said first, then the latest; the rest is counted', () => {
  const { add, runTo, said } = speaker();
  for (let seat = 1; seat <= 13; seat += 1) add(`seat ${seat}`);
  add('your seat was lost', true);
  runTo(1_000);
  assert.deepEqual(said, [{ at: 1_000, texts: ['your seat was lost', 'seat 12', 'seat 13'], more: 11 }]);
});

test('words that were ordinary and became important are important', () => {
  const { add, runTo, said } = speaker();
  for (const text of ['a', 'b', 'c', 'd']) add(text);
  add('a', true);
  runTo(1_000);
  assert.deepEqual(said[0].texts, ['a', 'c', 'd']);
});

test('a stream of ordinary news is said three times in ten seconds, and nothing of it is forgotten', () => {
  const { add, runTo, said } = speaker();
  const count = 300;
  for (let piece = 0; piece < count; piece += 1) {
    add(`piece ${piece}`);
    runTo((piece + 1) * 100);
  }
  runTo(100_000);
  const during = said.filter(({ at }) => at <= 30_000);
  for (const { at } of during) assert.ok(during.filter((other) => other.at >= at && other.at < at + 10_000).length <= 3);
  assert.equal(said.reduce((sum, { texts, more }) => sum + texts.length + more, 0), count);
});

test('important news does not wait until there was silence', () => {
  const { add, runTo, said } = speaker();
  for (let second = 0; second < 5; second += 1) {
    add(`piece ${second}`);
    runTo((second + 1) * 1_000);
  }
  add('your time is nearly up', true);
  runTo(20_000);
  const urgent = said.find(({ texts }) => texts.includes('your time is nearly up'));
  assert.ok(urgent.at <= 6_000, 'no later than the gathering takes');
});
