// What goes into one cell of a layer with several inputs, or with cells that lie elsewhere: values and their places.

import { numbersOf } from "../network/blocks.js";
import { blocksRead } from "../network/reads.js";
import { fill } from "../shared/dom.js";
import { cellOfStep } from "./model.js";
import { placeOfEntry } from "./mosaic.js";

/**
 * @typedef {{index: ?number, name: string, blocks: import("../network/blocks.js").Block[], values: number[],
 *   places: {channel: number, row: number, col: number}[], which: ?number}} Input `index`: its column, null for a
 *   constant; `which`: of the sources of its layer
 */

/**
 * The inputs of a layer at one step, in the order of its operands; of each what the cell reads.
 * @param {import("./model.js").Model} model
 * @param {number} position
 * @returns {Input[]}
 */
export function inputsAt(model, position) {
  const { layer } = model;
  const cell = cellOfStep(model, position);
  const operands = layer.operands ?? layer.sources.map((_, source) => ({ source }));
  return operands.map((one) => (one.values ? constantAt(model, one, cell) : sourceAt(model, one.source, cell)));
}

function sourceAt({ layer, packet }, which, cell) {
  const index = layer.sources[which];
  const source = packet.layers[index];
  const blocks = blocksRead(packet.layers, cell, which);
  const numbers = blocks.flatMap((block) => numbersOf(block, source));
  const places = numbers.map((at) => placeOfEntry(source, at));
  const values = numbers.map((at) => source.output.values[at]);
  return { index, which, name: packet.texts.layers[index].name, blocks, places, values };
}

function constantAt({ layer, packet }, { values, reads }, { channel, row, col }) {
  const own = (channel * layer.rows + row) * layer.cols + col;
  const { tables } = reads;
  const at = tables ? tables.channels[channel] + tables.rows[row] + tables.cols[col] : own;
  const name = packet.texts.walk.constant;
  return { index: null, which: null, name, blocks: [], places: [], values: [values.values[at]] };
}

/** Where a cell is, in words. */
export function placeText({ texts, packet }, { index, name }, place) {
  if (index === null || !place) return name;
  const { form } = packet.layers[index];
  if (form === "maps") return fill(texts.place, { source: name, ...place });
  return fill(texts.entry, { source: name, entry: form === "strip" ? place.row : place.channel });
}
