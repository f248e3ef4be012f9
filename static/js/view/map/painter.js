/**
 * Draws a layer: the whole of it piece by piece, or again what lies about some seats.
 *
 * It decides neither when nor where. Invariant: a patched layer equals one that was drawn anew.
 * @module
 */

import { showsNumbers } from '../../model/detail.js';
import { gridOf } from '../../model/seat-grid.js';
import { createBlocks } from './blocks.js';
import { createScenery, overlap } from './scenery.js';
import { drawSeat, REACH, STATUSES } from './seat-shapes.js';
import { createSprites } from './sprites.js';

/** @typedef {import('../../model/bounds.js').Box} Box */
/** @typedef {import('../../model/plan.js').Seat} Seat */
/** @typedef {import('./surface.js').Layer} Layer */
/** @typedef {ReturnType<typeof createPainter>} Painter */

/** How many seats are drawn before the page is asked whether there is time for more. */
const SLICE = 250;
/** Drawing a sprite takes some ten times as long as copying one. */
const SPRITES_AT_ONCE = 16;
const BLOCKS_AT_ONCE = 16;
const DIMMED_ALPHA = 0.22;
/** Rings and one's own seats are at least this large, however small seats are. */
const LEAST_MARK_PX = 5.5;
const LEAST_OWN_PX = 4;
const RING = 1.35;

const AVAILABLE = STATUSES.indexOf('available');

/**
 * @param {import('./scene.js').Scene} scene
 * @param {import('./colors.js').Palette} palette
 * @param {string} font family
 * @param {(section: import('../../model/sections.js').Section, free: number) => string} blockText
 */
