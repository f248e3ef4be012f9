/** What the pages' scripts may know of each other, and what every one of them says of itself. */

import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import test from 'node:test';

const ROOT = new URL('../../static/js/', import.meta.url);
const IMPORTS = /^(?:import|export)\b[^;]*?from '([^']+)';|^import '([^']+)';|\bimport\('([^']+)'\)(?!\.)/gm;
/** From the innermost; a module imports from its own layer and from those before it. */
const LAYERS = ['model', 'texts', 'live', 'client', 'view', 'seat-map', 'pages'];
/** The order among model and texts is none: both are pure. */
const PURE = new Set(['model', 'texts']);
const LONGEST = 400;

const files = (await readdir(ROOT, { recursive: true })).filter((file) => file.endsWith('.js'));
const sources = new Map(await Promise.all(files.map(async (file) => [file, await readFile(new URL(file, ROOT), 'utf8')])));

/** @param {string} file */
function layerOf(file) {
  const layer = LAYERS.indexOf(file.split('/')[0].replace(/\.js$/, ''));
  assert.notEqual(layer, -1, `${file} is in no layer`);
  return layer;
}

test('no layer imports from one above it', () => {
  let seen = 0;
  for (const [file, source] of sources) {
    const code = source.replace(/\/\*[\s\S]*?\*\//g, '');
    for (const [, named, bare, later] of code.matchAll(IMPORTS)) {
      const target = normalize(join(dirname(file), named ?? bare ?? later));
      assert.ok(sources.has(target), `${file} imports ${target}, which is not there`);
      const both = PURE.has(LAYERS[layerOf(file)]) && PURE.has(LAYERS[layerOf(target)]);
      assert.ok(both || layerOf(target) <= layerOf(file), `${file} imports ${target}`);
      seen += 1;
    }
  }
  assert.ok(seen > 100);
});

test('model and texts know no page, no network and no clock', () => {
  const OUTSIDE = /\b(?:document|window|navigator|location|localStorage|sessionStorage|fetch|WebSocket|EventSource|setTimeout|setInterval|requestAnimationFrame)\b\s*[.(]|\bDate\.now\(|\bMath\.random\(/;
  for (const [file, source] of sources) {
    if (!PURE.has(file.split('/')[0])) continue;
    const code = source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '');
    assert.doesNotMatch(code, OUTSIDE, file);
  }
});

test('every module says what it is, and none is long', () => {
  for (const [file, source] of sources) {
    assert.match(source, /^\/\*\*[\s\S]*?@module\s*\*\//, file);
    // A catalogue is as long as there are sentences.
    if (!/^texts\/[a-z]{2}\.js$/.test(file)) assert.ok(source.split('\n').length <= LONGEST, `${file} is too long`);
  }
});

test('nothing goes into a page as markup', () => {
  for (const [file, source] of sources) assert.doesNotMatch(source, /\.(?:innerHTML|outerHTML)\b|insertAdjacentHTML|document\.write/, file);
});

test('every style sheet of the element is asked for as early as the pages that show one from the start', async () => {
  const sheets = /SHEETS = \[([^\]]+)\]/.exec(sources.get('view/element/shell.js'))[1].match(/[a-z]+/g);
  for (const page of ['showtime', 'wall', 'desk']) {
    const html = await readFile(new URL(`../${page}.html`, ROOT), 'utf8');
    for (const sheet of sheets) assert.ok(html.includes(`<link rel="preload" as="style" href="/static/css/seat-map/${sheet}.css" />`), `${page}.html lacks ${sheet}.css`);
  }
});
