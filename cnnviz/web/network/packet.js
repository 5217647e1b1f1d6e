// A trace as Python packed it. What each layer reads, how it is shown and whose colours it shares comes with it.

import { textsForHand } from "../shared/pointing.js";
import { attachField, readWire } from "../shared/wire.js";

/**
 * @typedef {{at: number, shape: number[], values: Float32Array}} Field
 * @typedef {{places: (?number)[][], sources: (?number)[][], weights?: number[][]}} Axis which cells each unit reads,
 *   tap by tap; null: none
 * @typedef {{cells: "own"|"window"|"all"|"unrolled"|"listed"|"unknown", groups: number,
 *   channels: "own"|"groups"|"all"|"listed"|"unknown", axes: ?{rows: Axis, cols: Axis}, along?: string[],
 *   tables?: Record<"channels"|"rows"|"cols", [?number, number, number][]>}} Reads see `cnnviz/core/layer_reads.py`
 * @typedef {{path: string, kind: string, type?: string, parameters?: number, output: Field, weight?: Field,
 *   bias?: Field, mean?: Field, variance?: Field, settings?: object, follows: ?number, sources: number[],
 *   reads: Reads[], classes: boolean, colours: string, bounds: ?[number, number], adds_up?: boolean,
 *   operands?: ?({source: number}|{values: Field, reads: Reads})[], kernel?: ?[number, number], divisors?: ?{rows: number[], cols: number[]}, cuts?: boolean, is_walked: boolean,
 *   ranges?: {map: number[], layer: number, network: number, finer: number}, range_group: number,
 *   form: "maps"|"strip"|"cells"|"bars", count: number, rows: number, cols: number}} Layer
 *   see `cnnviz/core/layer_facts.py`
 * @typedef {{layer: ?string, channel: number, row: ?number, col: ?number, scope: string}} Selection
 * @typedef {{layers: Layer[], detail: ?{layer: string, channel: number, sums: Field, range: number}, selection:
 *   Selection, winners: ?{layer: string, taps: Field},
 *   palettes: Object, texts: Object, verdict: Object, classes: string[], link: string, token?: number,
 *   pad?: import("../explorer/live.js").Stamp, live?: {url: string, say: object}, is_sketch?: boolean,
 *   fields: Record<string, Field>,
 *   surgery?: object}} Packet `fields` and `surgery`: of an edited network, see `../edits/edits.js`
 */

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
  if (header.winners) attachField(header.winners.taps, body);
  for (const [name, field] of Object.entries(header.fields)) attachField(field, body, before?.fields[name]);
  if (header.texts) header.texts = textsForHand(header.texts);
  for (const name of ONCE) header[name] ??= before?.[name];
  return header;
}

function readLayer(layer, body, before) {
  for (const name of ARRAYS) attachField(layer[name], body, before[name]);
  for (const field of Object.values(layer.training ?? {})) attachField(field, body);
  for (const { values } of layer.operands ?? []) if (values) attachField(values, body);
  for (const name of Object.keys(before)) if (!(name in layer)) layer[name] = before[name];
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
