// A trace as Python packed it, with what the explorer adds: how each layer is shown.

import { textsForHand } from "../shared/pointing.js";
import { attachField, readWire } from "../shared/wire.js";

/**
 * @typedef {{at: number, shape: number[], values: Float32Array}} Field
 * @typedef {{size: number, jump: number, start: number}} Window
 * @typedef {{rows: Window, cols: Window}} Geometry
 * @typedef {{places: (?number)[][], sources: (?number)[][]}} Axis which cells each unit reads, tap by tap; null: none
 * @typedef {{path: string, kind: string, type?: string, parameters?: number, output: Field, weight?: Field,
 *   bias?: Field, mean?: Field, variance?: Field, axes?: ?{rows: Axis, cols: Axis}, settings?: object, window:
 *   ?Geometry, reach: ?Geometry, dilation?: number[], groups?: number, whole?: boolean,
 *   ranges?: {map: number[], layer: number, network: number, starts: boolean, finer: number}, form:
 *   "maps"|"strip"|"cells"|"bars",
 *   count: number, rows: number, cols: number}} Layer
 * @typedef {{layer: ?string, channel: number, row: ?number, col: ?number, scope: string}} Selection
 * @typedef {{layers: Layer[], detail: ?{layer: string, channel: number, sums: Field, range: number}, selection:
 *   Selection,
 *   palettes: Object, texts: Object, verdict: Object, classes: string[], link: string, token?: number,
 *   pad?: import("./live.js").Stamp, live?: {url: string, say: object}, is_sketch?: boolean, fields: Record<string,
 *   Field>,
 *   surgery?: object}} Packet `fields` and `surgery`: of an edited network, see `../surgery/operation.js`
 */

const MOST_CELLS = 64;

const ARRAYS = ["output", "weight", "bias", "mean", "variance"];
const ONCE = ["texts", "palettes"]; // words and colours, which an answer of the short way may leave out

/**
 * @param {Uint8Array} bytes
 * @param {?Packet} [before] what is on the screen: what an answer of the short way leaves out is taken over from it
 * @param {(header: object) => boolean} [isReadable] whether it can be: else null is returned
 * @returns {?Packet}
 */
export function readPacket(bytes, before = null, isReadable = () => true) {
  const { header, body } = readWire(bytes);
  if (!isReadable(header)) return null;
  header.layers.forEach((layer, index) => readLayer(layer, body, before?.layers[index] ?? {}));
  if (header.detail) attachField(header.detail.sums, body, before?.detail?.sums);
  for (const [name, field] of Object.entries(header.fields)) attachField(field, body, before?.fields[name]);
  if (header.texts) header.texts = textsForHand(header.texts);
  for (const name of ONCE) header[name] ??= before?.[name];
  return header;
}

function readLayer(layer, body, before) {
  for (const name of ARRAYS) attachField(layer[name], body, before[name]);
  for (const field of Object.values(layer.training ?? {})) attachField(field, body);
  Object.assign(layer, formOf(layer));
  for (const name of Object.keys(before)) layer[name] ??= before[name];
}

/**
 * How a layer is shown, and how many rows and columns of cells each of its `count` pictures has.
 * @param {{kind: string, output: Field}} layer
 */
function formOf(layer) {
  const shape = layer.output.shape;
  if (shape.length === 3) return { form: "maps", count: shape[0], rows: shape[1], cols: shape[2] };
  if (layer.kind === "softmax") return { form: "bars", count: shape[0], rows: 1, cols: 1 };
  if (layer.kind === "flatten" || shape[0] > MOST_CELLS) return { form: "strip", count: 1, rows: shape[0], cols: 1 };
  return { form: "cells", count: shape[0], rows: 1, cols: 1 };
}

/**
 * The value of one cell.
 * @param {Layer} layer
 * @param {number} channel
 * @param {number} row
 * @param {number} col
 * @returns {number}
 */
export function valueAt(layer, channel, row, col) {
  return layer.output.values[(channel * layer.rows + row) * layer.cols + col];
}

/**
 * Whether the entries of a layer stand for the classes: the scores and the probabilities do.
 * @param {Layer[]} layers
 * @param {number} index
 * @returns {boolean}
 */
export function standsForClasses(layers, index) {
  return index >= layers.length - 2;
}
