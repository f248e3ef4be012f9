/**
 * Everything the pages say about seats, refusals and the connection, in one place. No DOM.
 * @module
 */

import { clockTime } from './format.js';

/** @typedef {import('../model/shown.js').ShownStatus} ShownStatus */
/** @typedef {import('../live/room.js').Notice} Notice */
/** @typedef {(seatId: string) => string} NameOf */

/** @type {Record<ShownStatus, string>} */
export const STATUS_WORDS = {
  available: 'available',
  locked: 'held by someone else',
  occupied: 'sold',
  blocked: 'not for sale',
  selected: 'yours for now',
  pending: 'asking the server',
};

/** @type {Record<import('../model/mine.js').LossReason, string>} */
const LOSSES = {
  expired: 'The time for %s is up: it is free for others again.',
  released: '%s is no longer held for you.',
  occupied: '%s is sold.',
  blocked: '%s was taken off sale.',
  taken: '%s is now held by someone else.',
};

/** @type {Record<string, string>} */
const REASONS = {
  locked: 'is held by someone else',
  occupied: 'is sold',
  blocked: 'is not for sale',
  unknown: 'is not part of this showtime',
  too_many: 'is more than you may hold at once',
  not_held: 'is no longer held for you',
  not_holder: 'is no longer held for you',
};

/** @type {Record<import('../live/commands.js').Action, string>} */
const FAILED = {
  lock: 'was not reserved',
  unlock: 'was not given back',
  extend: 'was not extended',
};

/**
 * @param {Notice} notice
 * @param {NameOf} nameOf
 * @returns {string[]} one sentence or two per message
 */
export function noticeText(notice, nameOf) {
  if (notice.kind === 'lost') {
    return notice.losses.map(({ seatId, reason }) => capital(LOSSES[reason].replace('%s', () => nameOf(seatId))));
  }
  const { action, error, seatIds } = notice;
  const named = (error.problem.seats ?? []).filter((seat) => REASONS[seat.reason]);
  if (named.length) return named.map((seat) => refusedSeat(seat, nameOf));
  const names = capital(seatIds.map(nameOf).join('; '));
  return [`${names} ${FAILED[action]}. ${causeOf(error)}`];
}

/**
 * Why a showtime's page stays empty.
 * @param {import('../live/api.js').ApiError} error
 */
export function cannotOpenText(error) {
  if (error.isFinal) return `This showtime cannot be shown. ${capital(error.message)}`;
  return 'The seat map cannot be loaded just now. It opens by itself as soon as it can be.';
}

/**
 * What a click on a seat that cannot be had is answered with.
 * @param {string} name
 * @param {ShownStatus} status
 * @param {string | null} deadline
 */
export function unavailableText(name, status, deadline) {
  const until = status === 'locked' && deadline ? `, for now until ${clockTime(deadline)}` : '';
  return capital(`${name} is ${STATUS_WORDS[status]}${until}.`);
}

/**
 * The connection in a few words.
 * @param {import('../live/connection.js').Link} link
 * @param {{ since: string | null } | null} stale
 * @returns {{ state: string, text: string }}
 */
export function linkText(link, stale) {
  if (link.state === 'offline') return { state: 'offline', text: link.gone ? 'this showtime has ended' : 'offline' };
  if (link.state === 'connecting') return { state: 'connecting', text: link.again ? 'reconnecting' : 'connecting' };
  if (stale) return { state: 'stale', text: stale.since ? `stale since ${clockTime(stale.since)}` : 'stale' };
  if (link.state === 'polling') return { state: 'polling', text: `polling every ${link.seconds} s` };
  return { state: 'live', text: 'live' };
}

/**
 * @param {import('../model/plan.js').Seat} seat
 * @param {ShownStatus} status
 * @param {string} price
 */
export function seatText(seat, status, price) {
  return [seat.name, STATUS_WORDS[status], price].filter(Boolean).join(', ');
}

/**
 * @param {import('../model/wire.js').SeatProblem} seat
 * @param {NameOf} nameOf
 */
function refusedSeat(seat, nameOf) {
  const until = seat.reason === 'locked' && seat.expiresAt ? `, for now until ${clockTime(seat.expiresAt)}` : '';
  return capital(`${nameOf(seat.seatId)} ${REASONS[seat.reason]}${until}.`);
}

/** @param {import('../live/api.js').ApiError} error */
function causeOf(error) {
  switch (error.code) {
    case 'too_many_seats':
      return 'You already hold as many seats as one person may.';
    case 'store_unavailable':
      return `Changes are not possible just now; please try again in ${error.retryAfterSeconds ?? 5} seconds.`;
    case 'unreachable':
    case 'outcome_unknown':
      return 'There was no answer from the server; the map will show what became of it.';
    default:
      return error.message;
  }
}

/** @param {string} text */
function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
