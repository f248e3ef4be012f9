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
  /** Seats of which it was said that they are held. @type {Set<string>} */
  const told = new Set();

  /** @param {readonly string[]} seatIds */
  function held(seatIds) {
    const ends = room.own().flatMap((own) => (seatIds.includes(own.seatId) && own.expiresAt ? [own.expiresAt] : []));
    const time = ends.length ? texts.clockTime(ends.sort()[0]) : null;
    const isLonger = seatIds.every((id) => told.has(id));
    for (const id of seatIds) told.add(id);
    if (time === null) say(texts.t('own.heldOpen', wordsFor(seatIds)));
    else if (isLonger) say(texts.t('own.extended', { time }));
    else say(texts.t('own.held', { ...wordsFor(seatIds), time }));
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

  room.addEventListener('locked', ({ detail }) => held(detail.seatIds), { signal });
  room.addEventListener('unlocked', ({ detail }) => {
    forget(detail.seatIds);
    say(texts.t('own.gaveBack', wordsFor(detail.seatIds)));
  }, { signal });
  room.addEventListener('lost', ({ detail }) => forget(detail.losses.map((loss) => loss.seatId)), { signal });
}
