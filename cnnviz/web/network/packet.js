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
 *   operands?: ?({source: number}|{values: Field, reads: Reads})[], kernel?: ?[number, number],
 *   divisors?: ?{rows: number[], cols: number[]}, cuts?: boolean, is_walked: boolean,
 *   ranges?: {map: number[], layer: number, network: number, finer: number}, range_group: number,
 *   form: "maps"|"strip"|"cells"|"bars", count: number, rows: number, cols: number,
 *   overview?: ?Field & {channels: number[], side: number}}} Layer
 *   see `cnnviz/core/layer_facts.py`; of a large network `output` is null where a layer is not open, and `overview` has
 *   for some maps the value of each block of side × side cells that is furthest from 0
 * @typedef {{layer: ?string, channel: number, row: ?number, col: ?number, scope: string}} Selection
 * @typedef {{layers: Layer[], detail: ?{layer: string, channel: number, sums: Field, range: number}, selection:
 *   Selection, winners: ?{layer: string, taps: Field},
 *   palettes: Object, texts: Object, verdict: Object, classes: string[], link: string, token?: number,
 *   pad?: import("../explorer/live.js").Stamp, live?: {url: string, say: object}, is_sketch?: boolean,
 *   fields: Record<string, Field>, plan: ?import("./graphlayout.js").GraphPlan, stopped: string,
 *   surgery?: object}} Packet `fields` and `surgery`: of an edited network, see `../edits/edits.js`
 */

const ARRAYS = ["output", "weight", "bias", "mean", "variance"];
const ONCE = ["texts", "palettes", "classes", "title"]; // what does not change: an answer may leave it out

/**
 * @param {Uint8Array} bytes
 * @param {?Packet} [before] what is on the screen: what an answer of the short way leaves out is taken over from it
 * @param {(header: object) => boolean} [isReadable] whether it can be: else null is returned
 * @returns {?Packet}
 */
export function readPacket(bytes, before = null, isReadable = () => true) {
  const wire = readWire(bytes);
  return isReadable(wire.header) ? packetOf(wire, before) : null;
}

/**
 * @param {{header: any, body: ArrayBuffer}} wire
 * @param {?Packet} [before] what is on the screen, where the packet builds upon it
 * @returns {Packet}
 */
export function packetOf({ header, body }, before = null) {
  header.layers.forEach((layer, index) => readLayer(layer, body, before?.layers[index] ?? {}));
  if (header.detail) attachField(header.detail.sums, body, before?.detail?.sums);
  if (header.winners) attachField(header.winners.taps, body);
  for (const [name, field] of Object.entries(header.fields)) attachField(field, body, before?.fields[name]);
  if (header.texts) header.texts = textsForHand(header.texts);
  for (const name of ONCE) header[name] ??= before?.[name];
  if (header.plan === undefined) header.plan = withActivity(before.plan, header.activity);
  return header;
}

/** The same plan, with the activity of the maps of another column. */
function withActivity(plan, activity) {
  return plan && { ...plan, columns: plan.columns.map((one) => ({ ...one, activity: activity[one.index] ?? null })) };
}

function readLayer(layer, body, before) {
  for (const name of ARRAYS) attachField(layer[name], body, before[name]);
  attachField(layer.overview, body);
  if (layer.ranges?.map.shape) {
    attachField(layer.ranges.map, body);
    layer.ranges.map = layer.ranges.map.values;
  }
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
  if (!layer.output) return blockAt(layer, channel, row, col)?.value ?? NaN;
  return layer.output.values[(channel * layer.rows + row) * layer.cols + col];
}

/**
 * Of a map in overview size: the block of cells around one, and its value that is furthest from 0.
 * @returns {?{value: number, top: number, bottom: number, left: number, right: number}} null where the map is not here
 */
export function blockAt({ overview, rows, cols }, channel, row, col) {
  const place = overview ? overview.channels.indexOf(channel) : -1;
  if (place < 0) return null;
  const { side, shape, values } = overview;
  const [down, across] = [Math.floor(row / side), Math.floor(col / side)];
  const [top, left] = [down * side, across * side];
  return {
    value: values[(place * shape[1] + down) * shape[2] + across],
    top,
    left,
    bottom: Math.min(top + side, rows) - 1,
    right: Math.min(left + side, cols) - 1,
  };
}

/** Whether all numbers of a layer, and of what it reads, are here. @param {Layer[]} layers @param {number} index */
export function hasNumbers(layers, index) {
  const { output, follows, sources } = layers[index];
  return Boolean(output) && [follows, ...sources].every((one) => one === null || layers[one].output);
}

/** Whether the value of this very cell is here. */
export function hasCell(layer, { channel, row, col }) {
  if (layer.output) return true;
  const block = blockAt(layer, channel, row, col);
  return block !== null && block.top === block.bottom && block.left === block.right;
}

/**
 * Whether a layer can be walked over now: all numbers are here ("yes"), on their way ("soon"), or too many ("never").
 * @param {Layer[]} layers
 * @param {number} index
 * @param {number} channel
 * @returns {"yes"|"soon"|"never"}
 */
export function walkState(layers, index, channel) {
  const layer = layers[index];
  if (hasOwnWeights(layer) && layer.weight?.isPartial) return layer.weights_come ? "soon" : "never";
  const isSum = layer.adds_up || layer.weights_by;
  return hasNumbers(layers, index) && (!isSum || hasWeights(layer, channel)) ? "yes" : "soon";
}

/** Whether the weights that one steps through come when one begins to: all else is here. */
export function comesWithSteps(layers, index) {
  const layer = layers[index];
  return hasOwnWeights(layer) && Boolean(layer.weights_come) && hasNumbers(layers, index);
}

/** Whether the cells of what is open have weights of their own. @param {Layer} layer */
function hasOwnWeights({ adds_up: isSum, form, weights_by: by }) {
  return by === "row" || by === "col" || (isSum && form === "strip");
}

/** Whether the weights of one map are here: of a large network only those of the open one are. */
export function hasWeights({ weight, count }, channel) {
  if (!weight) return false;
  const own = Math.floor((channel * weight.shape[0]) / count); // several slices of a volume have one kernel
  return !weight.isPartial || weight.rows.includes(own);
}

/** The column of a graph that shows layer `index`, if one does. @param {Packet} packet @param {number} index */
export function columnOf({ plan }, index) {
  return plan?.columns.find((column) => column.index === index) ?? null;
}

/** The words above a column: of its layer, or of the block that it stands for. */
export function wordsOf(packet, index) {
  return { ...packet.texts.layers[index], ...columnOf(packet, index)?.words };
}
