// Which cells a cell reads, through all paths, one layer back or back to the image. What a layer reads of each of its
// sources is said by Python (`core/layer_reads.py`): here it is only followed.

import { ascending, blocksOf, isEmpty, numbersOf, runsOf, upTo, wholeOf, withBlock } from "./blocks.js";

/** @typedef {{row: number, col: number, rows: number, cols: number}} Box clipped to the map */
/**
 * @typedef {{index: number, channels: number[], rows: number[], cols: number[], box: ?Box}} Lit cells of a layer that
 *   are read: all of these rows and columns of these channels; `box` is the smallest around them, of no size where
 *   nothing is read, null where nobody knows
 */

const NONE = { row: 0, col: 0, rows: 0, cols: 0 };

/**
 * The first layer whose cells layer `index` reads: the one before, or the maps before a flattening.
 * @param {import("./packet.js").Layer[]} layers
 * @param {number} index
 * @returns {number} −1 for the input
 */
export function sourceOf(layers, index) {
  return layers[index].sources[0] ?? -1;
}

/**
 * How layer `index` reads its source number `which`; null for the image.
 * @param {import("./packet.js").Layer} layer
 * @param {number} [which]
 * @returns {?import("./packet.js").Reads}
 */
export function readsOf(layer, which = 0) {
  return layer.reads[which] ?? null;
}

/** Whether each cell reads every cell of the maps that it reads. @param {import("./packet.js").Layer} layer */
export function readsWhole(layer) {
  return readsOf(layer)?.cells === "all";
}

/**
 * The channels of a source that channel `channel` of layer `index` reads; where nobody knows, none.
 * @param {import("./packet.js").Layer[]} layers
 * @param {number} index
 * @param {number} channel
 * @param {number} [which] of its sources
 * @returns {number[]}
 */
export function sourceChannels(layers, index, channel, which = 0) {
  const layer = layers[index];
  const source = layers[layer.sources[which]];
  const { channels, groups, along } = readsOf(layer, which);
  if (channels === "unknown") return [];
  const all = upTo(source.count);
  if (channels === "all" || along?.includes("channels")) return all;
  if (channels === "own") return isUnits(source) === isUnits(layer) ? [channel] : all;
  if (channels === "listed") return channelsInTables(tablesOf(readsOf(layer, which)), channel, source);
  if (channels === "slices") return slicesRead(readsOf(layer, which), layer, source, channel);
  const width = source.count / groups;
  const first = Math.floor(channel / (layer.count / groups)) * width;
  return all.slice(first, first + width);
}

/** Of a volume: the slices under the window, of each channel of the own group. */
function slicesRead({ depth, groups }, layer, source, channel) {
  const { before, sources } = depth;
  const [width, outputs] = [source.count / before / groups, layer.count / sources.length / groups];
  const first = Math.floor(channel / sources.length / outputs) * width;
  const slices = sources[channel % sources.length].filter((slice) => slice !== null);
  return upTo(width).flatMap((at) => slices.map((slice) => (first + at) * before + slice));
}

/** The same, and all where nobody knows which: what goes into the layer. */
export function shownChannels(layers, index, channel, which = 0) {
  const { channels } = readsOf(layers[index], which);
  const source = layers[layers[index].sources[which]];
  return channels === "unknown" ? upTo(source.count) : sourceChannels(layers, index, channel, which);
}

/** The tables number by number: they travel as runs of (first, step, count). */
export function tablesOf(reads) {
  if (!writtenTables.has(reads)) {
    const line = (runs) =>
      runs.flatMap(([first, stride, count]) =>
        Array.from({ length: count }, (_, at) => (first === null ? null : first + stride * at))
      );
    const { channels, rows, cols } = reads.tables;
    writtenTables.set(reads, { channels: line(channels), rows: line(rows), cols: line(cols) });
  }
  return writtenTables.get(reads);
}
const writtenTables = new WeakMap();

