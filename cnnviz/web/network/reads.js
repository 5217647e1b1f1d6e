// Which cells a cell reads, one layer back or back to the drawing. What a layer reads is said by Python (`facts.py`):
// here it is only followed.

/** @typedef {{row: number, col: number, rows: number, cols: number}} Box clipped to the map */
/** @typedef {{index: number, channels: number[], box: ?Box}} Lit what is read of a layer; no box: nobody knows */

/**
 * The layer whose cells layer `index` reads: the one before, or the maps before a flattening.
 * @param {import("./packet.js").Layer[]} layers
 * @param {number} index
 * @returns {number} −1 for the input
 */
export function sourceOf(layers, index) {
  return layers[index].sources[0] ?? -1;
}

/**
 * The channels of the source that channel `channel` of layer `index` reads; where nobody knows, none.
 * @param {import("./packet.js").Layer[]} layers
 * @param {number} index
 * @param {number} channel
 * @returns {number[]}
 */
export function sourceChannels(layers, index, channel) {
  const layer = layers[index];
  const source = layers[sourceOf(layers, index)];
  const { channels, groups } = layer.reads;
  if (channels === "unknown") return [];
  if (channels === "own" && isUnits(source) === isUnits(layer)) return [channel];
  const all = channelsOf(source);
  if (channels === "all" || channels === "own") return all;
  const width = source.count / groups;
  const first = Math.floor(channel / (layer.count / groups)) * width;
  return all.slice(first, first + width);
}

/** The same, and all where nobody knows which: what goes into the layer. */
export function shownChannels(layers, index, channel) {
  const { channels } = layers[index].reads;
  return channels === "unknown" ? channelsOf(layers[sourceOf(layers, index)]) : sourceChannels(layers, index, channel);
}

function channelsOf(layer) {
  return Array.from({ length: layer.count }, (_, channel) => channel);
}

/** Whether the entries of a vector stand there one by one, each a channel; in a strip each is a row. */
function isUnits({ form }) {
  return form === "cells" || form === "bars";
}

/**
 * What a hovered cell lights up: the cells that it reads, the cells that these read, and so on back to the drawing, or
 * to a layer of which nobody knows what it reads.
 * @param {import("./packet.js").Layer[]} layers
 * @param {{index: number, channel: number, row: number, col: number}} cell
 * @returns {Lit[]} one for each layer before, the nearest first; none follows one without a box
 */
export function litBy(layers, cell) {
  const own = { index: cell.index, channels: [cell.channel], box: { row: cell.row, col: cell.col, rows: 1, cols: 1 } };
  const lit = [];
  for (let last = own; last.index > 0 && last.box; last = lit[lit.length - 1]) lit.push(behind(layers, last));
  return lit;
}

/** What the cells in a box of some channels read. */
function behind(layers, { index, channels, box }) {
  const layer = layers[index];
  const at = sourceOf(layers, index);
  const { cells, axes } = layer.reads;
  if (cells === "unknown") return { index: at, channels: [], box: null };
  if (box.rows * box.cols === 0) return { index: at, channels: [], box: { row: 0, col: 0, rows: 0, cols: 0 } };
  if (cells === "unrolled") return { index: at, ...rolledUp(layers[at], box) };
  const isTurned = isUnits(layer) !== isUnits(layers[at]);
  if (cells === "own" && isTurned) return { index: at, ...turned(layers[at], channels, box) };
  const isAlike = layer.reads.channels !== "own" && layer.reads.groups === 1; // all channels read the same
  const asked = isAlike ? channels.slice(0, 1) : channels;
  const read = new Set(asked.flatMap((channel) => sourceChannels(layers, index, channel)));
  return { index: at, channels: [...read], box: boxBehind(cells, axes, box, layers[at]) };
}

/** The smallest box of the source's cells that holds all that the units in `box` read; empty where that is padding. */
function boxBehind(cells, axes, box, source) {
  if (cells === "own") return box;
  if (cells === "all") return { row: 0, col: 0, rows: source.rows, cols: source.cols };
  const [top, bottom] = hull(axes.rows, box.row, box.rows);
  const [left, right] = hull(axes.cols, box.col, box.cols);
  return { row: top, col: left, rows: bottom - top, cols: right - left };
}

function hull(axis, first, count) {
  const cells = axis.sources
    .slice(first, first + count)
    .flat()
    .filter((cell) => cell !== null);
  return cells.length === 0 ? [0, 0] : [Math.min(...cells), Math.max(...cells) + 1];
}

/** Where some rows of a flattened vector stood in the maps before it: one cell, or the maps that hold them all. */
function rolledUp(maps, box) {
  const size = maps.rows * maps.cols;
  const first = Math.floor(box.row / size);
  const last = Math.floor((box.row + box.rows - 1) / size);
  const channels = Array.from({ length: last - first + 1 }, (_, at) => first + at);
  if (box.rows > 1) return { channels, box: { row: 0, col: 0, rows: maps.rows, cols: maps.cols } };
  const rest = box.row % size;
  return { channels, box: { row: Math.floor(rest / maps.cols), col: rest % maps.cols, rows: 1, cols: 1 } };
}

/** The same entries of a vector that stands there in the other way: one by one, or as a strip. */
function turned(source, channels, box) {
  if (!isUnits(source)) {
    const [first, last] = [Math.min(...channels), Math.max(...channels)];
    return { channels: [0], box: { row: first, col: 0, rows: last - first + 1, cols: 1 } };
  }
  const entries = Array.from({ length: box.rows }, (_, at) => box.row + at);
  return { channels: entries, box: { row: 0, col: 0, rows: 1, cols: 1 } };
}
