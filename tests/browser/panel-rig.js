/**
 * Runs in the page: every block of the panel in a shadow root, over a small plan, with a server that does as it is told.
 *
 * The tests reach it as `window.rig`. Nothing here is checked; that is for `panel.test.js`.
 * @module
 */

import { readPlan } from '/static/js/model/plan.js';
import { textsIn } from '/static/js/texts/texts.js';
import { createBadge } from '/static/js/view/panel/badge.js';
import { createExpiryWarning } from '/static/js/view/panel/expiry-warning.js';
import { createFilter } from '/static/js/view/panel/filter.js';
import { createFindTogether } from '/static/js/view/panel/find-together.js';
import { createLegend } from '/static/js/view/panel/legend.js';
import { createLosses } from '/static/js/view/panel/losses.js';
import { createMessages } from '/static/js/view/panel/messages.js';
import { createOwnSeats } from '/static/js/view/panel/own-seats.js';
import { createSeatCard } from '/static/js/view/panel/seat-card.js';
import { createToolbar } from '/static/js/view/panel/toolbar.js';

const STYLE = `
  :host { display: block; height: 100vh; container: seat-map / inline-size; color-scheme: light dark; background: var(--panel-ground); }
  .grid { display: grid; height: 100%; grid-template: 'head head' auto 'map side' 1fr / 1fr 320px; }
  .head { grid-area: head; display: flex; justify-content: space-between; }
  .map { grid-area: map; position: relative; overflow: hidden; min-height: 0; }
  .side { grid-area: side; overflow: auto; background: var(--panel-surface); }
  @container seat-map (max-width: 640px) { .grid { grid-template: 'head' auto 'map' 1fr 'side' auto / 1fr; } .rest { display: none; } }
`;

const rows = ['A', 'B', 'C', 'D'].map((name, r) => ({
  row_number: name,
  seats: Array.from({ length: 12 }, (_, s) => ({ seat_guid: `${name}-${s + 1}`, seat_number: String(s + 1), category: r < 2 ? 'Stalls' : 'Balcony', position: { x: s * 30, y: r * 40 } })),
}));
const plan = readPlan({ categories: [{ name: 'Stalls', color: '#b03a5b' }, { name: 'Balcony', color: '#4d86ab' }], zones: [{ name: 'Hall', rows }] });
const prices = { Stalls: 40, Balcony: 25 };
const texts = textsIn('en');
const indexOf = new Map(plan.seats.map(({ id, index }) => [id, index]));
const nameOf = (index) => texts.seatName(plan.seats[index]);
const state = { own: [], status: plan.seats.map(() => 'available'), link: { link: { state: 'live' }, stale: null, asOf: null }, extension: 900_000, log: [], highlighted: null, matches: null };

function place(names) {
  const root = document.getElementById('place').attachShadow({ mode: 'open' });
  const sheets = ['panel', 'overlay'].map((name) => {
    const sheet = document.createElement('link');
    sheet.rel = 'stylesheet';
    sheet.href = `/static/css/seat-map/${name}.css`;
    return sheet;
  });
  const style = document.createElement('style');
  style.textContent = STYLE;
  const grid = document.createElement('div');
  grid.className = 'grid';
  root.append(...sheets, style, grid);
  const hosts = {};
  for (const [name, parent] of Object.entries(names)) {
    hosts[name] = document.createElement('div');
    hosts[name].className = name;
    (hosts[parent] ?? grid).append(hosts[name]);
  }
  return { root, hosts, ready: Promise.all(sheets.map((sheet) => new Promise((done) => sheet.addEventListener('load', done)))) };
}

const { root, hosts, ready } = place({ head: '', map: '', side: '', badge: 'head', tools: 'head', warn: 'side', own: 'side', rest: 'side' });
const common = { texts, signal: new AbortController().signal, now: () => Date.now() };
const money = texts.money('EUR');
const spotOf = (index) => ({ x: (state.away ?? 0) + 40 + plan.seats[index].x * 0.8, y: 60 + (plan.seats[index].y / 160) * (hosts.map.clientHeight - 90), radius: 10 });
const isFree = (index) => state.status[index] === 'available';

