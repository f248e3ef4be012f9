/** Words for visitors are in the catalogue and nowhere else. */

import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import test from 'node:test';
import { en } from '../../static/js/texts/en.js';

const SITE = new URL('../../static/', import.meta.url);
const ROOT = new URL('js/', SITE);
const CATALOGUE = /texts\/\w\w\.js$/;
const COMMENTS = /\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm;
/** What programmers are told. */
const ERRORS = /new \w*Error\([^\n]*/g;
const STRINGS = /'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`/g;
const SENTENCE = /^[A-Z][a-z]*,? .*[a-z]/;
/** Where a text ends up in front of visitors, whatever it looks like. */
const SHOWN = /(?:(?:textContent|innerText|title|placeholder|alt|ariaLabel) *= *|'?(?:aria-label|aria-description|title|placeholder|alt)'?: *|html\('\w+', \{[^{}]*\}, *)$/;

/** The strings of a module that visitors would see or hear. */
function wordsIn(source) {
  const code = source.replace(COMMENTS, ' ').replace(ERRORS, ' ');
  return [...code.matchAll(STRINGS)].flatMap((match) => {
    const text = (match[1] ?? match[2] ?? match[3]).replace(/\$\{[^}]*\}/g, '').replace('Seatcast', '');
    const isShown = SHOWN.test(code.slice(Math.max(0, match.index - 80), match.index));
    return SENTENCE.test(text) || (isShown && /[a-z]{2}/i.test(text)) ? [text] : [];
  });
}

test('no module but the catalogue has words for visitors', async () => {
  const files = (await readdir(ROOT, { recursive: true })).filter((file) => file.endsWith('.js') && !file.startsWith('texts/'));
  assert.ok(files.length > 20, 'the modules were found');
  for (const file of files) assert.deepEqual(wordsIn(await readFile(new URL(file, ROOT), 'utf8')), [], file);
});

test('words would be found wherever they are shown', () => {
  assert.deepEqual(wordsIn("tell('Something is wrong.')"), ['Something is wrong.']);
  assert.deepEqual(wordsIn("badge.textContent = 'live';"), ['live']);
  assert.deepEqual(wordsIn("html('button', { type: 'button', 'aria-label': `Close ${name}` })"), ['Close ']);
  assert.deepEqual(wordsIn("html('p', { class: 'x' }, 'sold')"), ['sold']);
  assert.deepEqual(wordsIn("// 'Not shown at all.'\nthrow new Error('A mistake of ours.'); html('p', { class: 'list help' }, texts.t('list.help'))"), []);
});

test('every sentence of the catalogue is said somewhere', async () => {
  const files = (await readdir(SITE, { recursive: true })).filter((file) => /\.(js|html)$/.test(file) && !CATALOGUE.test(file));
  const said = (await Promise.all(files.map((file) => readFile(new URL(file, SITE), 'utf8')))).join('\n');
  // Keys that are put together: a part of the catalogue, and a name from elsewhere.
  const parts = [...said.matchAll(/`((?:\w+\.)+)\$\{/g)].map(([, part]) => part);
  const silent = Object.keys(en).filter((key) => !new RegExp(`['"\`]${key.replaceAll('.', '\\.')}['"\`]`).test(said) && !parts.some((part) => key.startsWith(part)));
  assert.deepEqual(silent, []);
});
