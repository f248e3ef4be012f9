/**
 * Who the visitor is to the server: a random name per tab, or the one in the page's address.
 *
 * It is no login; whoever knows the name is the visitor.
 * @module
 */

const KEY = 'seatcast.visitor';

/** @typedef {{ userId: string, returning: boolean }} Visitor `returning`: may hold seats from before */

/**
 * @param {{ location: Location, storage: () => Storage, crypto: Crypto }} scope
 * @returns {Visitor}
 */
export function identify({ location, storage, crypto }) {
  const given = new URLSearchParams(location.search).get('user');
  if (given) return { userId: given, returning: true };
  // Storage may be forbidden; then a reload makes a new visitor.
  try {
    const known = storage().getItem(KEY);
    if (known) return { userId: known, returning: true };
    const userId = randomName(crypto);
    storage().setItem(KEY, userId);
    return { userId, returning: false };
  } catch {
    return { userId: randomName(crypto), returning: false };
  }
}

/** @param {Crypto} crypto */
function randomName(crypto) {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return `guest-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
