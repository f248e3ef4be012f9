/**
 * Where the server is, and the addresses of its live transports.
 * @module
 */

/** The path of the client's own script below the server's address, with or without the version that servers put into it. */
const OWN_PATH = /\/static\/(?:v-[0-9a-f]+\/)?js\/client\.js$/;

/**
 * The server's address: the given one, else the one that the client's own script came from, else the page's origin.
 * @param {string | URL | undefined} given
 * @param {string | undefined} script address of `client.js`; of a bundle it says nothing
 * @param {string | undefined} page address of the page
 * @returns {URL} ends with a slash
 */
export function baseAddress(given, script, page) {
  if (given !== undefined) return withSlash(new URL(given, page));
  const own = script?.startsWith('http') ? new URL(script) : null;
  if (own && OWN_PATH.test(own.pathname)) return new URL(own.pathname.replace(OWN_PATH, '/'), own);
  if (page === undefined) throw new TypeError('createClient needs `base` where there is no page');
  return new URL('/', page);
}

/**
 * @param {URL} base
 * @param {string} userId
 */
export function socketAddress(base, userId) {
  const url = new URL('api/v1/live', base);
  url.protocol = url.protocol.replace('http', 'ws');
  url.searchParams.set('userId', userId);
  return url.href;
}

/**
 * @param {URL} base
 * @param {string} showtimeId
 * @param {string | null} since
 */
export function streamAddress(base, showtimeId, since) {
  const url = new URL(`api/v1/showtimes/${encodeURIComponent(showtimeId)}/events`, base);
  if (since !== null) url.searchParams.set('since', since);
  return url.href;
}

/** @param {URL} url */
function withSlash(url) {
  const base = new URL(url);
  base.search = base.hash = '';
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  return base;
}
