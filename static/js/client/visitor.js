/**
 * Who the visitor is to the server: the name that the page gives, else a random one per tab.
 *
 * It is no login; whoever knows the name is the visitor.
 * @module
 */

const KEY = 'seatcast.visitor';

/** @typedef {{ userId: string, returning: boolean }} Visitor `returning`: may hold seats from before */
/** @typedef {Pick<Storage, 'getItem' | 'setItem'>} VisitorStorage */

/**
 * @param {object} parts
 * @param {string} [parts.userId] the page's own name for the visitor
 * @param {() => VisitorStorage | undefined} parts.storage may throw where storage is forbidden
 * @param {Pick<Crypto, 'getRandomValues'>} parts.crypto
 * @returns {Visitor}
 */
export function identify({ userId, storage, crypto }) {
  if (userId) return { userId, returning: true };
  // Without storage a reload makes a new visitor.
  try {
    const kept = storage();
    const known = kept?.getItem(KEY);
    if (known) return { userId: known, returning: true };
    const made = randomName(crypto);
    kept?.setItem(KEY, made);
    return { userId: made, returning: false };
  } catch {
    return { userId: randomName(crypto), returning: false };
  }
}

/** @param {Pick<Crypto, 'getRandomValues'>} crypto */
function randomName(crypto) {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return `guest-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
