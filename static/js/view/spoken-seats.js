/**
 * Says aloud what became of the visitor's wishes: seats held, given back, held for longer.
 *
 * On the screen the seats themselves show it. What went wrong is a message and read out as one; what others do to other
 * seats is not told, or nothing else would be heard.
 * @module
 */

/** @typedef {import('../client.js').Room} Room */

/** More seats than this are told by their number. */
const MOST_NAMES = 3;
/** A deadline that moves by less was not extended by anybody. */
const WORTH_TELLING_MS = 1_000;

/**
 * @typedef {object} SpokenSeatsParts
 * @property {Room} room
 * @property {(text: string) => void} say
 * @property {import('../texts/texts.js').Texts} texts
 * @property {(seatId: string) => string} nameOf
 * @property {AbortSignal} signal
 */

/** @param {SpokenSeatsParts} parts */
export function createSpokenSeats({ room, say, texts, nameOf, signal }) {
  /** The ends of the locks that were told, by seat id; null for a lock without an end. @type {Map<string, number | null>} */
  const told = new Map();

  /** @param {readonly string[]} seatIds */
  function held(seatIds) {
    const ends = room.own().flatMap((own) => (seatIds.includes(own.seatId) ? [remember(own)] : []));
    const end = earliest(ends);
    if (end === null) say(texts.t('own.heldOpen', wordsFor(seatIds)));
    else say(texts.t('own.held', { ...wordsFor(seatIds), time: texts.recentTime(end, room.now()) }));
  }

  /** Tells of locks that last longer than was told. */
  function ownChanged() {
    const longer = room.own().filter((own) => {
      const before = told.get(own.seatId);
      return before && own.expiresAt && Date.parse(own.expiresAt) - before >= WORTH_TELLING_MS;
    });
    const end = earliest(longer.map(remember));
    if (end !== null) say(texts.t('own.extended', { time: texts.recentTime(end, room.now()) }));
  }

  /** @param {{ seatId: string, expiresAt: string | null }} own */
  function remember({ seatId, expiresAt }) {
    const end = expiresAt === null ? null : Date.parse(expiresAt);
    told.set(seatId, end);
    return end;
  }

  /** @param {readonly string[]} seatIds */
  function wordsFor(seatIds) {
    const count = seatIds.length;
    return { count, seats: count > MOST_NAMES ? texts.t('own.seats', { count }) : texts.seatNames(seatIds.map(nameOf)) };
  }

  /** @param {readonly string[]} seatIds */
  function forget(seatIds) {
    for (const id of seatIds) told.delete(id);
  }

  room.addEventListener('ownchange', ownChanged, { signal });
  room.addEventListener('locked', ({ detail }) => held(detail.seatIds), { signal });
  room.addEventListener('unlocked', ({ detail }) => {
    forget(detail.seatIds);
    say(texts.t('own.gaveBack', wordsFor(detail.seatIds)));
  }, { signal });
  room.addEventListener('lost', ({ detail }) => forget(detail.losses.map((loss) => loss.seatId)), { signal });
}

/** @param {(number | null)[]} ends */
function earliest(ends) {
  const known = ends.filter((end) => end !== null);
  return known.length ? Math.min(...known) : null;
}
