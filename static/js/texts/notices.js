/**
 * What visitors are told when something did not go as they wished: seats lost, requests refused, pages that stay empty.
 *
 * The server explains itself in English. Its codes and reasons are worded here in the visitor's language; its own
 * sentence is shown only for a code that the catalogue does not know.
 * @module
 */

import { capital } from './capital.js';
import { isKey } from './catalogue.js';

/** @typedef {import('../model/wire.js').Problem} Problem */
/** @typedef {import('../model/mine.js').Loss} Loss */
/** @typedef {'lock' | 'unlock' | 'extend' | 'book' | 'release' | 'block' | 'unblock'} Action */

/**
 * @typedef {object} Refusal the parts of an error that are told
 * @property {string} code
 * @property {string} message
 * @property {Problem} problem
 * @property {number | null} retryAfterSeconds
 * @property {boolean} isFinal whether it is of no use to ask again later
 */

/**
 * @typedef {{ kind: 'lost', losses: readonly Loss[] }
 *   | { kind: 'refused', action: Action, seatIds: readonly string[], error: Refusal }} Notice
 */

/** Which of these has happened is not known until the map tells. */
const UNDECIDED = new Set(['outcome_unknown', 'unreachable']);

/** @type {Record<string, import('./catalogue.js').Key>} what to do about a seat that could not be locked */
const ADVICE = {
  locked: 'advice.other',
  occupied: 'advice.other',
  blocked: 'advice.other',
  not_held: 'advice.again',
  too_many: 'advice.fewer',
  unknown: 'advice.reload',
};

/**
 * @param {object} parts
 * @param {import('./catalogue.js').Translate} parts.t
 * @param {import('./catalogue.js').Catalogue} parts.reference
 * @param {import('./formats.js').Formats} parts.formats
 * @param {(names: readonly string[]) => string} parts.seatNames
 * @param {string} parts.locale
 */
export function createNoticeWords({ t, reference, formats, seatNames, locale }) {
  /**
   * One message for each reason of losses; one for a refusal, however many seats it names.
   * @param {Notice} notice
   * @param {(seatId: string) => string} nameOf
   * @param {number} [now] milliseconds; without it no date is written to a time that is not today's
   * @returns {string[]}
   */
  function noticeTexts(notice, nameOf, now) {
    if (notice.kind === 'refused') return [refusedText(notice, nameOf, now)];
    const reasons = new Set(notice.losses.map((loss) => loss.reason));
    return [...reasons].map((reason) => {
      const names = notice.losses.filter((loss) => loss.reason === reason).map((loss) => nameOf(loss.seatId));
      return sentence(t(`lost.${reason}`, { count: names.length, seats: seatNames(names) }));
    });
  }

  /**
   * Whatever names many seats happened wholly or not at all, so the seat that stood in the way is not all there is to say.
   * @param {Extract<Notice, { kind: 'refused' }>} notice
   * @param {(seatId: string) => string} nameOf
   * @param {number | undefined} now
   */
  function refusedText({ action, seatIds, error }, nameOf, now) {
    const named = (error.problem.seats ?? []).filter((seat) => isKey(`reason.${seat.reason}`, reference));
    const seats = seatNames(seatIds.map(nameOf));
    const failed = sentence(t(`failed.${action}`, { count: seatIds.length, seats }));
    if (!named.length) return [failed, problemText(error), UNDECIDED.has(error.code) ? t('advice.wait') : ''].filter(Boolean).join(' ');
    const causes = named.map((seat) => sentence(reasonText(seat, nameOf, now)));
    const advice = new Set(named.map((seat) => adviceFor(action, seat.reason)));
    return [...(seatIds.length > 1 ? [failed] : []), ...causes, ...advice].filter(Boolean).join(' ');
  }

  /**
   * @param {import('../model/wire.js').SeatProblem} problem
   * @param {(seatId: string) => string} nameOf
   * @param {number | undefined} now
   */
  function reasonText({ seatId, reason, expiresAt }, nameOf, now) {
    const seat = nameOf(seatId);
    if (reason === 'locked' && expiresAt) return t('reason.lockedUntil', { seat, time: now === undefined ? formats.clockTime(expiresAt) : formats.recentTime(expiresAt, now) });
    const key = `reason.${reason}`;
    return isKey(key, reference) ? plain(key, { seat }) : '';
  }

  /**
   * @param {Action} action
   * @param {string} reason
   */
  function adviceFor(action, reason) {
    const wanted = action === 'lock' || (action === 'extend' && reason === 'not_held');
    return wanted && ADVICE[reason] ? plain(ADVICE[reason]) : '';
  }

  /**
   * Why the server refused, in general.
   * @param {Refusal} error
   */
  function problemText(error) {
    const wait = error.retryAfterSeconds;
    if (error.code === 'store_unavailable' && wait) return t('problem.store_unavailableFor', { count: wait });
    const key = `problem.${error.code}`;
    return isKey(key, reference) ? plain(key) : sentence(error.problem.detail ?? error.message);
  }

  /** @param {string} text */
  const sentence = (text) => capital(text, locale);

  /**
   * Keys made of the server's codes are outside what the type checker can follow.
   * @param {import('./catalogue.js').Key} key
   * @param {Record<string, string>} [values]
   */
  const plain = (key, values = {}) => /** @type {(key: string, values: Record<string, string>) => string} */ (t)(key, values);

  return {
    noticeTexts,
    problemText,

    /**
     * Why a showtime's page stays empty.
     * @param {Refusal} error
     */
    cannotOpen: (error) => (error.isFinal ? t('open.refused', { cause: problemText(error) }) : t('open.later')),
  };
}
