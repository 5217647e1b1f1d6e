// Where everything stands when the whole network is shown. Pure: layers and a size in, rectangles out.

/**
 * @typedef {{x: number, y: number, w: number, h: number, alpha?: number}} Rect
 * @typedef {{key: string, index: number, channel: number, part: string}} Name
 * @typedef {{tiles: Map<string, Rect & Name>, blocks: (Rect & {index: number, alpha: number})[],
 *   signs: (Rect & {text: string})[], notes: {name: string, x: number, y: number, index: number, room: number}[],
 *   width: number, height: number, narrow: boolean, gutter?: number, headLines?: number}} Layout `gutter`: beside the
 *   rows of a graph; `headLines`: in how many lines the heads of a graph may stand
 */

export const HEAD = 60;
export const LOWER = 29; // below the name and the shape of one head, where every second or third stands lower
export const FOOT = 34;
export const NARROW_HEAD = 36;
export const GAP = 4;
export const ROWS = [16, 8]; // tiles above one another: fewer on a low screen, so that all of it is in sight
export const MIN_TILE = 20;
export const EASY_TILE = 24; // the size from which a map is read without the lens
export const MAX_TILE = 40;
const LEAST_GAP = 16; // between columns
export const NARROW = 760;
export const STRIP = 12;
export const BAR_WIDTH = 132;
export const SCORE_WIDTH = 44; // a score in it is a number of four figures with its sign
const COLOURS = 3; // an image stands there by itself where a network refused it
const MARK_WIDTH = 32;
const LEAST_WRITTEN = 18; // pixels from score to score

/**
 * A name that stays the same between layouts, so that a tile can travel.
 * @param {string} part "map" (of a layer), "kernel", "sum" (one channel's share) or "result"
 * @param {number} index
 * @param {number} channel
 */
export function tileKey(part, index, channel) {
  return `${part}:${index}:${channel}`;
}

/**
 * @param {Layout["tiles"]} tiles
 * @param {string} part
 * @param {number} index
 * @param {number} channel
 * @param {Rect} rect
 */
export function putTile(tiles, part, index, channel, rect) {
  const key = tileKey(part, index, channel);
  tiles.set(key, { alpha: 1, ...rect, key, part, index, channel });
}

/**
 * @param {import("./packet.js").Layer[]} layers
 * @param {{width: number, height: number, narrow?: number}} room what there is of width, and of height on the screen;
 *   `narrow`: the width below which layers stand one below the other
 * @returns {Layout}
 */
export function overview(layers, room) {
  return room.width < (room.narrow ?? NARROW) ? rowsLayout(layers, room.width) : columnsLayout(layers, room);
}

export const FEW = 2.4; // so many times as large as a tile are up to three maps by themselves

/**
 * @param {import("./packet.js").Layer} layer
 * @param {number} tile
 * @param {number} rows how many tiles stand above one another
 * @param {number} [few] how many times as large as a tile up to three maps are
 */
export function blockSize(layer, tile, rows, few = FEW) {
  const tall = rows * (tile + GAP) - GAP;
  if (layer.form === "bars") return { w: BAR_WIDTH, h: tall, side: tile };
  if (layer.form === "strip") return { w: STRIP, h: tall, side: STRIP };
  if (layer.form === "cells") return { w: cellWidth(tile, tall / layer.count), h: tall, side: tile };
  const side = layer.count <= 3 && layer.form === "maps" ? tile * few : tile;
  const down = Math.min(layer.count, rows);
  const across = Math.ceil(layer.count / rows);
  return { w: across * (side + GAP) - GAP, h: down * (side + GAP) - GAP, side };
}

/** A cell too low for its number is a mark of colour, and no wider than it takes to be one. */
function cellWidth(tile, pitch) {
  return pitch < LEAST_WRITTEN ? Math.min(tile, MARK_WIDTH) : Math.max(tile, SCORE_WIDTH);
}

/**
 * How many tiles stand above one another, and how large they are: all columns side by side on one screen, in as few
 * columns as leave the maps easy to read.
 * @param {import("./packet.js").Layer[]} layers
 * @param {{width: number, height: number}} room
 * @returns {{rows: number, tile: number}}
 */
function fittingTiles(layers, room) {
  const count = Math.max(COLOURS, ...layers.map((layer) => (layer.form === "maps" ? layer.count : 10)));
  const tried = ROWS.map((most) => fittingTile(layers, room, Math.min(most, count)));
  return (
    tried.find(({ tile }) => tile >= EASY_TILE) ?? tried.reduce((best, one) => (one.tile > best.tile ? one : best))
  );
}

