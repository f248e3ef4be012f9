/**
 * The shapes of everything that comes over HTTP and the WebSocket, as types.
 *
 * It holds no code and no checks: the server's word is taken for the shape. Unknown members are ignored.
 * @module
 */

/** @typedef {'available' | 'locked' | 'occupied' | 'blocked'} SeatStatus */

/** @typedef {'a' | 'l' | 'o' | 'b'} StateLetter one letter per seat in a snapshot */

/**
 * @typedef {object} SeatChange the new value of one seat, never a step
 * @property {string} seatId
 * @property {SeatStatus} status
 * @property {string | null} [expiresAt] RFC 3339; absent when the lock has no deadline
 */

/**
 * @typedef {object} Welcome
 * @property {'welcome'} type
 * @property {string} connectionId
 * @property {string} serverTime
 * @property {number} heartbeatSeconds
 * @property {string} protocol
 */

/**
 * @typedef {object} Snapshot
 * @property {'snapshot'} type
 * @property {string} showtimeId
 * @property {string} position
 * @property {string} plan hash of the geometry
 * @property {string} states one letter per seat in plan order
 * @property {[number, string | null][]} locks deadlines by seat index
 */

/**
 * @typedef {object} Diff
 * @property {'diff'} type
 * @property {string} showtimeId
 * @property {string} prev the position it builds on
 * @property {string} position
 * @property {SeatChange[]} changes
 */

/**
 * @typedef {object} StoreStatus the store went out of reach, or came back
 * @property {'status'} type
 * @property {string} showtimeId
 * @property {boolean} stale
 * @property {string} [since]
 */

/** @typedef {{ type: 'pong', ref?: string, serverTime: string }} Pong */
/** @typedef {{ type: 'bye', reason: string, reconnectAfterMs?: number }} Bye */
/** @typedef {{ type: 'error', ref?: string, showtimeId?: string, retryAfterSeconds?: number } & Problem} ErrorFrame */
/** @typedef {{ type: 'result', ref?: string, showtimeId?: string }} Result the answer to a command that was sent as a message */

/** @typedef {Welcome | Snapshot | Diff | StoreStatus | Pong | Bye | Result | ErrorFrame} ServerMessage */

/**
 * @typedef {object} SeatProblem
 * @property {string} seatId
 * @property {string} reason locked, occupied, blocked, unknown, duplicate, too_many, not_held
 * @property {string} [expiresAt]
 */

/**
 * @typedef {object} Problem RFC 9457
 * @property {string} code
 * @property {string} [title]
 * @property {number} [status]
 * @property {string} [detail]
 * @property {SeatProblem[]} [seats]
 */

/** @typedef {number | string | null} Amount a price in the currency's main unit */

/**
 * @typedef {object} Showtime
 * @property {string} showtimeId
 * @property {string} title
 * @property {string} startsAt
 * @property {string} currency
 * @property {Record<string, Amount>} prices by category
 * @property {string} plan hash of the geometry
 * @property {string} [planName]
 * @property {number} seatCount
 * @property {number} lockSeconds
 * @property {number} maxSeatsPerHolder
 * @property {string} [position] at which it was described; absent in lists
 * @property {number} [extendCapSeconds] no extension goes further than this after the lock was made
 */

/**
 * @typedef {object} StatusSeat
 * @property {string} seatId
 * @property {SeatStatus | 'selected'} status `selected` is the caller's own lock
 * @property {Amount} [price]
 * @property {string} [expiresAt]
 * @property {string} [lockedAt] of the caller's own
 */

/**
 * @typedef {object} StatusAnswer
 * @property {string} showtimeId
 * @property {string} position
 * @property {string} serverTime
 * @property {boolean} stale
 * @property {string} [staleSince]
 * @property {number} pollIntervalSeconds
 * @property {string} plan
 * @property {StatusSeat[]} seats in plan order
 */

/**
 * @typedef {object} LockAnswer the answer to lock and to extend
 * @property {string} position
 * @property {string} serverTime
 * @property {{ seatId: string, lockedAt?: string, expiresAt?: string | null, price?: Amount }[]} seats
 */

/**
 * @typedef {object} UnlockAnswer
 * @property {string} position
 * @property {string} [serverTime]
 * @property {string[]} released
 */

/**
 * @typedef {object} BookAnswer
 * @property {string} position
 * @property {string} serverTime
 * @property {string} bookingId
 * @property {string} bookedAt
 * @property {boolean} replayed whether the booking had been made before
 * @property {{ seatId: string, status: 'occupied', price?: Amount }[]} seats
 */

/**
 * @typedef {object} ChangedAnswer the answer to block and to unblock
 * @property {string} position
 * @property {string} serverTime
 * @property {string[]} changed the seats that were not so before
 */

/**
 * @typedef {object} ChangesAnswer
 * @property {string} [from]
 * @property {string} [position]
 * @property {SeatChange[]} [changes]
 * @property {Snapshot} [snapshot] instead, where history does not reach back
 * @property {boolean} stale
 * @property {string} [staleSince]
 */

/**
 * @typedef {object} SeatFacts
 * @property {string} seatId
 * @property {SeatStatus} status
 * @property {Amount} [price]
 * @property {string} [expiresAt] of a lock
 * @property {string} [blockReason]
 * @property {string} [blockedAt]
 * @property {string} [bookingId]
 * @property {string} [bookedAt]
 * @property {string[]} [bookingSeats] all seats of that booking
 */

/** @typedef {{ showtimeId: string, position: string, serverTime: string, seats: SeatFacts[] }} SeatFactsAnswer */

export {};
