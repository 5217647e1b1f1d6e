// What is said about a map, a cell or a weight: Python's words, filled with Python's numbers.

import { fill } from "../shared/dom.js";
import { formatNumber } from "../shared/format.js";
import { digitsFor, endsOf, weightAt } from "./packet.js";

/** A number of a column's values or gradients, with decimals that suit its scale. */
export function written(value, half) {
  return Number.isFinite(value) ? formatNumber(value, digitsFor(half)) : String(value);
}

export function columnName(packet, index) {
  const { kind, path } = packet.layers[index];
  return packet.texts[kind] && (kind === "input" || kind === "softmax") ? packet.texts[kind] : path;
}

/** "map 3", "class 7" or "all entries". */
export function mapName(packet, index, channel) {
  const column = packet.layers[index];
  if (column.form === "strip") return packet.texts.entry;
  const isScore = index >= packet.layers.length - 2;
  return isScore ? fill(packet.texts.class, { name: packet.classes[channel] }) : fill(packet.texts.map, { channel });
}

/** One sentence about a cell of the network. */
export function cellSentence(packet, states, { index, channel, row, col }) {
  const column = packet.layers[index];
  const at = (channel * column.rows + row) * column.cols + col;
  const hasGradient = states[index].shows === "gradient";
  const name = `${column.rows * column.cols > 1 ? "cell" : "unit"}${hasGradient ? "_back" : ""}`;
  return fill(packet.texts[name], {
    layer: columnName(packet, index), map: mapName(packet, index, channel), row, col,
    value: written(column.output.values[at], column.range),
    gradient: hasGradient ? written(column.gradient.values[at], column.gradient_range) : "",
  });
}

/** Where a weight stands: "Weight at row 0, column 2 of the kernel from map 5 to map 3". */
export function weightSentence(packet, index, cell) {
  const { out, source } = endsOf(packet.layers[index].kernels, cell.k);
  const reads = source < packet.layers[index - 1].count ? index - 1 : null;
  return fill(packet.texts.weight_at, {
    row: cell.row, col: cell.col, map: mapName(packet, index, out),
    source: reads === null ? fill(packet.texts.map, { channel: source }) : mapNameBefore(packet, reads, source),
  });
}

function mapNameBefore(packet, index, source) {
  return packet.layers[index].form === "strip" ? fill(packet.texts.map, { channel: source }) : mapName(packet, index, source);
}

/** A weight before, during and after the step, and the rule that made the step. */
export function moveSentences(packet, index, cell) {
  const { kernels } = packet.layers[index];
  const number = (name) => written(weightAt(kernels, name, cell), kernels.ranges[name]);
  const fine = (name) => formatNumber(weightAt(kernels, name, cell), digitsFor(kernels.ranges.step));
  const moves = fill(packet.texts.moves, { before: fine("before"), step: fine("step"), after: fine("after") });
  if (!kernels.weight.gradient) return [moves, packet.texts.unknown];
  const { method, rate } = packet.optimiser;
  const names = ["gradient", "velocity", "mean", "fair_mean", "square", "fair_square"].filter((name) => kernels.weight[name]);
  const values = Object.fromEntries(names.map((name) => [name, number(name)]));
  const rule = method === "adam" ? "by_adam" : values.velocity ? "by_momentum" : "by_sgd";
  return [moves, fill(packet.texts[rule], { rate: String(rate), ...values })];
}
