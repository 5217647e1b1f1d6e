// A training step as Python packed it, and how its parts are read.

import { largestSize } from "../shared/extent.js";
import { textsForHand } from "../shared/pointing.js";
import { attachField, readWire } from "../shared/wire.js";

/**
 * @typedef {{at: number, shape: number[], values: Float32Array}} Field
 * @typedef {{out: number, each: number, rows: number, cols: number, groups: number, weight: Record<string, Field>,
 *   bias: Record<string, Field>, ranges: Record<string, ?number>}} Kernels
 * @typedef {{path: string, kind: string, form: "maps"|"strip"|"cells"|"bars", count: number, rows: number, cols:
 *   number, sources: number[], reads: {cells: string, channels: string, groups: number}[], classes: boolean, colours:
 *   string, bounds: ?[number, number], output: Field, gradient: ?Field, after?: Field, range: ?number,
 *   gradient_range: ?number, kernels?: ?Kernels,
 *   inputs: number[], backs?: Record<string, {field: Field, range: ?number}>, is_along?: boolean,
 *   axes?: ?{rows: number[][], cols: number[][]}}} Column
 * @typedef {{kind: string, layer: number, title: string, text: string, formula?: string}} Step
 * @typedef {{layers: Column[], classes: string[], target: number, loss: ?number,
 *   loss_after: ?number,
 *   losses: (?number)[], optimiser: {method: string, rate: number, decay: number, momentum: number}, palettes: Object,
 *   scores: number, steps: Step[], texts: Record<string, string>, share_digits: number}} Packet
 * @typedef {{k: number, row: number, col: number}} Cell picture `k` of several, and a cell of it
 */

/**
 * @param {Uint8Array} bytes
 * @returns {Packet}
 */
export function readTrainingStep(bytes) {
  const { header, body } = readWire(bytes);
  for (const column of header.layers) {
    attachField(column.output, body);
    attachField(column.gradient, body);
    attachField(column.after, body);
    for (const { field } of Object.values(column.backs ?? {})) attachField(field, body);
    if (!column.kernels) continue;
    for (const part of ["weight", "bias"])
      Object.values(column.kernels[part]).forEach((field) => attachField(field, body));
  }
  header.texts = textsForHand(header.texts);
  return header;
}

/** The column whose cells a layer reads, as Python says. */
export function sourceOf({ layers }, index) {
  return layers[layers[index].sources[0]];
}

/**
 * What a layer hands back to a column that it takes: its own part where others read that column too, else the whole.
 * @returns {?{values: Float32Array, range: ?number}}
 */
export function handedBack({ layers }, index, source) {
  const own = layers[index].backs?.[source];
  if (own) return { values: own.field.values, range: own.range };
  const { gradient, gradient_range: range } = layers[source];
  return gradient && layers[index].gradient ? { values: gradient.values, range } : null;
}

/** The values ("output") or the gradient of one map. @returns {Float32Array} */
export function mapOf(column, name, channel) {
  const size = column.rows * column.cols;
  return column[name].values.subarray(channel * size, (channel + 1) * size);
}

/**
 * The kernels that are shown together: those of one output map, or all where each has few.
 * @returns {{first: number, count: number}} pictures, counted over the whole weight
 */
export function kernelGroup(kernels, out) {
  return kernels.each <= 3 && kernels.out * kernels.each <= 64
    ? { first: 0, count: kernels.out * kernels.each }
    : { first: out * kernels.each, count: kernels.each };
}

/** One weight by its picture (over the whole weight), row and column: PyTorch's number. */
export function weightAt(kernels, name, { k, row, col }) {
  return kernels.weight[name].values[(k * kernels.rows + row) * kernels.cols + col];
}

/** Which output map picture `k` belongs to, and which map of the layer before it reads. */
export function endsOf(kernels, k) {
  const out = Math.floor(k / kernels.each);
  const group = Math.floor(out / (kernels.out / kernels.groups));
  return { out, source: group * kernels.each + (k % kernels.each) };
}

/** What the gradient of a weight is called that one layer gives: its part where several layers use the weight. */
export function ownGradient(kernels) {
  return kernels.weight.part ? "part" : "gradient";
}

/**
 * What one weight saw, the gradient there, and the products: one number for each output cell.
 * @param {Packet} packet
 * @param {number} index the column of the convolution
 * @param {Cell} cell
 * @returns {{seen: Float32Array, gradient: Float32Array, products: Float32Array}}
 */
export function meetings(packet, index, cell) {
  const column = packet.layers[index];
  const before = sourceOf(packet, index);
  const { out, source } = endsOf(column.kernels, cell.k);
  if (column.is_along) return meetingsAlong(before, column, cell);
  const map = mapOf(before, "output", source);
  const gradient = mapOf(column, "gradient", out);
  const [down, across] = [column.axes.rows[cell.row], column.axes.cols[cell.col]];
  const seen = Float32Array.from(gradient, (_, at) => {
    const [r, c] = [down[Math.floor(at / column.cols)], across[at % column.cols]];
    return r < 0 || c < 0 ? 0 : map[r * before.cols + c];
  });
  return { seen, gradient, products: seen.map((value, at) => value * gradient[at]) };
}

/** The same of a fully connected layer that every row of the maps goes through: one number for each row. */
function meetingsAlong(before, column, { k, col }) {
  const count = column.count * column.rows;
  const seen = Float32Array.from({ length: count }, (_, at) => before.output.values[at * before.cols + col]);
  const gradient = Float32Array.from({ length: count }, (_, at) => column.gradient.values[at * column.cols + k]);
  return { seen, gradient, products: seen.map((value, at) => value * gradient[at]) };
}

/** The map of a column in which most happens: where its gradient, else its values, are largest. */
export function strongestMap(column) {
  const size = column.rows * column.cols;
  const { values } = column.gradient ?? column.output;
  const peaks = Array.from({ length: column.count }, (_, k) => largestSize(values.subarray(k * size, (k + 1) * size)));
  return peaks.indexOf(Math.max(...peaks));
}