function channelsInTables(tables, channel, source) {
  const start = tables.channels[channel];
  if (start === null) return [];
  const { least, most, offsets } = offsetsOf(tables);
  if (offsets.length === 0) return [];
  const size = source.rows * source.cols;
  const of = (offset) => Math.floor((start + offset) / size);
  return of(least) === of(most) ? [of(least)] : ascending(offsets.map(of));
}

/** What rows and columns add to the number of a cell, however they are combined. */
function offsetsOf(tables) {
  if (!known.has(tables)) {
    const [rows, cols] = [tables.rows, tables.cols].map((each) => each.filter((one) => one !== null));
    const offsets = rows.flatMap((row) => cols.map((col) => row + col));
    let [least, most] = [Infinity, -Infinity];
    for (const one of offsets) [least, most] = [Math.min(least, one), Math.max(most, one)];
    known.set(tables, { offsets, least, most });
  }
  return known.get(tables);
}
const known = new WeakMap();

/** Whether the entries of a vector stand there one by one, each a channel; in a strip each is a row. */
function isUnits({ form }) {
  return form === "cells" || form === "bars";
}

/**
 * What a cell reads of each of its sources.
 * @param {import("./packet.js").Layer[]} layers
 * @param {{index: number, channel: number, row: number, col: number}} cell
 * @returns {Lit[][]} for each column that it takes once what is read of it
 */
export function readBy(layers, cell) {
  const reached = follow(layers, cell, cell.index);
  return [...new Set(layers[cell.index].sources)].map((at) => asLit(reached, at));
}

/**
 * What a cell reads of its source number `which`.
 * @param {import("./packet.js").Layer[]} layers
 * @param {{index: number, channel: number, row: number, col: number}} cell
 * @param {number} which
 * @returns {import("./blocks.js").Block[]}
 */
export function blocksRead(layers, { index, channel, row, col }, which) {
  return behind(layers, index, which, { channels: [channel], rows: [row], cols: [col] });
}

/**
 * What a hovered cell lights up: the cells that it reads, the cells that these read, and so on back to the image
 * through all paths, or to layers of which nobody knows what they read: nothing behind these is lit.
 * @param {import("./packet.js").Layer[]} layers
 * @param {{index: number, channel: number, row: number, col: number}} cell
 * @returns {Lit[]} the nearest layers first, several for one layer where the cells lie apart
 */
export function litBy(layers, cell) {
  const reached = follow(layers, cell, 1);
  const lit = [];
  for (let index = cell.index - 1; index >= 0; index -= 1) lit.push(...asLit(reached, index));
  return lit;
}

/**
 * The blocks that are read of each column; `gaps`: those of which nobody knows what is read, `hidden`: these and all
 * that lie behind them.
 */
function follow(layers, cell, last) {
  const own = { channels: [cell.channel], rows: [cell.row], cols: [cell.col] };
  const reached = { regions: new Map([[cell.index, [own]]]), gaps: new Set(), hidden: new Set() };
  for (let index = cell.index; index >= last; index -= 1) {
    layers[index].sources.forEach((at, which) => step(layers, reached, index, at, which));
  }
  return reached;
}

function step(layers, { regions, gaps, hidden }, index, at, which) {
  if (hidden.has(index)) hidden.add(at);
  else if (regions.has(index)) {
    if (readsOf(layers[index], which).cells === "unknown") {
      gaps.add(at);
      hidden.add(at);
    }
    let blocks = regions.get(at) ?? [];
    for (const block of regions.get(index))
      for (const each of behind(layers, index, which, block)) blocks = withBlock(blocks, each, layers[at]);
    regions.set(at, blocks);
  }
}

/** @returns {Lit[]} */
function asLit({ regions, gaps, hidden }, index) {
  const nothing = { index, channels: [], rows: [], cols: [] };
  if (gaps.has(index)) return [{ ...nothing, box: null }];
  if (hidden.has(index) || !regions.has(index)) return [];
  const blocks = regions.get(index);
  return blocks.length === 0 ? [{ ...nothing, box: NONE }] : blocks.map((one) => ({ index, ...one, box: boxOf(one) }));
}

