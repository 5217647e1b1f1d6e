// The terms of a cell whose weights are not the same for all cells of its map: of a fully connected layer along the
// rows of maps, and of a convolution along one axis or in a volume. Pure.

import { readsOf } from "../network/reads.js";
import { cellOfStep } from "./model.js";

/**
 * @typedef {{channel: number, row: number, col: number}} Place
 * @typedef {{values: number[], weights: number[], places: (?Place)[], bias: number}} Terms in the order of the weights;
 *   a place is null, and its value 0, where nothing stands
 */

/**
 * How the terms of a cell lie side by side: so many pictures of rows × cols, as the weights do.
 * @param {import("./model.js").Model} model
 */
export function shapeOfTerms({ layer }) {
  const [, ...sizes] = layer.weight.shape;
  if (sizes.length === 1) return { count: sizes[0], rows: 1, cols: 1 };
  const [cols, rows = 1, ...others] = [...sizes].reverse();
  const isLine = sizes.length === 2; // channels, taps
  return isLine ? { count: rows, rows: 1, cols } : { count: others.reduce((made, one) => made * one, 1), rows, cols };
}

/** @param {import("./model.js").Model} model @param {number} position @returns {Terms} */
export function termsOf(model, position) {
  const { layer, source } = model;
  const cell = cellOfStep(model, position);
  const places = placesOf(model, cell);
  const own = ownWeights(layer, cell);
  const width = places.length;
  const valueOf = ({ channel, row, col }) => source.output.values[(channel * source.rows + row) * source.cols + col];
  return {
    places,
    values: places.map((place) => (place ? valueOf(place) : 0)),
    weights: [...layer.weight.values.subarray(own * width, (own + 1) * width)],
    bias: layer.bias ? layer.bias.values[own] : 0,
  };
}

/** Which of the outputs of a layer, as its weights count them, a cell is of. */
function ownWeights(layer, { channel, row, col }) {
  const { depth } = readsOf(layer);
  return { row, col, map: depth ? Math.floor(channel / depth.sources.length) : channel }[layer.weights_by];
}

/** @returns {(?Place)[]} */
function placesOf({ layer, source }, { channel, row, col }) {
  const { axes, depth, groups } = readsOf(layer);
  if (!axes) return Array.from({ length: source.cols }, (_, at) => ({ channel, row, col: at }));
  const under = ({ sources, each = 1 }, unit) => sources[Math.floor(unit / each)];
  const [rows, cols] = [under(axes.rows, row), under(axes.cols, col)];
  const placed = (map) => rows.flatMap((r) => cols.map((c) => asPlace(map, r, c)));
  return depth ? mapsOf(layer, source, { depth, groups }, channel).flatMap(placed) : placed(channel);
}

/** The slices under the window, of each channel of the own group; null for those in the padding. */
function mapsOf(layer, source, { depth, groups }, channel) {
  const { before, sources } = depth;
  const [width, outputs] = [source.count / before / groups, layer.count / sources.length / groups];
  const first = Math.floor(channel / sources.length / outputs) * width;
  const slices = sources[channel % sources.length];
  return Array.from({ length: width }, (_, at) => at).flatMap((at) =>
    slices.map((slice) => (slice === null ? null : (first + at) * before + slice))
  );
}

function asPlace(channel, row, col) {
  return channel === null || row === null || col === null ? null : { channel, row, col };
}
