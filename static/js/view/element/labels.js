/**
 * How the seats of one room are called and priced, in one language.
 * @module
 */

import { createRemarks } from './remarks.js';

/** @typedef {import('../../model/plan.js').Seat} Seat */
/** @typedef {ReturnType<typeof createLabels>} Labels */

/**
 * @param {import('../../client.js').Room} room
 * @param {import('../../texts/texts.js').Texts} texts
 */
export function createLabels(room, texts) {
  const { plan, showtime } = room;
  const money = texts.money(showtime.currency);
  const indexOf = new Map(plan.seats.map((seat) => [seat.id, seat.index]));

  const remarks = createRemarks(texts);

  /** @param {number} index */
  const nameOf = (index) => texts.seatName(plan.seats[index]);
  /** @param {Seat} seat */
  const priceText = (seat) => money(room.priceOf(seat.index));

  return {
    money,
    nameOf,
    priceText,
    remarks,

    /** @param {string} id */
    indexOf: (id) => indexOf.get(id),

    /** @param {string} id of a seat that the plan may lack */
    nameOfId(id) {
      const index = indexOf.get(id);
      return index === undefined ? id : nameOf(index);
    },

    /**
     * Name, state and price, and what is remarked on the seat.
     * @param {number} index
     */
    textOf: (index) => remarks.addTo(texts.seatText(plan.seats[index], room.statusOf(index), priceText(plan.seats[index])), index),
  };
}
