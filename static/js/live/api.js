/**
 * The HTTP interface as functions. It holds no state and never repeats a request.
 * @module
 */

/** @typedef {import('../model/wire.js').Problem} Problem */
/** @typedef {ReturnType<typeof createApi>} Api */

const TIMEOUT_MS = 10_000;

/** A request that was refused, or that got no answer. */
export class ApiError extends Error {
  /**
   * @param {Problem} problem
   * @param {number | null} retryAfterSeconds
   */
  constructor(problem, retryAfterSeconds) {
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

/** @param {{ fetch: typeof fetch, timers: import('./timers.js').Timers }} parts */
export function createApi({ fetch, timers }) {
  /**
   * @param {string} path
   * @param {{ method?: string, body?: object, etag?: string | null }} [options]
   */
  async function send(path, { method = 'GET', body, etag } = {}) {
    const abort = new AbortController();
    const timer = timers.set(() => abort.abort(), TIMEOUT_MS);
    /** @type {Record<string, string>} */
    const headers = { Accept: 'application/json' };
    if (body) headers['Content-Type'] = 'application/json';
    if (etag) headers['If-None-Match'] = etag;
    try {
      const sent = body ? JSON.stringify(body) : undefined;
      const response = await fetch(`/api/v1${path}`, { method, headers, body: sent, signal: abort.signal });
      if (!response.ok && response.status !== 304) throw await refusalOf(response);
      return { response, body: response.status === 304 ? null : await response.json() };
    } catch (error) {
      if (error instanceof ApiError) throw error;
      throw new ApiError({ code: 'unreachable', detail: 'The server cannot be reached.' }, null);
    } finally {
      timers.clear(timer);
    }
  }

  /** @param {string} id */
  const seatsOf = (id) => `/showtimes/${encodeURIComponent(id)}/seats`;

  return {
    /** @returns {Promise<import('../model/wire.js').Showtime[]>} */
    async showtimes() {
      return (await send('/showtimes')).body.showtimes;
    },

    /**
     * @param {string} id
     * @returns {Promise<import('../model/wire.js').Showtime>}
     */
    async showtime(id) {
      return (await send(`/showtimes/${encodeURIComponent(id)}`)).body;
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
     * @param {string} id
     * @param {{ seats: string[], userId: string }} request
     * @returns {Promise<import('../model/wire.js').LockAnswer>}
     */
    async lock(id, request) {
      return (await send(`${seatsOf(id)}/lock`, { method: 'POST', body: request })).body;
    },

    /**
     * @param {string} id
     * @param {{ seats: string[], userId: string }} request
     * @returns {Promise<import('../model/wire.js').UnlockAnswer>}
     */
    async unlock(id, request) {
      return (await send(`${seatsOf(id)}/unlock`, { method: 'DELETE', body: request })).body;
    },

    /**
     * @param {string} id
     * @param {{ seats: string[], userId: string }} request
     * @returns {Promise<import('../model/wire.js').LockAnswer>}
     */
    async extend(id, request) {
      return (await send(`${seatsOf(id)}/extend-lock`, { method: 'PUT', body: request })).body;
    },
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
