/**
 * Tells of seats that were lost, one message for each reason however many diffs brought the news.
 *
 * A message of a loss stays until it is closed: a buyer who looked away has to find it.
 * @module
 */

/** @typedef {import('../../model/mine.js').Loss} Loss */

/**
 * @typedef {object} LossesParts
 * @property {Pick<import('./messages.js').Messages, 'tell' | 'isShown'>} messages
 * @property {import('../../texts/texts.js').Texts} texts
 * @property {(seatId: string) => string} nameOf
 * @property {() => number} now milliseconds, any clock
 */

/** News within this of each other are one. */
const TOGETHER_MS = 3_000;

/** @param {LossesParts} parts */
export function createLosses({ messages, texts, nameOf, now }) {
  /** @type {Map<string, { group: string, losses: Loss[], at: number }>} by reason */
  const open = new Map();
  let groups = 0;

  /** @param {readonly Loss[]} losses */
  function tell(losses) {
    for (const reason of new Set(losses.map((loss) => loss.reason))) {
      const news = losses.filter((loss) => loss.reason === reason);
      const last = open.get(reason);
      const goesOn = last !== undefined && now() - last.at < TOGETHER_MS && messages.isShown(last.group);
      const told = { group: goesOn ? last.group : `lost-${(groups += 1)}`, losses: goesOn ? [...last.losses, ...news] : news, at: now() };
      open.set(reason, told);
      for (const text of texts.noticeTexts({ kind: 'lost', losses: told.losses }, nameOf)) {
        messages.tell(text, { kind: 'problem', important: true, group: told.group });
      }
    }
  }

  return { tell };
}
