/**
 * The field in which staff type the names of seats.
 *
 * What was found leaves the field, what was not stays in it, with the reason beside it.
 * @module
 */

import { byId, html } from '../elements.js';

/** @typedef {import('../../model/seat-query.js').Found} Found */

/** @param {{ texts: import('../../texts/texts.js').Texts, find: (text: string) => Found, found: (indices: number[]) => void }} parts */
export function createSeatEntry({ texts, find, found }) {
  const names = byId('names', HTMLInputElement);
  const problems = byId('names-problems', HTMLElement);

  /** @param {import('../../model/seat-query.js').QueryProblem} problem */
  function problemText({ term, zones }) {
    return zones.length ? texts.t('desk.ambiguous', { term, zones: zones.join(', ') }) : texts.t('desk.unknown', { term });
  }

  byId('entry', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault();
    const result = find(names.value);
    problems.replaceChildren(...result.problems.map((problem) => html('p', {}, problemText(problem))));
    names.value = result.problems.map(({ term }) => term).join(', ');
    names.setAttribute('aria-invalid', String(result.problems.length > 0));
    if (result.indices.length) found(result.indices);
  });
}
