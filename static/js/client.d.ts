/**
 * The headless client of Seatcast: the seats of any number of showtimes, live. `client.js` has an example,
 * `docs/client.md` the whole story.
 *
 * Written by hand; the type check of `client.js` holds it to what the code does. Instants are RFC 3339 texts in UTC, spans
 * and clocks are milliseconds unless their name says seconds, indices count seats in plan order from 0.
 */

/** Connects to a server. Opens nothing until a room is joined. */
export function createClient(options?: ClientOptions): SeatClient;

/** A request that the server refused, or that got no answer. It words nothing: `code` says what happened. */
export class ApiError extends Error {
  constructor(problem: Problem, retryAfterSeconds?: number | null);
  /**
   * The code of the server's problem (`docs/protocol.md`, Problems), or one of the client's own: `unreachable` (no answer
   * begun within 10 s or none that was whole 60 s later), `room_left` (a command after `leave`), `client_closed` (a `join` that `close` overtook).
   */
  readonly code: string;
  readonly problem: Problem;
  /** When the server wants to be asked again; null where it did not say. */
  readonly retryAfterSeconds: number | null;
  /** Whether the server is known to have changed nothing. */
  readonly isRefusal: boolean;
  /** Whether it is of no use to ask again later. */
  readonly isFinal: boolean;
}

export interface ClientOptions {
  /**
   * Where the server is, such as `https://seats.example.org/`; a path in it is kept. Left out: where `client.js` was loaded
   * from, or, bundled, the page's origin. A program without a page has to give it. Pages of other origins have to be
   * listed in the server's `SEATCAST_ALLOWED_ORIGINS`.
   */
  base?: string | URL;
  /**
   * Who the visitor is: 1-64 visible characters. It is no login. Left out: a random name, kept for the tab in
   * `sessionStorage`, so that a reload finds its seats again.
   */
  userId?: string;
  /** Asks over the network. */
  fetch?: typeof fetch;
  /** `undefined` means that there is none: event streams are used instead. */
  WebSocket?: (new (url: string) => WebSocket) | undefined;
  /** `undefined` means that there is none: polls are used instead. */
  EventSource?: (new (url: string) => EventSource) | undefined;
  timers?: Timers;
  /** From 0 to below 1. */
  random?: () => number;
  /** The local clock in milliseconds; only its steady running matters. */
  now?: () => number;
  /** Where the random name is kept; may throw. */
  storage?: () => Pick<Storage, 'getItem' | 'setItem'> | undefined;
}

export interface Timers {
  set(action: () => void, milliseconds: number): number;
  clear(timer: number | undefined): void;
}

export interface JoinOptions {
  /** Nobody looks at the room, such as one that only counts: where event streams are scarce it polls, and others stream. */
  background?: boolean;
}

export interface SeatClient {
  readonly userId: string;
  /** The HTTP interface as functions, each of which rejects with `ApiError`. Optimism and events are the room's. */
  readonly api: Api;
  /**
   * All showtimes, by start.
   * @throws ApiError
   */
  showtimes(): Promise<Showtime[]>;
  /**
   * Loads a showtime with its plan and enters its room, which stays current by itself until `leave` or `close`. A showtime
   * may be joined more than once.
   * @throws ApiError `unknown_showtime`, `unreachable`, `store_unavailable`, `client_closed`, …
   */
  join(showtimeId: string, options?: JoinOptions): Promise<Room>;
  /**
   * A client for another visitor on the same connection, for screens that many use one after the other. The visitor is
   * taken to be new: what the server knows of it is not asked for when it joins a showtime for the first time. Its `close` leaves its rooms and
   * keeps the connection, which this client's `close` ends for all.
   */
  as(userId: string): SeatClient;
  /**
   * Proves every link at once and asks whose the seats are, without waiting for any timer. In a page the client does it by
   * itself when the page becomes visible, comes back from the back-forward cache, or is online again.
   */
  wake(): void;
  /** Leaves all rooms and closes the connection, for good. Locks are kept until their deadline. */
  close(): void;
}