function boxOf({ rows, cols }) {
  const [row, col] = [rows[0], cols[0]];
  return { row, col, rows: rows[rows.length - 1] - row + 1, cols: cols[cols.length - 1] - col + 1 };
}

/** The smallest box around several. @param {Lit[]} lit @returns {?Box} null where nobody knows */
export function hullOf(lit) {
  const boxes = lit.map(({ box }) => box);
  if (boxes.length === 0 || boxes.includes(null)) return null;
  const full = boxes.filter((box) => box.rows * box.cols > 0);
  if (full.length === 0) return NONE;
  const [row, col] = [Math.min(...full.map((box) => box.row)), Math.min(...full.map((box) => box.col))];
  const bottom = Math.max(...full.map((box) => box.row + box.rows));
  const right = Math.max(...full.map((box) => box.col + box.cols));
  return { row, col, rows: bottom - row, cols: right - col };
}

/** The boxes that hold the cells of a block and no others. @param {Lit} lit @returns {Box[]} */
export function boxesOf({ rows, cols, box }) {
  if (!box) return [];
  return runsOf(rows).flatMap(([row, tall]) =>
    runsOf(cols).map(([col, wide]) => ({ row, col, rows: tall, cols: wide }))
  );
}

/** What the cells of a block read of one source. @returns {import("./blocks.js").Block[]} */
function behind(layers, index, which, block) {
  const [layer, source] = [layers[index], layers[layers[index].sources[which]]];
  const reads = readsOf(layer, which);
  const { cells, axes } = reads;
  if (cells === "unknown" || isEmpty(block)) return [];
  if (cells === "listed") return listed(reads, block, source);
  const isTurned = isUnits(layer) !== isUnits(source);
  if (cells === "unrolled" || (cells === "own" && isTurned)) return blocksOf(numbersOf(block, layer), source);
  const channels = channelsBehind(layers, index, which, block.channels);
  if (cells === "own") return [{ ...block, channels }];
  if (cells === "all") return [{ ...wholeOf(source), channels }];
  return [{ channels, rows: under(axes.rows, block.rows), cols: under(axes.cols, block.cols) }];
}

function channelsBehind(layers, index, which, channels) {
  const { channels: rule, groups } = readsOf(layers[index], which);
  if (rule === "own") return channels;
  if (rule === "all" || (rule === "groups" && groups === 1)) return upTo(layers[layers[index].sources[which]].count);
  return ascending(channels.flatMap((channel) => sourceChannels(layers, index, channel, which)));
}

function under(axis, units) {
  const { sources, each = 1 } = axis;
  return ascending(units.flatMap((unit) => sources[Math.floor(unit / each)]).filter((cell) => cell !== null));
}

/** Cells that the tables name. Where each table is about one axis of the source a block stays a block. */
function listed(reads, block, source) {
  const { along } = reads;
  const tables = tablesOf(reads);
  const [channels, rows, cols] = ["channels", "rows", "cols"].map((axis) =>
    block[axis].map((at) => tables[axis][at]).filter((one) => one !== null)
  );
  const size = source.rows * source.cols;
  const isApart =
    channels.every((one) => one % size === 0) &&
    rows.every((one) => one >= 0 && one < size && one % source.cols === 0) &&
    cols.every((one) => one >= 0 && one < source.cols);
  const found = isApart
    ? [
        {
          channels: ascending(channels.map((one) => one / size)),
          rows: ascending(rows.map((one) => one / source.cols)),
          cols: ascending(cols),
        },
      ]
    : blocksOf(
        channels.flatMap((c) => rows.flatMap((r) => cols.map((q) => c + r + q))),
        source
      );
  const whole = wholeOf(source);
  const stretched = Object.fromEntries(along.map((axis) => [axis, whole[axis]]));
  return found.filter((one) => !isEmpty(one)).map((one) => ({ ...one, ...stretched }));
}
