/**
 * What a close code says about coming back. The server's table of close codes is the authority.
 *
 * That a showtime is gone does not close the socket that its rooms share: it is told as an error of that showtime.
 * @module
 */

/**
 * @typedef {'return' | 'stay'} AfterClose
 * `return`: try the socket again, after the delay of `bye` or a back-off. `stay`: the socket is refused for good;
 * event streams and polls are not.
 */

/** The server found what this client sent wrong, or refuses it: the same again would not help. */
const REFUSED = [1002, 1003, 1007, 1008, 1009];

/**
 * @param {number} code
 * @returns {AfterClose}
 */
export function afterClose(code) {
  return REFUSED.includes(code) ? 'stay' : 'return';
}
