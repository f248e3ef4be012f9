/** What visitors read and hear: catalogues that agree, seats and refusals in words, numbers and dates by language. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { ApiError } from '../../static/js/live/api.js';
import { de } from '../../static/js/texts/de.js';
import { en } from '../../static/js/texts/en.js';
import { textsIn } from '../../static/js/texts/texts.js';

const english = textsIn('en');
const german = textsIn('de');
const SEAT = { zone: '', row: 'A', number: '1', rowLabel: null, seatLabel: null };
const nameOf = (id) => ({ 'A-1': 'Row A, seat 1', 'A-2': 'Row A, seat 2' })[id] ?? id;
/** `Intl` writes some spaces as ones that do not break. */
const spaced = (text) => text.replace(/[\u00a0\u202f]/g, ' ');

function refusal(action, problem, { seatIds = ['A-1'], retryAfter = null } = {}) {
  return { kind: 'refused', action, seatIds, error: new ApiError({ detail: 'in the words of the server', ...problem }, retryAfter) };
}

test('every catalogue has the keys and the placeholders of the reference', () => {
  const placeholders = (entry) => [...new Set(Object.values(typeof entry === 'string' ? [entry] : entry).join(' ').match(/\{\w+\}/g))].sort();
  assert.deepEqual(Object.keys(de).sort(), Object.keys(en).sort());
  for (const key of Object.keys(en)) {
    assert.equal(typeof de[key], typeof en[key], key);
    assert.deepEqual(placeholders(de[key]), placeholders(en[key]), key);
    if (typeof en[key] === 'object') assert.deepEqual(Object.keys(de[key]), ['one', 'other'], key);
  }
});

test('every problem code of the protocol is worded for buyers, and no other', async () => {
  const protocol = await readFile(new URL('../../docs/protocol.md', import.meta.url), 'utf8');
  const table = protocol.slice(protocol.indexOf('\n## Problems'), protocol.indexOf('\n## WebSocket'));
  const codes = [...table.matchAll(/^\| `(\w+)` \| \d{3} \|/gm)].map(([, code]) => code);
  assert.ok(codes.length > 25, 'the table of codes was found');
  const worded = Object.keys(en).filter((key) => key.startsWith('problem.')).map((key) => key.slice('problem.'.length));
  const own = ['unreachable', 'store_unavailableFor'];
  assert.deepEqual(worded.filter((code) => !own.includes(code)).sort(), codes.sort());
});

test('every reason of the protocol is worded', async () => {
  const protocol = await readFile(new URL('../../docs/protocol.md', import.meta.url), 'utf8');
  const [, list] = /`reason` is ([^.]*?`duplicate`[^.]*)\./.exec(protocol);
  const reasons = [...list.matchAll(/`(\w+)`/g)].map(([, reason]) => reason);
  assert.ok(reasons.includes('locked'));
  for (const reason of reasons) assert.ok(`reason.${reason}` in en, reason);
});

test('the language is the first wanted one that is shipped, and keeps its region', () => {
  assert.equal(textsIn('de-AT').language, 'de');
  assert.equal(textsIn(['fr', 'de-CH', 'en']).language, 'de');
  assert.equal(textsIn('fr, de').language, 'de');
  assert.equal(textsIn(['fr', 'es-MX']).language, 'en');
  assert.equal(textsIn().language, 'en');
  assert.equal(textsIn(['', 'not a tag', '*', 'de_DE', 'de']).language, 'de');
  assert.match(spaced(textsIn('de-CH').money('EUR')(1234.5)), /^EUR 1.234\.50$/, 'a Swiss number');
});

test('a language written from right to left needs no more than its catalogue', () => {
  const hebrew = textsIn('he-IL', { en, he: { 'link.live': 'מחובר', 'list.free': { one: 'אחד', two: 'שניים', other: '{count}' } } });
  assert.equal(hebrew.direction, 'rtl');
  assert.equal(hebrew.t('link.live'), 'מחובר');
  assert.equal(hebrew.t('list.free', { count: 2 }), 'שניים');
  assert.equal(hebrew.t('link.offline'), 'offline', 'English steps in');
  assert.equal(german.direction, 'ltr');
});

test('a key or a value that is missing is a mistake, not an empty sentence', () => {
  assert.throws(() => english.t('no.such.key'), /no\.such\.key/);
  assert.throws(() => english.t('seat.row'), /\{number\}/);
});

