/**
 * What a clerk has done by the server, and how each outcome is put down in the log.
 *
 * It draws nothing itself. Invariants: every outcome is logged, with the seats' names; only a clear yes is logged as
 * done, and only of seats that were not so before; what is not clear can be asked again from its entry.
 * @module
 */

import { bookingsIn } from '../model/desk-actions.js';

/** @typedef {import('../model/wire.js').SeatFacts} SeatFacts */
/** @typedef {import('../model/desk-actions.js').DeskAction} DeskAction */
/** @typedef {import('../live/box-office.js').DeskOutcome} DeskOutcome */
/** @typedef {import('../view/desk/log.js').LogEntry} LogEntry */

/**
 * @typedef {object} Job
 * @property {DeskAction} action
 * @property {string[]} seatIds
 * @property {string} [bookingId]
 * @property {string} [reason]
 * @property {Map<string, string>} [reasons] why each seat was blocked before, for the way back
 */

/**
 * @typedef {object} DeskWorkParts
 * @property {import('../live/box-office.js').BoxOffice} box
 * @property {string} showtimeId
 * @property {import('../texts/texts.js').Texts} texts
 * @property {(seatId: string) => string} nameOf
 * @property {(entry: LogEntry) => void} log
 * @property {(question: import('../view/desk/confirmation.js').Question) => Promise<string | null>} confirm
 * @property {() => string} freshBooking
 * @property {(isBusy: boolean) => void} busy
 */

