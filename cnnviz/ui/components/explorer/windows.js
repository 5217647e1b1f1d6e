// Which cells a cell reads, one layer back or back to the drawing. Geometry comes from Python.

/** @typedef {{row: number, col: number, rows: number, cols: number}} Box clipped to the map */

/**
 * @param {import("./packet.js").Window} window
 * @param {number} unit
 * @param {number} length
 * @returns {[number, number]} first cell and one past the last, clipped
 */
function clip(window, unit, length) {
  const first = window.start + unit * window.jump;
  const from = Math.min(Math.max(first, 0), length);
  return [from, Math.max(from, Math.min(first + window.size, length))];
}

/**
 * The box that cell (row, col) reaches through `geometry` in maps of `target`'s size.
 * @param {?import("./packet.js").Geometry} geometry
 * @param {number} row
 * @param {number} col
 * @param {{rows: number, cols: number}} target
 * @returns {?Box}
 */
export function boxOf(geometry, row, col, target) {
  if (!geometry) return null;
  const [top, bottom] = clip(geometry.rows, row, target.rows);
  const [left, right] = clip(geometry.cols, col, target.cols);
  return { row: top, col: left, rows: bottom - top, cols: right - left };
}

/**
 * @param {{rows: number, cols: number}} target
 * @returns {Box}
 */
export function wholeBox(target) {
  return { row: 0, col: 0, rows: target.rows, cols: target.cols };
}

/**
 * The layer whose maps layer `index` sums: the one before, or the one before the flattening.
 * @param {import("./packet.js").Layer[]} layers
 * @param {number} index
 * @returns {number} −1 for the input
 */
export function sourceOf(layers, index) {
  const before = index - 1;
  const flattened = layers[index].whole && before > 0 && layers[before].form === "strip";
  return flattened && layers[before - 1].form === "maps" ? before - 1 : before;
}

/**
 * The channels of the source that channel `channel` of layer `index` reads.
 * @param {import("./packet.js").Layer[]} layers
 * @param {number} index
 * @param {number} channel
 * @returns {number[]}
 */
export function sourceChannels(layers, index, channel) {
  const layer = layers[index];
  const source = layers[sourceOf(layers, index)];
  const all = Array.from({ length: source.count }, (_, c) => c);
  if (layer.kind === "convolution") {
    const width = source.count / layer.groups;
    const first = Math.floor(channel / (layer.count / layer.groups)) * width;
    return all.slice(first, first + width);
  }
  const oneToOne = source.count === layer.count && !layer.whole && layer.form === "maps";
  return oneToOne ? [channel] : all;
}

/**
 * What a hovered cell lights up elsewhere: its window one layer back, and its reach in the drawing.
 * @param {import("./packet.js").Layer[]} layers
 * @param {{index: number, channel: number, row: number, col: number}} cell
 * @returns {{index: number, channels: number[], box: Box}[]}
 */
export function litBy(layers, cell) {
  if (cell.index === 0) return [];
  const layer = layers[cell.index];
  const lit = [];
  if (layer.form === "strip") lit.push(entryOf(layers, cell));
  else {
    const index = sourceOf(layers, cell.index);
    const box = boxOf(layer.window, cell.row, cell.col, layers[index]) ?? wholeBox(layers[index]);
    lit.push({ index, channels: sourceChannels(layers, cell.index, cell.channel), box });
  }
  if (lit[0].index !== 0) lit.push(reachOf(layers, cell, lit[0]));
  return lit;
}

/**
 * Where entry `row` of a flattened vector stood in the maps before it.
 * @param {import("./packet.js").Layer[]} layers
 * @param {{index: number, row: number}} cell
 */
function entryOf(layers, cell) {
  const maps = layers[cell.index - 1];
  const size = maps.rows * maps.cols;
  const rest = cell.row % size;
  const box = { row: Math.floor(rest / maps.cols), col: rest % maps.cols, rows: 1, cols: 1 };
  return { index: cell.index - 1, channels: [Math.floor(cell.row / size)], box };
}

/**
 * @param {import("./packet.js").Layer[]} layers
 * @param {{index: number, row: number, col: number}} cell
 * @param {{index: number, box: Box}} before
 */
function reachOf(layers, cell, before) {
  const layer = layers[cell.index];
  const through = layer.form === "strip" ? layers[before.index].reach : layer.reach;
  const place = layer.form === "strip" ? before.box : cell;
  const channels = Array.from({ length: layers[0].count }, (_, c) => c);
  return { index: 0, channels, box: boxOf(through, place.row, place.col, layers[0]) ?? wholeBox(layers[0]) };
}
