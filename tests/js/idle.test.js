/** Whether the visitor of a shared screen is still there. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { createIdle } from '../../static/js/model/idle.js';

const IDLE = 60_000;
const ASK = 20_000;
const T0 = 1_000_000;

function begun() {
  const idle = createIdle({ idleMs: IDLE, askMs: ASK });
  idle.begin(T0);
  return idle;
}

test('nobody is asked for before a visit begins and after it ends', () => {
  const idle = createIdle({ idleMs: IDLE, askMs: ASK });
  idle.sign(T0);
  idle.stay(T0);
  assert.deepEqual(idle.at(T0 + 10 * IDLE), { phase: 'nobody' });
  idle.begin(T0);
  idle.end();
  assert.deepEqual(idle.at(T0 + 10 * IDLE), { phase: 'nobody' });
});

test('the question comes at the deadline, not a millisecond before, and the visit ends at the next one', () => {
  const idle = begun();
  assert.deepEqual(idle.at(T0 + IDLE - 1), { phase: 'present', checkIn: 1 });
  assert.deepEqual(idle.at(T0 + IDLE), { phase: 'asking', left: ASK, checkIn: 1_000 });
  assert.deepEqual(idle.at(T0 + IDLE + ASK - 1), { phase: 'asking', left: 1, checkIn: 1 });
  assert.deepEqual(idle.at(T0 + IDLE + ASK), { phase: 'over' });
});

test('the countdown is looked at whenever a whole second has passed', () => {
  const idle = begun();
  assert.deepEqual(idle.at(T0 + IDLE + 300), { phase: 'asking', left: ASK - 300, checkIn: 700 });
});

test('a sign of life moves the deadline', () => {
  const idle = begun();
  idle.sign(T0 + IDLE - 1);
  assert.deepEqual(idle.at(T0 + IDLE), { phase: 'present', checkIn: IDLE - 1 });
});

test('while the question stands a touch is no answer', () => {
  const idle = begun();
  idle.sign(T0 + IDLE + 5_000);
  assert.equal(idle.at(T0 + IDLE + 5_000).phase, 'asking');
  assert.equal(idle.at(T0 + IDLE + ASK).phase, 'over');
});

test('the answer to the question brings the whole time back', () => {
  const idle = begun();
  idle.stay(T0 + IDLE + ASK - 1);
  assert.deepEqual(idle.at(T0 + IDLE + ASK), { phase: 'present', checkIn: IDLE - 1 });
});

test('neither a touch nor an answer that comes too late brings a visit back', () => {
  const idle = begun();
  idle.stay(T0 + IDLE + ASK);
  idle.sign(T0 + IDLE + ASK);
  assert.deepEqual(idle.at(T0 + IDLE + ASK), { phase: 'over' });
});

test('a page that slept past both deadlines is over at its first event, which is a touch', () => {
  const idle = begun();
  idle.sign(T0 + 3_600_000);
  assert.equal(idle.at(T0 + 3_600_000).phase, 'over');
});

test('a page that slept past the first deadline only asks for the time that is left', () => {
  const idle = begun();
  assert.deepEqual(idle.at(T0 + IDLE + ASK / 2), { phase: 'asking', left: ASK / 2, checkIn: 1_000 });
});

test('a clock that is set back does not lengthen a visit by more than its time', () => {
  const idle = begun();
  assert.deepEqual(idle.at(T0 - 3_600_000), { phase: 'present', checkIn: IDLE });
  assert.equal(idle.at(T0 - 3_600_000 + IDLE + ASK).phase, 'over');
});