/** @param {DeskWorkParts} parts */
export function createDeskWork({ box, showtimeId, texts, nameOf, log, confirm, freshBooking, busy }) {
  const { t } = texts;
  const named = (/** @type {readonly string[]} */ seatIds) => texts.seatNames(seatIds.map(nameOf));

  /**
   * @param {Job} job
   * @returns {Promise<DeskOutcome>}
   */
  function ask({ action, seatIds: seats, bookingId = '', reason }) {
    switch (action) {
      case 'book':
        return box.book(showtimeId, { seats, bookingId });
      case 'release':
        return box.release(showtimeId, { seats, bookingId });
      case 'block':
        return box.block(showtimeId, reason ? { seats, reason } : { seats });
      case 'unblock':
        return box.unblock(showtimeId, { seats });
    }
  }

  /**
   * @param {Job} job
   * @param {() => Promise<DeskOutcome>} [request] the first one unless given
   * @returns {Promise<boolean>} whether it is done
   */
  async function run(job, request = () => ask(job)) {
    busy(true);
    try {
      const outcome = await request();
      for (const entry of entriesOf(job, outcome)) log(entry);
      return outcome.state === 'done';
    } finally {
      busy(false);
    }
  }

  /**
   * @param {Job} job
   * @param {DeskOutcome} outcome
   * @returns {LogEntry[]}
   */
  function entriesOf(job, outcome) {
    switch (outcome.state) {
      case 'done':
        return doneEntries(job, outcome.already);
      case 'refused': {
        const refusal = texts.noticeTexts({ kind: 'refused', action: job.action, seatIds: job.seatIds, error: outcome.error }, nameOf);
        return [{ state: 'refused', text: [...refusal, outcome.kept ? t('desk.kept') : ''].filter(Boolean).join(' '), way: null }];
      }
      case 'unknown': {
        const text = unsureText(job);
        const again = async () => {
          await run(job, outcome.again);
          // The new entry has the latest word, and a way on of its own where that is still not clear.
          return true;
        };
        return [{ state: 'unknown', text, way: { label: t('desk.askAgain'), name: `${t('desk.askAgain')} ${text}`, run: again } }];
      }
    }
  }

  /**
   * What was so before has an entry of its own: to undo it would undo what somebody else has done.
   * @param {Job} job
   * @param {readonly string[]} already
   * @returns {LogEntry[]}
   */
  function doneEntries(job, already) {
    const done = { ...job, seatIds: job.seatIds.filter((id) => !already.includes(id)) };
    /** @type {LogEntry[]} */
    const entries = [];
    if (already.length) entries.push({ state: 'already', text: alreadyText({ ...job, seatIds: [...already] }), way: null });
    if (done.seatIds.length) entries.push({ state: 'done', text: doneText(done), way: undoOf(done) });
    return entries;
  }

  /** @param {Job} job */
  function alreadyText({ action, seatIds, bookingId = '' }) {
    const seats = named(seatIds);
    if (action === 'block' || action === 'unblock') return t(`desk.already.${action}`, { seats });
    return t('desk.already.release', { seats, booking: bookingId });
  }

  /** @param {Job} job */
  function doneText({ action, seatIds, bookingId = '', reason }) {
    const seats = named(seatIds);
    if (action === 'block') return t('desk.done.block', { seats, reason: reason ? t('desk.blockedFor', { reason }) : '' }).trim();
    return action === 'unblock' ? t('desk.done.unblock', { seats }) : t(`desk.done.${action}`, { seats, booking: bookingId });
  }

  /** @param {Job} job */
  function unsureText({ action, seatIds, bookingId = '' }) {
    const seats = named(seatIds);
    if (action === 'block' || action === 'unblock') return t(`desk.unsure.${action}`, { seats });
    return t(`desk.unsure.${action}`, { seats, booking: bookingId });
  }

  /**
   * A refund cannot be undone: its booking number is used up.
   * @param {Job} job
   * @returns {LogEntry['way']}
   */
  function undoOf(job) {
    const back = wayBack(job);
    return back && { label: t('desk.undo'), name: t('desk.undoOf', { what: doneText(job) }), run: back };
  }

  /**
   * @param {Job} job
   * @returns {(() => Promise<boolean>) | null}
   */
  function wayBack({ action, seatIds, bookingId = '', reasons }) {
    switch (action) {
      case 'book':
        return () => release([{ bookingId, seatIds, all: seatIds }]);
      case 'block':
        return () => run({ action: 'unblock', seatIds });
      case 'unblock':
        return () => blockAgain(seatIds, reasons ?? new Map());
      case 'release':
        return null;
    }
  }

  /**
   * @param {readonly string[]} seatIds
   * @param {ReadonlyMap<string, string>} reasons
   */
  async function blockAgain(seatIds, reasons) {
    let all = true;
    for (const reason of new Set(seatIds.map((id) => reasons.get(id) ?? ''))) {
      const group = seatIds.filter((id) => (reasons.get(id) ?? '') === reason);
      all = (await run({ action: 'block', seatIds: group, reason })) && all;
    }
    return all;
  }

  /**
   * Asks, and refunds one booking after the other.
   * @param {ReturnType<typeof bookingsIn>} bookings
   * @returns {Promise<boolean>} whether everything that was agreed to is done
   */
  async function release(bookings) {
    let all = bookings.length > 0;
    for (const booking of bookings) {
      const seatIds = await agreedRefund(booking);
      if (seatIds) all = (await run({ action: 'release', seatIds, bookingId: booking.bookingId })) && all;
      else all = false;
    }
    return all;
  }

  /**
   * @param {ReturnType<typeof bookingsIn>[number]} booking
   * @returns {Promise<string[] | null>} the seats to refund
   */
  async function agreedRefund({ bookingId, seatIds, all }) {
    const rest = all.length - seatIds.length;
    const choices = [{ key: 'selected', label: t('desk.releaseSelected', { count: seatIds.length }) }];
    if (rest > 0) choices.push({ key: 'whole', label: t('desk.releaseWhole', { count: all.length }) });
    const answer = await confirm({
      question: t('desk.askRelease', { count: seatIds.length, seats: named(seatIds), booking: bookingId }),
      more: rest > 0 ? t('desk.staysSold', { count: rest }) : '',
      choices,
      cancel: t('desk.cancel'),
    });
    if (answer === null) return null;
    return answer === 'whole' ? all : seatIds;
  }

  return {
    /** @param {string[]} seatIds @param {string} bookingId empty to have one made */
    book: (seatIds, bookingId) => run({ action: 'book', seatIds, bookingId: bookingId || freshBooking() }),

    /** @param {string[]} seatIds @param {string} reason may be empty */
    block: (seatIds, reason) => run({ action: 'block', seatIds, reason }),

    /** @param {string[]} seatIds @param {ReadonlyMap<string, SeatFacts>} facts */
    unblock(seatIds, facts) {
      const reasons = new Map(seatIds.map((id) => [id, facts.get(id)?.blockReason ?? '']));
      return run({ action: 'unblock', seatIds, reasons });
    },

    /** @param {string[]} seatIds @param {ReadonlyMap<string, SeatFacts>} facts */
    async release(seatIds, facts) {
      const known = seatIds.flatMap((id) => facts.get(id) ?? []).filter((fact) => fact.bookingId !== undefined);
      const missing = seatIds.filter((id) => !known.some((fact) => fact.seatId === id));
      if (missing.length) log({ state: 'refused', text: t('desk.noBooking', { seats: named(missing) }), way: null });
      return !missing.length && release(bookingsIn(known));
    },
  };
}
