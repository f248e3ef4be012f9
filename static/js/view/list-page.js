/**
 * The page that lists showtimes.
 * @module
 */

import { byId, html } from './elements.js';
import { dayAndTime, moneyIn } from './format.js';

/** @typedef {import('../model/wire.js').Showtime} Showtime */

/**
 * @param {import('../live/api.js').Api} api
 * @param {string} search the page's query, kept in the links
 */
export async function openListPage(api, search) {
  const list = byId('showtimes', HTMLElement);
  const note = byId('note', HTMLElement);
  note.textContent = 'Loading …';
  try {
    const showtimes = await api.showtimes();
    showtimes.sort((a, b) => Date.parse(a.startsAt) - Date.parse(b.startsAt));
    list.replaceChildren(...showtimes.map((showtime) => drawShowtime(showtime, search)));
    note.textContent = showtimes.length ? '' : 'There are no showtimes yet.';
  } catch (error) {
    const again = html('button', { type: 'button' }, 'Try again');
    again.addEventListener('click', () => openListPage(api, search));
    note.replaceChildren(`The showtimes cannot be loaded. ${error instanceof Error ? error.message : ''} `, again);
  }
}

/**
 * @param {Showtime} showtime
 * @param {string} search
 */
function drawShowtime(showtime, search) {
  const { showtimeId, title, startsAt, seatCount } = showtime;
  const facts = [priceRange(showtime), `${seatCount.toLocaleString()} seats`].filter(Boolean).join(' · ');
  return html(
    'li',
    { 'data-showtime': String(showtimeId) },
    html(
      'a',
      { href: `/showtimes/${encodeURIComponent(showtimeId)}${search}` },
      html('strong', {}, title),
      html('time', { datetime: startsAt }, dayAndTime(startsAt)),
      html('span', { class: 'facts' }, facts),
    ),
  );
}

/** @param {Showtime} showtime */
function priceRange({ prices, currency }) {
  const money = moneyIn(currency);
  const amounts = Object.values(prices).map(Number).filter(Number.isFinite);
  if (!amounts.length) return '';
  const [least, most] = [Math.min(...amounts), Math.max(...amounts)];
  return least === most ? money(least) : `${money(least)} – ${money(most)}`;
}
