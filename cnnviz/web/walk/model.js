// One open layer as the walk sees it: what goes in, what comes out, which cells each step reads. Pure.

import { scaleOf } from "../shared/atlas.js";
import { tableIndex } from "../shared/colour.js";
import { largestSize } from "../shared/extent.js";
import { kernelAt } from "../network/kernels.js";
import { readsOf, shownChannels, sourceOf } from "../network/reads.js";
import { mapName } from "../network/words.js";

/**
 * @typedef {{row: ?number, col: ?number, placeRow: ?number, placeCol: ?number}} Tap `row`, `col`: the cell whose value
 *   stands there (null: none); the places are coordinates of the input, outside it for padding
 * @typedef {{index: number, layer: import("../network/packet.js").Layer, source:
 *   import("../network/packet.js").Layer,
 *   sourceIndex: number, channel: number, channels: number[], kind: string, count: number, packet: object,
 *   shade: (part: string, value: number) => number, sums: ?Float32Array, winners: ?ArrayLike<number>, name: string,
 *   sourceName: string}} Model
 */

/**
 * @param {import("../network/paint.js").Scene} scene
 * @returns {?Model} null where nothing is open, or where there is nothing to walk
 */
export function walkModel(scene) {
  const { packet, open, tables, scope } = scene;
  if (!open || open.index === 0) return null;
  const { layers, detail } = packet;
  const layer = layers[open.index];
  const sourceIndex = sourceOf(layers, open.index);
  const source = layers[sourceIndex];
  const channels = shownChannels(layers, open.index, open.channel);
  const known = detail?.layer === layer.path && detail.channel === open.channel;
  const model = {
    index: open.index,
    layer,
    source,
    sourceIndex,
    channel: open.channel,
    channels,
    kind: layer.kind,
    packet,
    tables,
    sums: known ? detail.sums.values : null,
    winners: packet.winners?.layer === layer.path ? packet.winners.taps.values : null,
    classes: layer.classes ? packet.classes : null,
    name: mapName(packet, open.index, open.channel),
    sourceName: packet.texts.layers[sourceIndex].name,
    count: ["cells", "bars"].includes(layer.form) ? layer.count : layer.rows * layer.cols,
  };
  const strongest = model.layer.weight ? strongestProduct(model) : 1;
  const scales = {
    source: (value, channel) => coloured(tables, scaleOf(source, scope, channel), value),
    output: (value, channel) => coloured(tables, scaleOf(layer, scope, channel), value),
    weight: (value) =>
      coloured(tables, { table: "weights", low: -layer.weight_range, high: layer.weight_range }, value),
    product: (value) => coloured(tables, { table: "activations", low: -strongest, high: strongest }, value),
    within: (value, half) => coloured(tables, { table: "activations", low: -half, high: half }, value),
    share: (value) =>
      coloured(tables, { table: "activations", low: -(detail?.range ?? 1), high: detail?.range ?? 1 }, value),
  };
  return { ...model, scales };
}

function coloured(tables, { table, low, high }, value) {
  return tables[table][tableIndex(value, low, high)];
}

/** No product of this map is larger: the range of the products' colours, the same for all steps. */
function strongestProduct({ layer, source }) {
  return layer.weight_range * largestSize(source.output.values) || 1;
}

/** The cell of a step, as cells are counted everywhere. @param {Model} model @param {number} position */
export function cellOfStep({ index, layer, channel }, position) {
  if (["cells", "bars"].includes(layer.form)) return { index, channel: position, row: 0, col: 0 };
  if (layer.form === "strip") return { index, channel: 0, row: position, col: 0 };
  return { index, channel, row: Math.floor(position / layer.cols), col: position % layer.cols };
}

/** Where the cell of a step lies among all cells of its layer. */
export function numberOfCell(model, position) {
  const { rows, cols } = model.layer;
  const { channel, row, col } = cellOfStep(model, position);
  return (channel * rows + row) * cols + col;
}

