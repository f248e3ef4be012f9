/**
 * The HTTP interface as functions. It holds no state, words nothing and never repeats a request.
 * @module
 */

/** @typedef {import('../model/wire.js').Problem} Problem */
/** @typedef {import('../model/wire.js').Showtime} Showtime */
/** @typedef {import('../model/wire.js').LockAnswer} LockAnswer */
/** @typedef {import('../model/wire.js').ChangedAnswer} ChangedAnswer */
/** @typedef {{ seats: string[], userId: string }} HolderRequest */
/** @typedef {ReturnType<typeof createApi>} Api */

/** For an answer to begin. */
const TIMEOUT_MS = 10_000;
/** For the whole of it: a large plan over a slow network takes its time. */
const BODY_MS = 60_000;

/** A request that was refused, or that got no answer (`unreachable`). */
export class ApiError extends Error {
  /**
   * @param {Problem} problem
   * @param {number | null} [retryAfterSeconds]
   */
  constructor(problem, retryAfterSeconds = null) {
    super(problem.detail ?? problem.title ?? problem.code);
    this.name = 'ApiError';
    this.code = problem.code;
    this.problem = problem;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** Whether the server is known to have changed nothing. */
  get isRefusal() {
    const status = this.problem.status ?? 0;
    return (status >= 400 && status < 500) || this.code === 'store_unavailable';
  }

  /** Whether it is of no use to ask again later. */
  get isFinal() {
    return this.isRefusal && this.code !== 'store_unavailable';
  }
}

/**
 * @typedef {object} ApiParts
 * @property {typeof fetch} fetch
 * @property {import('./timers.js').Timers} timers
 * @property {URL} [base] where the server is; the page's own when absent
 */

/** @param {ApiParts} parts */
export function createApi(parts) {
  const send = createSender(parts);
  const showtimeOf = (/** @type {string} */ id) => `/showtimes/${encodeURIComponent(id)}`;
  const seatsOf = (/** @type {string} */ id) => `${showtimeOf(id)}/seats`;

  return {
    /** @returns {Promise<Showtime[]>} */
    async showtimes() {
      return (await send('/showtimes')).body.showtimes;
    },

    /**
     * @param {string} id
     * @returns {Promise<Showtime>}
     */
    async showtime(id) {
      return (await send(showtimeOf(id))).body;
    },

    /**
     * @param {string} hash
     * @returns {Promise<import('../model/plan.js').RawPlan>}
     */
    async plan(hash) {
      return (await send(`/plans/${encodeURIComponent(hash)}`)).body;
    },

    /**
     * Every seat as this visitor sees it.
     * @param {string} id
     * @param {string} userId
     * @param {string | null} etag of the last answer
     * @returns {Promise<import('./poller.js').Polled>}
     */
    async status(id, userId, etag) {
      const { response, body } = await send(`${seatsOf(id)}/status?userId=${encodeURIComponent(userId)}`, { etag });
      return { etag: response.headers.get('ETag') ?? etag, body };
    },

    /**
     * What changed since a position.
     * @param {string} id
     * @param {string} since
     * @returns {Promise<import('../model/wire.js').ChangesAnswer | null>} null when nothing did
     */
    async changes(id, since) {
      return (await send(`${seatsOf(id)}/changes?since=${encodeURIComponent(since)}`)).body;
    },

    /**
     * What staff may know of seats: why they are blocked, which booking they belong to.
     * @param {string} id
     * @param {string[]} seatIds
     * @returns {Promise<import('../model/wire.js').SeatFactsAnswer>}
     */
    async seatFacts(id, seatIds) {
      // A comma separates ids, so one within an id is escaped.
      const seats = seatIds.map(encodeURIComponent).join(',');
      return (await send(`${seatsOf(id)}/facts?seats=${seats}`)).body;
    },

    /** @type {(id: string, request: HolderRequest) => Promise<LockAnswer>} */
    async lock(id, request) {
      return (await send(`${seatsOf(id)}/lock`, { method: 'POST', body: request })).body;
    },

    /** @type {(id: string, request: HolderRequest) => Promise<import('../model/wire.js').UnlockAnswer>} */
    async unlock(id, request) {
      return (await send(`${seatsOf(id)}/unlock`, { method: 'DELETE', body: request })).body;
    },

    /** @type {(id: string, request: HolderRequest) => Promise<LockAnswer>} */
    async extend(id, request) {
      return (await send(`${seatsOf(id)}/extend-lock`, { method: 'PUT', body: request })).body;
    },

    /** @type {(id: string, request: HolderRequest & { bookingId: string }) => Promise<import('../model/wire.js').BookAnswer>} */
    async book(id, request) {
      return (await send(`${seatsOf(id)}/book`, { method: 'POST', body: request })).body;
    },

    /** @type {(id: string, request: { seats: string[], bookingId: string }) => Promise<import('../model/wire.js').UnlockAnswer>} */
    async release(id, request) {
      return (await send(`${seatsOf(id)}/release`, { method: 'POST', body: request })).body;
    },

    /** @type {(id: string, request: { seats: string[], reason?: string }) => Promise<ChangedAnswer>} */
    async block(id, request) {
      return (await send(`${seatsOf(id)}/block`, { method: 'PUT', body: request })).body;
    },

    /** @type {(id: string, request: { seats: string[] }) => Promise<ChangedAnswer>} */
    async unblock(id, request) {
      return (await send(`${seatsOf(id)}/unblock`, { method: 'PUT', body: request })).body;
    },
  };
}

/**
 * Makes the function that sends one request and reads its answer; whatever goes wrong is an `ApiError`.
 * @param {ApiParts} parts
 */
function createSender({ fetch, timers, base }) {
  const root = base ? new URL('api/v1', base).href : '/api/v1';

  /**
   * @param {string} path
   * @param {{ method?: string, body?: object, etag?: string | null }} [options]
   */
  return async function send(path, { method = 'GET', body, etag } = {}) {
    const abort = new AbortController();
    let timer = timers.set(() => abort.abort(), TIMEOUT_MS);
    /** @type {Record<string, string>} */
    const headers = { Accept: 'application/json' };
    if (body) headers['Content-Type'] = 'application/json';
    if (etag) headers['If-None-Match'] = etag;
    try {
      const sent = body ? JSON.stringify(body) : undefined;
      const response = await fetch(`${root}${path}`, { method, headers, body: sent, signal: abort.signal });
      timers.clear(timer);
      timer = timers.set(() => abort.abort(), BODY_MS);
      if (!response.ok && response.status !== 304) throw await refusalOf(response);
      const isEmpty = response.status === 304 || response.status === 204;
      return { response, body: isEmpty ? null : await response.json() };
    } catch (error) {
      throw error instanceof ApiError ? error : new ApiError({ code: 'unreachable' });
    } finally {
      timers.clear(timer);
    }
  };
}

/**
 * @param {Response} response
 * @returns {Promise<ApiError>}
 */
async function refusalOf(response) {
  const retryAfter = Number(response.headers.get('Retry-After') ?? NaN);
  /** @type {Partial<Problem>} */
  const problem = await response.json().catch(() => ({}));
  const code = problem.code ?? 'internal';
  return new ApiError({ ...problem, code, status: response.status }, Number.isFinite(retryAfter) ? retryAfter : null);
}
