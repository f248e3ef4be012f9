/**
 * What a close code says about coming back. The server's table of close codes is the authority.
 * @module
 */

/**
 * @typedef {'return' | 'poll' | 'gone'} AfterClose
 * `return`: try the socket again, after the delay of `bye` or a back-off. `poll`: the socket is refused for
 * good, polling is not. `gone`: the showtime is not there any more.
 */

/** The server found what this client sent wrong, or refuses it: the same again would not help. */
const REFUSED = [1002, 1003, 1007, 1008, 1009];
const SHOWTIME_GONE = 4404;

/**
 * @param {number} code
 * @returns {AfterClose}
 */
export function afterClose(code) {
  if (code === SHOWTIME_GONE) {
    return 'gone';
  }
  return REFUSED.includes(code) ? 'poll' : 'return';
}