/**
 * Which of the numbers that a layer has for each channel is that of a step: a channel is a map, a row of a line,
 * several slices of a volume, or an entry.
 * @param {Model} model @param {number} position @param {number} channels how many there are
 */
export function ownChannel(model, position, channels) {
  return Math.floor((numberOfCell(model, position) * channels) / model.layer.output.values.length);
}

/** The value of one cell of a layer's map. */
function at(layer, channel, row, col) {
  if (layer.form === "cells") return layer.output.values[row]; // a unit is a step, and so a row
  return layer.output.values[(channel * layer.rows + row) * layer.cols + col];
}

/** The value that stands at a tap: 0 where nothing stands. */
export function tapValue(model, channel, tap) {
  return tap.row === null || tap.col === null ? 0 : at(model.source, channel, tap.row, tap.col);
}

/** The value on screen of one cell of the open map. */
export function outputAt(model, row, col) {
  return at(model.layer, model.channel, row, col);
}

/**
 * The taps of one output cell, row by row, with how many of them stand side by side.
 * @param {Model} model
 * @param {number} row
 * @param {number} col
 * @returns {{rows: number, cols: number, taps: Tap[]}}
 */
export function tapsOf({ layer }, row, col) {
  const { axes } = readsOf(layer);
  if (!axes) return { rows: 1, cols: 1, taps: [{ row, col, placeRow: row, placeCol: col }] };
  const [ys, xs] = [axes.rows, axes.cols];
  const taps = ys.places[row].flatMap((placeRow, i) =>
    xs.places[col].map((placeCol, j) => ({ row: ys.sources[row][i], col: xs.sources[col][j], placeRow, placeCol }))
  );
  return { rows: ys.places[row].length, cols: xs.places[col].length, taps };
}

/** Whether a tap lies outside the input. */
export function isPadding({ source }, { placeRow, placeCol }) {
  if (placeRow === null || placeCol === null) return false;
  return placeRow < 0 || placeCol < 0 || placeRow >= source.rows || placeCol >= source.cols;
}

/** The kernel of one input channel: a convolution's weights, rows × cols of them. */
export function kernelOf({ layer, channel, channels }, source) {
  return kernelAt(layer, channel, channels, source);
}

/** Which tap won a cell of a max pooling, as Python says; −1: none did, null: not said yet. */
export function winnerAt({ winners, layer, channel }, row, col) {
  return winners && winners[(channel * layer.rows + row) * layer.cols + col] - 1;
}

/** What the sum under the window of an average pooling is divided by. */
export function divisorAt({ layer }, row, col) {
  return layer.divisors.rows[row] * layer.divisors.cols[col];
}

/** The output cell whose window has its middle nearest to an input cell. */
export function nearestOutput(model, row, col) {
  const { rows, cols } = model.layer;
  const { axes } = readsOf(model.layer);
  if (!axes) return { row, col };
  return { row: nearestUnit(axes.rows, row, rows), col: nearestUnit(axes.cols, col, cols) };
}

function nearestUnit(axis, cell, units) {
  const middles = Array.from({ length: units }, (_, unit) => {
    const places = axis.places[unit].filter((place) => place !== null);
    return places.length === 0 ? Infinity : Math.abs((places[0] + places[places.length - 1]) / 2 - cell);
  });
  return middles.indexOf(Math.min(...middles));
}

/** Every input cell that tap (i, j) of the kernel is ever multiplied with. */
export function everMultiplied(layer, i, j) {
  const { axes } = readsOf(layer);
  const unique = (axis, tap) => [...new Set(axis.sources.map((row) => row[tap]).filter((place) => place !== null))];
  return { rows: unique(axes.rows, i), cols: unique(axes.cols, j) };
}

/** How far the places of an axis hang over the input, before and after it. */
export function overhang(axis, size) {
  const places = axis.places.flat().filter((place) => place !== null);
  return { before: Math.max(0, -Math.min(0, ...places)), after: Math.max(0, Math.max(size - 1, ...places) - size + 1) };
}
