// Which cells a cell reads, one layer back or back to the drawing. Geometry comes from Python.

/** @typedef {{row: number, col: number, rows: number, cols: number}} Box clipped to the map */

/**
 * @param {{rows: number, cols: number}} target
 * @returns {Box}
 */
function wholeBox(target) {
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
 * What a hovered cell lights up: the cells that it reads, the cells that these read, and so on back to the drawing.
 * @param {import("./packet.js").Layer[]} layers
 * @param {{index: number, channel: number, row: number, col: number}} cell
 * @returns {{index: number, channels: number[], box: Box}[]} one for each layer before, the nearest first
 */
export function litBy(layers, cell) {
  if (cell.index === 0) return [];
  const lit = [directly(layers, cell)];
  while (lit[lit.length - 1].index > 0) lit.push(further(layers, lit[lit.length - 1]));
  return lit;
}

function directly(layers, cell) {
  if (layers[cell.index].form === "strip") return entryOf(layers, cell);
  const index = sourceOf(layers, cell.index);
  const box = boxBehind(layers[cell.index], { row: cell.row, col: cell.col, rows: 1, cols: 1 }, layers[index]);
  return { index, channels: sourceChannels(layers, cell.index, cell.channel), box };
}

function further(layers, { index, channels, box }) {
  const source = sourceOf(layers, index);
  const read = new Set(channels.flatMap((channel) => sourceChannels(layers, index, channel)));
  return { index: source, channels: [...read], box: boxBehind(layers[index], box, layers[source]) };
}

/** The smallest box of the source's cells that holds all that the units in `box` read; empty where that is padding. */
function boxBehind(layer, box, source) {
  if (box.rows * box.cols === 0) return { row: 0, col: 0, rows: 0, cols: 0 };
  if (layer.axes) {
    const [top, bottom] = hull(layer.axes.rows, box.row, box.rows);
    const [left, right] = hull(layer.axes.cols, box.col, box.cols);
    return { row: top, col: left, rows: bottom - top, cols: right - left };
  }
  const isCellByCell = layer.form === "maps" && source.form === "maps" && layer.rows === source.rows
    && layer.cols === source.cols;
  return isCellByCell ? box : wholeBox(source);
}

function hull(axis, first, count) {
  const cells = axis.sources.slice(first, first + count).flat().filter((cell) => cell !== null);
  return cells.length === 0 ? [0, 0] : [Math.min(...cells), Math.max(...cells) + 1];
}

/**
 * Where entry `row` of a flattened vector stood in the maps before it.
 * @param {import("./packet.js").Layer[]} layers
 * @param {{index: number, row: number}} cell
 */
function entryOf(layers, cell) {
  const maps = layers[cell.index - 1];
  if (maps.form !== "maps") return {
    index: cell.index - 1, channels: sourceChannels(layers, cell.index, 0), box: wholeBox(maps),
  };
  const size = maps.rows * maps.cols;
  const rest = cell.row % size;
  const box = { row: Math.floor(rest / maps.cols), col: rest % maps.cols, rows: 1, cols: 1 };
  return { index: cell.index - 1, channels: [Math.floor(cell.row / size)], box };
}
