/**
 * What a close code says about coming back. The server's table of close codes is the authority.
 * @module
 */

/**
 * @typedef {'return' | 'poll' | 'gone'} AfterClose
 * `return`: try the socket again, after the delay of `bye` or a back-off. `poll`: the socket is refused for
 * good, polling is not. `gone`: the showtime is not there any more.
 */

const POLICY = 1008;
const SHOWTIME_GONE = 4404;

/**
 * @param {number} code
 * @returns {AfterClose}
 */
export function afterClose(code) {
  switch (code) {
    case POLICY:
      return 'poll';
    case SHOWTIME_GONE:
      return 'gone';
    default:
      return 'return';
  }
}