test('sentences follow the number they speak of', () => {
  assert.equal(english.t('list.free', { count: 1 }), '1 seat available');
  assert.equal(english.t('list.free', { count: 12000 }), '12,000 seats available');
  assert.equal(german.t('list.free', { count: 12000 }), '12.000 Plätze frei');
});

test('a value is written as it is, whatever characters it has', () => {
  assert.equal(english.t('own.giveBack', { seat: '$& {count} $1' }), 'Give back $& {count} $1');
});

test('seats are called by zone, row and number, and by the labels of the plan where it has them', () => {
  assert.equal(english.seatName(SEAT), 'Row A, seat 1');
  assert.equal(english.seatName({ ...SEAT, zone: 'Floor' }), 'Floor, row A, seat 1');
  assert.equal(german.seatName({ ...SEAT, zone: 'Parkett' }), 'Parkett, Reihe A, Platz 1');
  assert.equal(english.seatName({ ...SEAT, zone: 'Parkett', rowLabel: 'Tisch 4', seatLabel: 'Stuhl 1' }), 'Parkett, Tisch 4, Stuhl 1');
  assert.equal(english.seatName({ ...SEAT, row: '' }), 'Seat 1');
  assert.equal(english.rowName({ number: 'A', label: null }), 'Row A');
  assert.equal(german.rowName({ number: '', label: null }), 'Ohne Reihennummer');
});

test('a line about a seat has its name, its state and its price', () => {
  assert.equal(english.seatText(SEAT, 'selected', '€9.50'), 'Row A, seat 1, held for you, €9.50');
  assert.equal(german.seatText(SEAT, 'locked', ''), 'Reihe A, Platz 1, für jemand anderen reserviert');
});

test('a seat that cannot be had says until when it is held', () => {
  const until = '2026-11-22T18:24:09.857Z';
  const time = english.clockTime(until);
  assert.match(time, /^\d\d:\d\d:09$/);
  const now = Date.parse(until);
  assert.equal(english.unavailable(SEAT, 'locked', until, now), `Row A, seat 1 is held by someone else, for now until ${time}.`);
  assert.equal(english.unavailable(SEAT, 'occupied', until, now), 'Row A, seat 1 is sold.');
  const dayBefore = now - 36 * 3_600_000;
  assert.match(english.unavailable(SEAT, 'locked', until, dayBefore), /for now until 11\/2[23]\/26 \d\d:\d\d:09\.$/);
});

test('money is written by language and currency, and never as zero when there is no price', () => {
  assert.equal(spaced(german.money('EUR')(9.5)), '9,50 €');
  assert.equal(english.money('EUR')('9.5'), '€9.50');
  for (const none of [null, undefined, '']) assert.equal(english.money('EUR')(none), '');
  assert.equal(english.money('not a currency')(3), '3 not a currency');
  assert.equal(english.money('EUR')('free'), 'free EUR');
});

test('time left is words for the ear', () => {
  assert.equal(english.timeLeft(870_000), '14 minutes 30 seconds left');
  assert.equal(english.timeLeft(60_000), '1 minute left');
  assert.equal(german.timeLeft(61_000), 'noch 1 Minute 1 Sekunde');
  assert.equal(english.timeLeft(7_200_000), '2 hours left');
  assert.equal(english.timeLeft(1), '1 second left', 'what is not over has something left');
  assert.equal(english.timeLeft(-5), '0 seconds left');
});

test('the connection is said with the age of the map', () => {
  const instant = '2026-11-22T18:12:38.817Z';
  const time = english.clockTime(instant);
  const asOf = Date.parse(instant);
  const said = (link, stale = null, known = null, now = asOf) => english.linkText(link, stale, known, now);
  assert.deepEqual(said({ state: 'live' }), { state: 'live', text: 'live' });
  assert.deepEqual(said({ state: 'polling', seconds: 10 }), { state: 'polling', text: 'polling every 10 s' });
  assert.deepEqual(said({ state: 'live' }, { since: instant }), { state: 'stale', text: `stale since ${time}` });
  assert.deepEqual(said({ state: 'live' }, { since: null }), { state: 'stale', text: 'stale' });
  assert.deepEqual(said({ state: 'offline', gone: false }, null, asOf), { state: 'offline', text: `offline, map as of ${time}` });
  assert.deepEqual(said({ state: 'offline', gone: true }, null, asOf), { state: 'offline', text: 'this showtime has ended' });
  assert.deepEqual(said({ state: 'connecting', again: false }), { state: 'connecting', text: 'connecting' });
  assert.deepEqual(said({ state: 'connecting', again: true }), { state: 'connecting', text: 'reconnecting' });
  const nextWeek = asOf + 7 * 86_400_000;
  assert.match(said({ state: 'offline', gone: false }, null, asOf, nextWeek).text, /map as of .*26 \d\d:\d\d:38/, 'an old map says its day');
});

