/**
 * The connection in a few words, and how old the map is when it is not current.
 * @module
 */

/**
 * @typedef {{ state: 'connecting', again: boolean } | { state: 'live' } | { state: 'polling', seconds: number }
 *   | { state: 'offline', gone: boolean }} Link
 */
/** @typedef {{ state: 'live' | 'connecting' | 'polling' | 'stale' | 'offline', text: string }} LinkText */

/**
 * @param {import('./catalogue.js').Translate} t
 * @param {import('./formats.js').Formats} formats
 */
export function createLinkWords(t, formats) {
  /**
   * @param {Link} link
   * @param {{ since: string | null } | null} stale whether the server itself is cut off from its store
   * @param {number | null} asOf when the map was last known to be current, in milliseconds of the server's clock
   * @param {number} now of the same clock
   * @returns {LinkText}
   */
  function linkText(link, stale, asOf, now) {
    const time = asOf === null ? null : formats.recentTime(asOf, now);
    if (link.state === 'offline') {
      if (link.gone) return { state: 'offline', text: t('link.gone') };
      return { state: 'offline', text: time ? t('link.offlineAsOf', { time }) : t('link.offline') };
    }
    if (link.state === 'connecting') {
      if (!link.again) return { state: 'connecting', text: t('link.connecting') };
      return { state: 'connecting', text: time ? t('link.reconnectingAsOf', { time }) : t('link.reconnecting') };
    }
    if (stale) {
      const since = stale.since && formats.clockTime(stale.since);
      return { state: 'stale', text: since ? t('link.staleSince', { time: since }) : t('link.stale') };
    }
    if (link.state === 'polling') return { state: 'polling', text: t('link.polling', { count: link.seconds }) };
    return { state: 'live', text: t('link.live') };
  }

  return { linkText };
}