/** A visitor's place in one showtime. */
export interface Room extends EventTarget {
  /** As it was when the room was entered. */
  readonly showtime: Showtime;
  readonly plan: SeatPlan;
  readonly userId: string;
  /** How the room hears of changes. */
  readonly link: Link;
  /** Set while the server cannot reach its store: the map is readable, changes are refused. */
  readonly stale: { since: string | null } | null;
  /** When the map was last known to be current, in milliseconds of the server's clock; null before the first map. */
  readonly asOf: number | null;
  /** The server's clock, in milliseconds. Countdowns go by it. */
  now(): number;
  /** What the visitor sees of a seat. */
  statusOf(index: number): ShownStatus;
  /** When a lock ends, the visitor's or another's; null where there is none, or one without an end. */
  deadlineOf(index: number): string | null;
  /** What a seat costs by its category; undefined where the showtime has no price for it. */
  priceOf(index: number): Amount | undefined;
  /** The visitor's seats in plan order, those included that are being asked for or given back. */
  own(): OwnSeat[];
  /**
   * Locks seats, all or none. They are `pending` at once; a refusal rolls that back and is told as `refused` too. Seats
   * that are held already stay as they are. Never rejects. Where there was no answer (`unreachable`,
   * `outcome_unknown`), the server is asked what became of it, and `locked` or nothing follows.
   */
  lock(seatIds: string[]): Promise<Outcome>;
  /** Gives seats back. Likewise. */
  unlock(seatIds: string[]): Promise<Outcome>;
  /** Asks for a new deadline for every seat held, all or none. Likewise. */
  extend(): Promise<Outcome>;
  /** Leaves the room; locks are kept until their deadline. No event comes after it. */
  leave(): void;


