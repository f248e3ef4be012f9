/** Where a client finds its server. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { baseAddress, socketAddress, streamAddress } from '../../static/js/client/addresses.js';

const PAGE = 'https://shop.test/events/gala?x=1#top';
const base = (...given) => baseAddress(...given).href;

test('a given address counts, its path included, and may be relative to the page', () => {
  assert.equal(base('https://seats.test', undefined, PAGE), 'https://seats.test/');
  assert.equal(base('https://seats.test/live?x#y', undefined, undefined), 'https://seats.test/live/');
  assert.equal(base('/seats', undefined, PAGE), 'https://shop.test/seats/');
});

test('else it is where the script came from', () => {
  assert.equal(base(undefined, 'https://seats.test/static/js/client.js?v=2', PAGE), 'https://seats.test/');
  assert.equal(base(undefined, 'https://seats.test/live/static/js/client.js', PAGE), 'https://seats.test/live/');
  assert.equal(base(undefined, 'https://seats.test/live/static/v-73877641650cb7c5/js/client.js', PAGE), 'https://seats.test/live/');
  assert.equal(base(undefined, 'https://seats.test/static/video/js/client.js', PAGE), 'https://shop.test/');
});

test('a bundle says nothing of the server: it is where the page is', () => {
  assert.equal(base(undefined, 'https://cdn.test/assets/app.js', PAGE), 'https://shop.test/');
  assert.equal(base(undefined, undefined, PAGE), 'https://shop.test/');
});

test('a program without a page has to say it', () => {
  assert.throws(() => base(undefined, 'file:///app/static/js/client.js', undefined), TypeError);
});

test('the live addresses are below it', () => {
  const seats = new URL('http://seats.test/live/');
  assert.equal(socketAddress(seats, 'a&b'), 'ws://seats.test/live/api/v1/live?userId=a%26b');
  assert.equal(socketAddress(new URL('https://seats.test/'), 'me'), 'wss://seats.test/api/v1/live?userId=me');
  assert.equal(streamAddress(seats, 's', null), 'http://seats.test/live/api/v1/showtimes/s/events');
  assert.equal(streamAddress(seats, 's', 'e1-2'), 'http://seats.test/live/api/v1/showtimes/s/events?since=e1-2');
});