export function createPainter(scene, palette, font, blockText) {
  const { plan, sections, statuses, lookOf } = scene;
  const grid = gridOf(plan.seats);
  const scenery = createScenery(plan, sections, palette, font);
  const blocks = createBlocks(sections, scene.counts, palette, font, blockText);
  let largest = 0;
  for (const { radius } of scene.looks) largest = Math.max(largest, radius);
  /** @type {import('./sprites.js').Sprites[]} */
  let kept = [];
  /** @type {Map<number, Seat[]>} seats by what is copied for them */
  const piles = new Map();

  /**
   * The sprites for a layer. Those of two are kept: of what is seen and of what is drawn behind it, in turns.
   * @param {Layer} layer
   */
  function spritesFor({ resolution }) {
    let own = kept.find((sprites) => sprites.resolution === resolution);
    if (own) return own;
    own = createSprites({ resolution, looks: scene.looks, palette, font });
    kept = [own, kept[0]].filter(Boolean);
    return own;
  }

  /**
   * What is copied for a seat, as one number.
   * @param {number} index
   */
  function keyOf(index) {
    return (lookOf[index] * STATUSES.length + statuses[index]) * 2 + (scene.dimmed?.[index] ?? 0);
  }

  /**
   * Whether seats that look so have their numbers in them.
   * @param {Layer} layer
   * @param {number} key
   */
  function isNumbered({ scale }, key) {
    return (key >> 1) % STATUSES.length === AVAILABLE && showsNumbers(scene.looks[lookIn(key)].radius * scale);
  }

  /**
   * Draws the sprites that some seats need: drawing on a sheet that was copied from costs a copy of the whole, so that all
   * of them come before the first copy.
   * @param {Layer} layer
   * @param {readonly Seat[]} seats
   * @returns {Generator<void, void, void>}
   */
  function* prepareSprites(layer, seats) {
    const own = spritesFor(layer);
    let drawn = own.count();
    for (const { index, number } of seats) {
      if (scene.own.has(index)) continue;
      const key = keyOf(index);
      own.seat(lookIn(key), (key >> 1) % STATUSES.length);
      if (isNumbered(layer, key)) own.number(lookIn(key), number);
      if (own.count() < drawn + SPRITES_AT_ONCE) continue;
      drawn = own.count();
      yield;
    }
  }

  /**
   * @param {Layer} layer
   * @param {readonly Seat[]} seats whose sprites are there
   * @param {number} from
   * @param {number} to
   */
  function drawSeats(layer, seats, from, to) {
    const { context } = layer;
    const sprites = spritesFor(layer);
    context.setTransform(1, 0, 0, 1, 0, 0);
    piles.clear();
    for (let at = from; at < to; at += 1) {
      const { index } = seats[at];
      if (scene.own.has(index)) continue;
      const key = keyOf(index);
      const pile = piles.get(key);
      if (pile) pile.push(seats[at]);
      else piles.set(key, [seats[at]]);
    }
    for (const [key, pile] of piles) {
      context.globalAlpha = key & 1 ? DIMMED_ALPHA : 1;
      drawPile(layer, pile, sprites.seat(lookIn(key), (key >> 1) % STATUSES.length));
      if (isNumbered(layer, key)) drawNumbers(layer, pile, sprites, lookIn(key));
    }
    context.globalAlpha = 1;
  }

  /**
   * @param {Layer} layer
   * @param {Seat[]} pile
   * @param {import('./sprites.js').Sprite} sprite
   */
  function drawPile({ context, box, resolution, detail }, pile, sprite) {
    const { image, x: fromX, y: fromY, size } = sprite;
    // Whole pixels keep large seats sharp; of small ones the even distances count more.
    const sharp = detail === 'seats';
    for (const { x, y } of pile) {
      const left = (x - box.x) * resolution - size / 2;
      const top = (y - box.y) * resolution - size / 2;
      context.drawImage(image, fromX, fromY, size, size, sharp ? Math.round(left) : left, sharp ? Math.round(top) : top, size, size);
    }
  }

  /**
   * @param {Layer} layer
   * @param {Seat[]} pile
   * @param {import('./sprites.js').Sprites} sprites
   * @param {number} look
   */
  function drawNumbers({ context, box, resolution }, pile, sprites, look) {
    for (const { x, y, number } of pile) {
      const { image, x: fromX, y: fromY, size } = sprites.number(look, number);
      const left = Math.round((x - box.x) * resolution - size / 2);
      const top = Math.round((y - box.y) * resolution - size / 2);
      context.drawImage(image, fromX, fromY, size, size, left, top, size, size);
    }
  }

  /**
   * One's own seats, above all others and large enough to be found, and rings about seats that are pointed at.
   * @param {Layer} layer
   * @param {Box} region
   */
  function drawMarks(layer, region) {
    const { context, scale } = layer;
    toPlanUnits(layer);
    for (const index of scene.own) {
      const { x, y, radius, color } = plan.seats[index];
      const large = Math.max(radius, LEAST_OWN_PX / scale);
      if (!overlap(boxAbout(plan.seats[index], large * REACH), region)) continue;
      drawSeat(context, STATUSES[statuses[index]], { x, y, radius: large, color: palette.seat(color) }, palette, layer.resolution);
    }
    for (const index of scene.marked()) {
      const { x, y, radius } = plan.seats[index];
      const ring = Math.max(radius * RING, LEAST_MARK_PX / scale);
      if (!overlap(boxAbout(plan.seats[index], ring + 4 / scale), region)) continue;
      const hovered = index !== scene.current && !scene.highlighted.has(index);
      context.beginPath();
      context.arc(x, y, ring, 0, 2 * Math.PI);
      // The ground's colour about the ring sets it off from whatever lies there.
      stroke(context, palette.background, (hovered ? 3.5 : 5.5) / scale);
      stroke(context, hovered ? palette.text : palette.accent, (hovered ? 1.5 : 2.5) / scale);
      if (index !== scene.current) continue;
      // The focus is told from a highlight by a second ring.
      context.beginPath();
      context.arc(x, y, ring + 3.5 / scale, 0, 2 * Math.PI);
      stroke(context, palette.text, 1.5 / scale);
    }
  }

  /** @param {Layer} layer */
  function toPlanUnits({ context, box, resolution }) {
    context.setTransform(resolution, 0, 0, resolution, -box.x * resolution, -box.y * resolution);
  }

  /**
   * @param {Layer} layer
   * @param {Box} region
   */
  function fillBackground(layer, region) {
    toPlanUnits(layer);
    layer.context.fillStyle = palette.background;
    layer.context.fillRect(region.x, region.y, region.width, region.height);
  }

  /**
   * The ground with the scenery and, from afar, the blocks; yields wherever it may be interrupted.
   * @param {Layer} layer
   * @param {Box} region
   * @returns {Generator<void, void, void>}
   */
  function* drawGround(layer, region) {
    const { context, scale } = layer;
    // A canvas that has grown gets its memory when it is first drawn on, which takes its time.
    fillBackground(layer, region);
    yield;
    scenery.draw(context, region, scale, layer.detail === 'blocks');
    yield;
    if (layer.detail !== 'blocks') return;
    for (const section of sections) {
      if (overlap(section.box, region)) blocks.draw(context, section, scale);
      if (section.index % BLOCKS_AT_ONCE === BLOCKS_AT_ONCE - 1) yield;
    }
  }

  /**
   * The seats that show in a region, if only with their edge.
   * @param {Box} region
   */
  function seatsIn(region) {
    return grid.within(inflated(region, largest * REACH));
  }

  /**
   * @param {Layer} layer
   * @param {Box} about
   */
  function redraw(layer, about) {
    const { context } = layer;
    const region = onPixels(layer, about);
    context.save();
    toPlanUnits(layer);
    context.beginPath();
    context.rect(region.x, region.y, region.width, region.height);
    context.clip();
    for (const _ of drawGround(layer, region));
    if (layer.detail !== 'blocks') {
      const seats = seatsIn(region);
      for (const _ of prepareSprites(layer, seats));
      drawSeats(layer, seats, 0, seats.length);
    }
    drawMarks(layer, region);
    context.restore();
  }

  return {
    /**
     * Draws all of a layer; yields wherever it may be interrupted.
     * @param {Layer} layer
     * @returns {Generator<void, void, void>}
     */
    *paint(layer) {
      yield* drawGround(layer, layer.box);
      if (layer.detail !== 'blocks') {
        const seats = seatsIn(layer.box);
        yield* prepareSprites(layer, seats);
        for (let from = 0; from < seats.length; from += SLICE) {
          drawSeats(layer, seats, from, Math.min(seats.length, from + SLICE));
          yield;
        }
      }
      drawMarks(layer, layer.box);
    },

    /**
     * Draws again what some seats' states or marks show in.
     * @param {Layer} layer
     * @param {Iterable<number>} indices
     */
    patch(layer, indices) {
      if (layer.detail === 'blocks') {
        const changed = new Set(Array.from(indices, (index) => scene.sectionOf[index]));
        for (const at of changed) redraw(layer, inflated(sections[at].box, (2 * LEAST_MARK_PX) / layer.scale));
        return;
      }
      for (const index of indices) {
        const seat = plan.seats[index];
        const reach = Math.max(seat.radius * (RING + 0.1), LEAST_MARK_PX / layer.scale) + 5 / layer.scale;
        const region = boxAbout(seat, reach);
        if (overlap(region, layer.box)) redraw(layer, region);
      }
    },
  };
}