test('lost seats are told together for each reason', () => {
  const losses = [
    { seatId: 'A-1', reason: 'expired' },
    { seatId: 'B-9', reason: 'taken' },
    { seatId: 'A-2', reason: 'expired' },
  ];
  assert.deepEqual(english.noticeTexts({ kind: 'lost', losses }, nameOf), [
    'The time for Row A, seat 1; Row A, seat 2 is up, and the seats are free for everyone again. If you still want them, choose them once more.',
    'B-9 is now held by someone else. Please choose another seat.',
  ]);
});

test('a refusal names the seat, the reason and what helps', () => {
  const expiresAt = '2026-11-22T18:24:09.857Z';
  const seats = [{ seatId: 'A-1', reason: 'locked', expiresAt }];
  const fact = `Row A, seat 1 is held by someone else, for now until ${english.clockTime(expiresAt)}.`;
  assert.deepEqual(english.noticeTexts(refusal('lock', { code: 'seats_unavailable', status: 409, seats }), nameOf), [
    `${fact} Please choose another seat.`,
  ]);
  const dayBefore = Date.parse(expiresAt) - 36 * 3_600_000;
  assert.match(english.noticeTexts(refusal('unlock', { code: 'not_holder', status: 409, seats }), nameOf, dayBefore)[0], /for now until 11\/2[23]\/26 \d\d:\d\d:09\.$/);
  assert.deepEqual(english.noticeTexts(refusal('unlock', { code: 'not_holder', status: 409, seats }), nameOf), [fact]);
});

test('a refusal of several seats says that none of them was held', () => {
  const seats = [{ seatId: 'A-2', reason: 'occupied' }];
  const notice = refusal('lock', { code: 'seats_unavailable', status: 409, seats }, { seatIds: ['A-1', 'A-2'] });
  assert.deepEqual(english.noticeTexts(notice, nameOf), [
    'Row A, seat 1; Row A, seat 2 could not be held for you. Row A, seat 2 is sold already. Please choose another seat.',
  ]);
});

test('a refusal without seats is worded by its code, one that is unknown by the server', () => {
  const told = (notice) => german.noticeTexts(notice, nameOf).join();
  assert.match(told(refusal('lock', { code: 'too_many_seats', status: 422 })), /mehr Plätze, als eine Person/);
  assert.match(told(refusal('lock', { code: 'store_unavailable', status: 503 }, { retryAfter: 3 })), /in 3 Sekunden/);
  assert.match(told(refusal('unlock', { code: 'unreachable' })), /zurückgegeben werden\. .*wird zeigen, was daraus/);
  assert.match(told(refusal('extend', { code: 'a_code_of_tomorrow', status: 409 })), /verlängert werden\. In the words of the server/);
  const oddSeats = [{ seatId: 'A-1', reason: 'a_reason_of_tomorrow' }];
  assert.match(told(refusal('lock', { code: 'seats_unavailable', status: 409, seats: oddSeats })), /Jemand war schneller/);
});

test('a page that cannot be opened says why, and that it opens by itself where it will', () => {
  const gone = new ApiError({ code: 'unknown_showtime', status: 404, detail: 'there is no such showtime' }, null);
  assert.match(english.cannotOpen(gone), /^This showtime cannot be shown\. There is no such showtime/);
  const outages = [
    { code: 'store_unavailable', status: 503 },
    { code: 'outcome_unknown', status: 503 },
    { code: 'unreachable' },
    { code: 'internal', status: 500 },
  ];
  for (const problem of outages) assert.match(english.cannotOpen(new ApiError(problem, null)), /opens by itself/);
});