  addEventListener<Type extends keyof RoomEvents>(
    type: Type,
    listener: ((event: CustomEvent<RoomEvents[Type]>) => void) | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void;
  removeEventListener<Type extends keyof RoomEvents>(
    type: Type,
    listener: ((event: CustomEvent<RoomEvents[Type]>) => void) | null,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | EventListenerOptions): void;
}

/** The room's events and their `detail`. */
export interface RoomEvents {
  /** These seats look different now, or have another deadline. */
  seatschange: { indices: number[] | 'all' };
  /** `own()` is another. */
  ownchange: object;
  /** The link or the server's store is in another state. */
  linkchange: { link: Link; stale: { since: string | null } | null };
  /** The visitor holds these seats now. `restored`: found with the server, after a reload or a request without an answer. */
  locked: { seatIds: string[]; restored: boolean };
  /** The visitor gave these seats back. */
  unlocked: { seatIds: string[] };
  /** The visitor lost these seats without asking for it. */
  lost: { losses: Loss[] };
  /** A command was refused, or had no answer. `error.problem.seats` has the reason of each seat. */
  refused: { action: 'lock' | 'unlock' | 'extend'; seatIds: string[]; error: ApiError };
  /** The showtime has another plan, price, title, start or rule now. The room has ended; join again. */
  replaced: object;
}

export type Link =
  /** `again`: the link had been there. */
  | { state: 'connecting'; again: boolean }
  | { state: 'live'; transport: 'websocket' | 'events' }
  /** Asks every so many seconds, and goes on trying for better. */
  | { state: 'polling'; seconds: number }
  /** `gone`: there is no such showtime any more, and nothing is tried; otherwise everything is. */
  | { state: 'offline'; gone: boolean };

/**
 * `unknown` before the first map; `locked`, `occupied` (sold) and `blocked` (not for sale) by others; `selected` by the
 * visitor; `pending` while the server is asked; `lost` for 8 s after the visitor lost the seat, unless its state changes.
 */
export type ShownStatus = 'unknown' | 'available' | 'locked' | 'occupied' | 'blocked' | 'selected' | 'pending' | 'lost';

export type SeatStatus = 'available' | 'locked' | 'occupied' | 'blocked';

export interface OwnSeat {
  seatId: string;
  index: number;
  phase: 'locking' | 'held' | 'unlocking';
  /** Null while it is not known, or without an end. */
  expiresAt: string | null;
  /** When the lock was made first: extensions end `extendCapSeconds` of the showtime after it. Null while it is not known. */
  lockedAt: string | null;
  price: Amount;
}

/** `expired` at its deadline, `released` before it, `taken` by somebody else after it. */
export interface Loss {
  seatId: string;
  reason: 'expired' | 'released' | 'occupied' | 'blocked' | 'taken';
}

export type Outcome = { ok: true } | { ok: false; error: ApiError };

/** In the currency's main unit; null where the showtime has no price. */
export type Amount = number | string | null;

export interface Showtime {
  showtimeId: string;
  title: string;
  startsAt: string;
  /** Three letters. */
  currency: string;
  /** By category. */
  prices: Record<string, Amount>;
  /** Hash of the plan. */
  plan: string;
  planName?: string;
  seatCount: number;
  lockSeconds: number;
  maxSeatsPerHolder: number;
  /** At which it was described; absent in lists. */
  position?: string;
  /** No extension goes further than this after the lock was made. */
  extendCapSeconds?: number;
}

/** RFC 9457. */
export interface Problem {
  code: string;
  title?: string;
  status?: number;
  /** In English, for developers. */
  detail?: string;
  /** `reason`: `locked`, `occupied`, `blocked`, `unknown`, `duplicate`, `too_many`, `not_held`. */
  seats?: { seatId: string; reason: string; expiresAt?: string }[];
}

/** Lengths are the plan's own unit; x grows to the right, y downwards. */
export interface SeatPlan {
  /** In plan order: `seats[i].index === i`. */
  seats: Seat[];
  rows: Row[];
  zones: { name: string; rows: Row[] }[];
  areas: Area[];
  /** Those that a seat has; `color` is a CSS colour. */
  categories: { name: string; color: string }[];
  /** Around all that is to be seen. */
  bounds: { x: number; y: number; width: number; height: number };
}

export interface Seat {
  index: number;
  /** What `lock` and the other commands call it. */
  id: string;
  x: number;
  y: number;
  radius: number;
  category: string;
  color: string;
  /** Empty where the plan has one zone only. */
  zone: string;
  row: string;
  number: string;
  /** What the plan itself calls the row; null where only its number is known. */
  rowLabel: string | null;
  seatLabel: string | null;
}

/** Scenery: a stage, a wall, a caption. */
export interface Area {
  x: number;
  y: number;
  /** Degrees clockwise about (x, y). */
  rotation: number;
  /** Relative to the area's place; an ellipse is centred on it. */
  outline:
    | { kind: 'polygon'; points: { x: number; y: number }[] }
    | { kind: 'rectangle'; width: number; height: number }
    | { kind: 'ellipse'; rx: number; ry: number }
    | { kind: 'none' };
  /** CSS colours; null for none. */
  color: string | null;
  borderColor: string | null;
  /** Relative to (x, y). */
  text: { x: number; y: number; content: string; size: number; color: string | null } | null;
}

export interface Row {
  zone: string;
  number: string;
  label: string | null;
  seats: Seat[];
  labels: { x: number; y: number; text: string }[];
}

/** One function for each address of the protocol; `id` is the showtime's. Each rejects with `ApiError`. */
export interface Api {
  showtimes(): Promise<Showtime[]>;
  showtime(id: string): Promise<Showtime>;
  /** The plan as the server has it, in the format of pretix's plan editor. */
  plan(hash: string): Promise<object>;
  lock(id: string, request: { seats: string[]; userId: string }): Promise<LockAnswer>;
  unlock(id: string, request: { seats: string[]; userId: string }): Promise<ReleaseAnswer>;
  extend(id: string, request: { seats: string[]; userId: string }): Promise<LockAnswer>;
  /** Turns the holder's locks into a booking; repeating it with the same id is safe. */
  book(id: string, request: { seats: string[]; userId: string; bookingId: string }): Promise<BookAnswer>;
  /** Refunds seats of a booking. */
  release(id: string, request: { seats: string[]; bookingId: string }): Promise<ReleaseAnswer>;
  /** Takes free seats off sale. */
  block(id: string, request: { seats: string[]; reason?: string }): Promise<ChangedAnswer>;
  unblock(id: string, request: { seats: string[] }): Promise<ChangedAnswer>;
  /** What staff may know of seats. All ids go into one address, so ask for about 100 at a time. */
  seatFacts(id: string, seatIds: string[]): Promise<{ showtimeId: string; position: string; serverTime: string; seats: SeatFacts[] }>;
}

export interface LockAnswer {
  position: string;
  serverTime: string;
  seats: { seatId: string; lockedAt?: string; expiresAt?: string | null; price?: Amount }[];
}

export interface ReleaseAnswer {
  position: string;
  serverTime?: string;
  released: string[];
}

export interface BookAnswer {
  position: string;
  serverTime: string;
  bookingId: string;
  bookedAt: string;
  /** Whether the booking had been made before. */
  replayed: boolean;
  seats: { seatId: string; status: 'occupied'; price?: Amount }[];
}

export interface ChangedAnswer {
  position: string;
  serverTime: string;
  /** The seats that were not so before. */
  changed: string[];
}

export interface SeatFacts {
  seatId: string;
  status: SeatStatus;
  price?: Amount;
  expiresAt?: string;
  blockReason?: string;
  blockedAt?: string;
  bookingId?: string;
  bookedAt?: string;
  /** All seats of that booking. */
  bookingSeats?: string[];
}