function fittingTile(layers, { width, height }, rows) {
  const tallest = Math.floor((height - HEAD - FOOT) / rows) - GAP;
  for (let tile = Math.min(MAX_TILE, tallest); tile > MIN_TILE; tile -= 1) {
    const taken = layers.reduce((sum, layer) => sum + blockSize(layer, tile, rows).w, 0);
    if ((width - taken) / (layers.length - 1) >= LEAST_GAP) return { rows, tile };
  }
  return { rows, tile: MIN_TILE };
}

/** The least width on which all columns stand apart side by side. @param {import("./packet.js").Layer[]} layers */
export function leastWidth(layers) {
  const widthOf = (rows) => layers.reduce((sum, layer) => sum + blockSize(layer, MIN_TILE, rows).w + LEAST_GAP, 0);
  return Math.min(...ROWS.map(widthOf)) - LEAST_GAP;
}

/** @returns {Layout} */
function columnsLayout(layers, room) {
  const { width } = room;
  const { rows, tile } = fittingTiles(layers, room);
  const sizes = layers.map((layer) => blockSize(layer, tile, rows));
  const tall = rows * (tile + GAP) - GAP;
  const free = width - sizes.reduce((sum, size) => sum + size.w, 0);
  const gap = free / Math.max(1, layers.length - 1);
  const tiles = new Map();
  const blocks = [];
  let x = 0;
  layers.forEach((layer, index) => {
    const { w, h, side } = sizes[index];
    const y = HEAD + (tall - h) / 2;
    blocks.push({ index, x, y, w, h, alpha: 1 });
    placeColumn(tiles, layer, index, { x, y, w, h }, side, rows);
    x += w + gap;
  });
  return { tiles, blocks, signs: [], notes: [], width, height: HEAD + tall + FOOT, narrow: false };
}

/** Lays the tiles of one layer down, column after column. */
export function placeColumn(tiles, layer, index, block, side, rows) {
  if (layer.form === "strip") return putTile(tiles, "map", index, 0, block);
  if (layer.form !== "maps") return placeEvenly(tiles, layer, index, block, side);
  for (let channel = 0; channel < layer.count; channel += 1) {
    const x = block.x + Math.floor(channel / rows) * (side + GAP);
    const y = block.y + (channel % rows) * (side + GAP);
    putTile(tiles, "map", index, channel, { x, y, w: side, h: side });
  }
  return undefined;
}

/** Scores and bars: one for each class, spread over the height of the column. */
function placeEvenly(tiles, layer, index, block, side) {
  const pitch = block.h / layer.count;
  const h = Math.min(side, pitch - GAP);
  for (let channel = 0; channel < layer.count; channel += 1) {
    const y = block.y + channel * pitch + (pitch - h) / 2;
    putTile(tiles, "map", index, channel, { x: block.x, y, w: block.w, h, pitch });
  }
}

/** Groups of columns that share a scale, as Python says: the layer that sets it, and those that inherit it. */
export function legendGroups(layers) {
  const groups = new Map();
  layers.forEach(({ range_group: name }, index) => {
    groups.set(name, { first: groups.get(name)?.first ?? index, last: index });
  });
  return [...groups.values()];
}

/** On a narrow screen the layers stand one below the other. @returns {Layout} */
function rowsLayout(layers, width) {
  const across = Math.max(4, Math.floor(width / 44));
  const side = (width + GAP) / across - GAP;
  const tiles = new Map();
  const blocks = [];
  const lasts = new Set(legendGroups(layers).map(({ last }) => last));
  let y = 0;
  layers.forEach((layer, index) => {
    const top = y + NARROW_HEAD;
    const h = placeRows(tiles, layer, index, { x: 0, y: top, w: width, h: 0 }, side, across);
    const w = layer.form === "maps" && layer.count <= 3 ? side * 2.4 : width;
    blocks.push({ index, x: 0, y: top, w, h, alpha: 1 });
    y = top + h + (lasts.has(index) ? FOOT : 0);
  });
  return { tiles, blocks, signs: [], notes: [], width, height: y, narrow: true };
}

/** @returns {number} the height that the layer takes */
function placeRows(tiles, layer, index, block, side, across) {
  if (layer.form === "strip") {
    putTile(tiles, "map", index, 0, { ...block, h: STRIP });
    return STRIP;
  }
  if (layer.form === "bars") {
    placeEvenly(tiles, layer, index, { ...block, h: layer.count * 22 }, 20);
    return layer.count * 22;
  }
  const large = layer.count <= 3 && layer.form === "maps" ? side * 2.4 : side;
  const perRow = layer.form === "cells" ? layer.count : across;
  const size = layer.form === "cells" ? (block.w + GAP) / perRow - GAP : large;
  for (let channel = 0; channel < layer.count; channel += 1) {
    const x = (channel % perRow) * (size + GAP);
    putTile(tiles, "map", index, channel, {
      x,
      y: block.y + Math.floor(channel / perRow) * (size + GAP),
      w: size,
      h: size,
    });
  }
  return Math.ceil(layer.count / perRow) * (size + GAP) - GAP;
}
