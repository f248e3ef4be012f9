/** Types of the custom element `<seat-map>`; `docs/seat-map.md` describes it. */

import type { ApiError, Link, Loss, Outcome, Room, SeatClient, Showtime, ShownStatus } from './client.js';

export interface SeatChooseDetail {
  seatId: string;
  /** The seat's place in plan order, from 0. */
  index: number;
  /** What the seat is shown as at this moment. */
  status: ShownStatus;
}

export interface ConnectionDetail {
  link: Link;
  /** Set while the server cannot reach its store; `since` is an RFC 3339 instant. */
  stale: { since: string | null } | null;
  /** The last proof that the map is current: milliseconds since 1970 on the server's clock. */
  asOf: number | null;
  /** The same in words, in the element's language. */
  text: string;
}

export interface SeatMapEventMap {
  /** The showtime is open. Seats are `unknown` until the first `seatschange`. */
  ready: CustomEvent<{ showtime: Showtime }>;
  /** The visitor chose a seat. After `preventDefault()` the element neither locks nor unlocks it. */
  seatchoose: CustomEvent<SeatChooseDetail>;
  /** The server has confirmed locks. */
  seatlock: CustomEvent<{ seatIds: string[] }>;
  /** The server has confirmed that locks were given back. */
  seatunlock: CustomEvent<{ seatIds: string[] }>;
  /** Seats of the visitor's own are gone: their time was up, or somebody else decided so. */
  seatlost: CustomEvent<{ losses: Loss[]; message: string }>;
  /** A lock, an unlock or an extension was refused, and is taken back on the map. */
  seatrefused: CustomEvent<{ action: 'lock' | 'unlock' | 'extend'; seatIds: string[]; error: ApiError; message: string }>;
  /** Seats look different now. */
  seatschange: CustomEvent<{ indices: number[] | 'all' }>;
  connectionchange: CustomEvent<ConnectionDetail>;
}

export class SeatMapElement extends HTMLElement {
  /** The showtime's id; reflects the attribute. */
  showtime: string;
  /** The client that brings the seats. Give one to share it (and its socket) between elements. */
  client: SeatClient | null;
  /** The open room; null until `ready`. */
  readonly room: Room | null;
  /** Ids of seats that the page marks for purposes of its own. */
  marked: string[];

  /** Locks all of the seats or none. Never rejects for a refusal; rejects before `ready`. */
  lock(seatIds: string[]): Promise<Outcome>;
  unlock(seatIds: string[]): Promise<Outcome>;
  /** Asks for more time for every seat that is held. */
  extend(): Promise<Outcome>;
  /** Brings a seat into view, large enough to be read. */
  show(seatId: string): void;
  /** Reads the colours anew, after the page has changed custom properties. A change of `theme` needs no call. */
  recolor(): void;
  /** Shows the whole plan. */
  fit(): void;
  /** Where a seat is, in the coordinates of mouse events (CSS pixels); null before `ready` and for unknown seats. */
  placeOf(seatId: string): { x: number; y: number } | null;

  addEventListener<Type extends keyof SeatMapEventMap>(
    type: Type,
    listener: (event: SeatMapEventMap[Type]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
}

declare global {
  interface HTMLElementTagNameMap {
    'seat-map': SeatMapElement;
  }
}
