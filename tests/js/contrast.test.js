/** Colours told apart from what they lie on. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { contrastOf, inkOn, mixed, withContrast } from '../../static/js/model/contrast.js';
import { chance } from './chance.js';

const random = chance(11);
const anyColor = () => `#${Math.floor(random() * 2 ** 24).toString(16).padStart(6, '0')}`;

/** The angle of a colour among all hues, and how far from grey it is, taken from its channels alone. */
function hueOf(color) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
  return { angle: Math.atan2(Math.sqrt(3) * (green - blue), 2 * red - green - blue), strength: Math.max(red, green, blue) - Math.min(red, green, blue) };
}

test('contrast is that of the guidelines: 21 for black on white, 1 for a colour on itself, the known value of a grey', () => {
  assert.equal(contrastOf('#000000', '#ffffff').toFixed(3), '21.000');
  assert.equal(contrastOf('#4f86a8', '#4f86a8'), 1);
  assert.equal(contrastOf('#767676', '#ffffff').toFixed(2), '4.54');
});

test('any colour gets the contrast asked for on any ground', () => {
  for (let round = 0; round < 2000; round += 1) {
    const [color, ground] = [anyColor(), anyColor()];
    const least = round % 2 ? 3 : 4.5;
    const answer = withContrast(color, ground, least);
    assert.ok(contrastOf(answer, ground) >= least, `${color} on ${ground} became ${answer}`);
  }
});

test('a colour that has enough contrast stays as it is', () => {
  for (let round = 0; round < 500; round += 1) {
    const color = anyColor();
    const ground = round % 2 ? '#f4f6f9' : '#10151c';
    if (contrastOf(color, ground) >= 3) assert.equal(withContrast(color, ground, 3), color);
  }
});

test('a colour that is made darker or lighter keeps its hue', () => {
  let judged = 0;
  for (let round = 0; round < 1000; round += 1) {
    const color = anyColor();
    const answer = withContrast(color, round % 2 ? '#f4f6f9' : '#10151c', 3);
    const [before, after] = [hueOf(color), hueOf(answer)];
    // Near grey a hue is a matter of rounding.
    if (answer === color || before.strength < 60 || after.strength < 60) continue;
    const turn = Math.abs(Math.atan2(Math.sin(after.angle - before.angle), Math.cos(after.angle - before.angle)));
    assert.ok(turn < 0.6, `${color} became ${answer}, ${turn.toFixed(2)} away`);
    judged += 1;
  }
  assert.ok(judged > 100, `${judged} colours were judged`);
});

test('black or white can be read on any colour', () => {
  for (let round = 0; round < 2000; round += 1) {
    const fill = anyColor();
    assert.ok(contrastOf(inkOn(fill), fill) >= 4.5, fill);
  }
});

test('a mixture goes from one colour to the other', () => {
  assert.equal(mixed('#4f86a8', '#d9a860', 0), '#4f86a8');
  assert.equal(mixed('#4f86a8', '#d9a860', 1), '#d9a860');
  assert.equal(mixed('#000000', '#ffffff', 0.5), '#636363');
});