function drawSwatch(canvas, status, color) {
  const context = canvas.getContext('2d');
  context.fillStyle = color ?? 'gray';
  context.fillRect(8, 8, 32, 32);
}

async function extend() {
  state.log.push('extend');
  setOwn(state.own.map((seat) => ({ ...seat, expiresAt: new Date(Math.max(Date.parse(seat.expiresAt), Date.now() + state.extension)).toISOString() })));
  return { ok: true };
}

function setOwn(seats) {
  state.own = seats;
  for (const { index, phase } of seats) state.status[index] = phase === 'held' ? 'selected' : 'pending';
  ownSeats.update(seats);
  warning.update(seats);
  card.update();
}

const messages = createMessages({ host: hosts.map, gone: () => ownSeats.focus(), ...common });
const losses = createLosses({ messages, nameOf: (id) => nameOf(indexOf.get(id)), ...common });
const badge = createBadge({ host: hosts.badge, read: () => state.link, ...common });
const ownSeats = createOwnSeats({
  host: hosts.own,
  nameOf,
  amountOf: ({ index }) => prices[plan.seats[index].category],
  money,
  lockSeconds: 900,
  giveBack: (ids) => state.log.push(`give back ${ids}`),
  extend,
  show: (index) => state.log.push(`show ${index}`),
  ...common,
});
const warning = createExpiryWarning({ host: hosts.warn, nameOf, rules: { lockSeconds: 900, extendCapSeconds: 7200 }, extend, gone: ownSeats.focus, ...common });
createLegend({ host: hosts.rest, categories: plan.categories, priceText: (category) => money(prices[category]), drawSwatch, ...common });
const find = createFindTogether({
  host: hosts.map,
  plan,
  priceOf: ({ category }) => prices[category],
  money,
  most: () => 8,
  isFree,
  highlight: (indices) => (state.highlighted = indices),
  reveal() {},
  reserve: async (ids) => state.log.push(`reserve ${ids}`),
  ...common,
});
function filtered(matches) {
  state.matches = matches;
  find.setFilter(matches);
}
const filter = createFilter({ host: hosts.map, plan, amountOf: (category) => prices[category], money, isFree, changed: filtered, ...common });
createToolbar({
  host: hosts.tools,
  zoomHost: hosts.map,
  zoom: (direction) => state.log.push(`zoom ${direction}`),
  fit: () => state.log.push('fit'),
  listed: (asList) => state.log.push(`list ${asList}`),
  panels: { filter: filter.section, find: find.section },
  ...common,
});
const card = createSeatCard({
  host: hosts.map,
  factsOf(index) {
    const { category, color } = plan.seats[index];
    const deadline = state.own.find((seat) => seat.index === index)?.expiresAt ?? null;
    return { name: nameOf(index), category, color, price: money(prices[category]), status: state.status[index], deadline };
  },
  placeOf: spotOf,
  chosen: (index) => state.log.push(`choose ${index}`),
  drawSwatch,
  ...common,
});

/** The visitor's seats by id, each with the seconds it has left; more says what is special about one. */
function hold(seconds, more = {}) {
  const seats = Object.entries(seconds).map(([seatId, left]) => ({
    seatId,
    index: indexOf.get(seatId),
    phase: 'held',
    expiresAt: new Date(Date.now() + left * 1000).toISOString(),
    price: null,
    ...more[seatId],
  }));
  setOwn(seats);
}

function take(...ids) {
  const indices = ids.map((id) => indexOf.get(id));
  for (const index of indices) state.status[index] = 'locked';
  find.update(indices);
  filter.update();
}

await ready;
window.rig = { root, plan, state, hold, setOwn, take, losses, messages, badge, card, find, spotOf, indexOf: (id) => indexOf.get(id) };
