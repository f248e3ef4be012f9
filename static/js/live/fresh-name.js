/**
 * Names that nobody bears yet, for holders and bookings.
 * @module
 */

/**
 * @param {string} kind what the name begins with
 * @param {Pick<Crypto, 'getRandomValues'>} crypto
 * @param {number} [length] of the random part in bytes
 */
export function freshName(kind, crypto, length = 12) {
  const bytes = crypto.getRandomValues(new Uint8Array(length));
  return `${kind}-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
