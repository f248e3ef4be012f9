/** Filters by category and price, and where a card beside a seat goes. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { EVERY_SEAT, asksForNothing, matcherOf, priceIn, priceRange } from '../../static/js/model/filter.js';
import { besideSpot, edgeAwayFrom } from '../../static/js/model/placement.js';

const PRICES = { Stalls: 20, Box: '45.50', Free: 0, Unpriced: null };
const amountOf = (category) => PRICES[category];
const CATEGORIES = ['Stalls', 'Box', 'Free', 'Unpriced'];

function matching(filter) {
  const matches = matcherOf({ ...EVERY_SEAT, ...filter }, amountOf);
  return CATEGORIES.filter((category) => matches({ category }));
}

test('a filter that asks for nothing matches every seat', () => {
  assert.ok(asksForNothing(EVERY_SEAT));
  assert.deepEqual(matching({}), CATEGORIES);
});

test('categories and both ends of the price are taken together', () => {
  assert.deepEqual(matching({ categories: ['Box', 'Unpriced'] }), ['Box', 'Unpriced']);
  assert.deepEqual(matching({ from: 20, to: 45.5 }), ['Stalls', 'Box']);
  assert.deepEqual(matching({ to: 20 }), ['Stalls', 'Free']);
  assert.deepEqual(matching({ categories: ['Box', 'Free'], from: 1 }), ['Box']);
});

test('a price of nothing is a price, and no price is in no range', () => {
  assert.deepEqual(matching({ from: 0 }), ['Stalls', 'Box', 'Free']);
  assert.equal(priceIn(''), null);
  assert.equal(priceIn('ask'), null);
});

test('bounds the wrong way round are turned', () => {
  assert.deepEqual(matching({ from: 30, to: 10 }), ['Stalls']);
});

test('the range of prices leaves out what has none', () => {
  assert.deepEqual(priceRange(CATEGORIES, amountOf), { low: 0, high: 45.5 });
  assert.equal(priceRange(['Unpriced'], amountOf), null);
});

const CARD = { width: 200, height: 100 };
const BOX = { width: 600, height: 400 };

test('a card goes above a seat, so that the row stays free, and below where there is no room above', () => {
  assert.deepEqual(besideSpot({ x: 150, y: 200, radius: 12 }, CARD, BOX), { x: 50, y: 78 });
  assert.deepEqual(besideSpot({ x: 150, y: 60, radius: 12 }, CARD, BOX), { x: 50, y: 82 });
});

test('a card stays in its box and off the seat wherever the seat is', () => {
  for (let x = 0; x <= BOX.width; x += 20) {
    for (let y = 0; y <= BOX.height; y += 20) {
      const place = besideSpot({ x, y, radius: 10 }, CARD, BOX);
      assert.ok(place.x >= 0 && place.x + CARD.width <= BOX.width && place.y >= 0 && place.y + CARD.height <= BOX.height);
      const clear = place.x >= x + 10 || place.x + CARD.width <= x - 10 || place.y >= y + 10 || place.y + CARD.height <= y - 10;
      assert.ok(clear, `the card hides the seat at ${x}, ${y}`);
    }
  }
});

test('a sheet lies at the bottom unless it would hide the seat', () => {
  assert.equal(edgeAwayFrom({ y: 100, radius: 10 }, 150, 600), 'end');
  assert.equal(edgeAwayFrom({ y: 500, radius: 10 }, 150, 600), 'start');
});