/**
 * The look in a key of the painter's.
 * @param {number} key
 */
function lookIn(key) {
  return Math.floor((key >> 1) / STATUSES.length);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {string} color
 * @param {number} width
 */
function stroke(context, color, width) {
  context.strokeStyle = color;
  context.lineWidth = width;
  context.stroke();
}

/**
 * @param {import('../../model/plan.js').Point} point
 * @param {number} reach
 * @returns {Box}
 */
function boxAbout({ x, y }, reach) {
  return { x: x - reach, y: y - reach, width: 2 * reach, height: 2 * reach };
}

/**
 * The smallest box of whole pixels that holds a box: an edge through a pixel would show as a seam.
 * @param {Layer} layer
 * @param {Box} box
 * @returns {Box}
 */
function onPixels({ box: { x, y }, resolution }, { x: boxX, y: boxY, width, height }) {
  const left = Math.floor((boxX - x) * resolution);
  const top = Math.floor((boxY - y) * resolution);
  const right = Math.ceil((boxX + width - x) * resolution);
  const bottom = Math.ceil((boxY + height - y) * resolution);
  return { x: x + left / resolution, y: y + top / resolution, width: (right - left) / resolution, height: (bottom - top) / resolution };
}

/**
 * @param {Box} box
 * @param {number} by
 * @returns {Box}
 */
function inflated({ x, y, width, height }, by) {
  return { x: x - by, y: y - by, width: width + 2 * by, height: height + 2 * by };
}
