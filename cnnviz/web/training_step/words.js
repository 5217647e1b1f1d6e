// What is said about a map, a cell or a weight: Python's words, filled with Python's numbers.

import { fill } from "../shared/dom.js";
import { digitsFor, formatNumber } from "../shared/format.js";
import { digitsOfFactors, digitsThatHold, productHolds } from "../shared/sums.js";
import { endsOf, weightAt } from "./packet.js";

/** A number of a column's values or gradients, with decimals that suit its scale. */
export function written(value, half) {
  return Number.isFinite(value) ? formatNumber(value, digitsFor(half)) : String(value);
}

export function columnName(packet, index) {
  const { kind, path, form } = packet.layers[index];
  return packet.texts[kind] && (kind === "input" || form === "bars") ? packet.texts[kind] : path;
}

/** "map 3", "class 7" or "all entries". */
export function mapName(packet, index, channel) {
  const column = packet.layers[index];
  if (column.form === "strip") return packet.texts.entry;
  if (column.kind === "input" && column.count === 1) return packet.texts.drawing;
  return column.classes
    ? fill(packet.texts.class, { name: packet.classes[channel] })
    : fill(packet.texts.map, { channel });
}

/** One sentence about a cell of the network. */
export function cellSentence(packet, states, { index, channel, row, col }) {
  const column = packet.layers[index];
  const at = (channel * column.rows + row) * column.cols + col;
  const hasGradient = states[index].shows === "gradient";
  const isAfter = states[index].shows === "after";
  const name = isAfter
    ? "unit_after"
    : `${column.rows * column.cols > 1 ? "cell" : "unit"}${hasGradient ? "_back" : ""}`;
  return fill(packet.texts[name], {
    layer: columnName(packet, index),
    map: mapName(packet, index, channel),
    row,
    col,
    value: written(column[isAfter ? "after" : "output"].values[at], column.range),
    before: written(column.output.values[at], column.range),
    gradient: hasGradient ? written(column.gradient.values[at], column.gradient_range) : "",
  });
}

/** Where a weight stands: "Weight at row 0, column 2 of the kernel from map 5 to map 3". */
export function weightSentence(packet, index, cell) {
  const { out, source } = endsOf(packet.layers[index].kernels, cell.k);
  const [reads] = packet.layers[index].sources;
  if (packet.layers[index].is_along)
    return fill(packet.texts.weight_along, {
      value: written(
        weightAt(packet.layers[index].kernels, "before", cell),
        packet.layers[index].kernels.ranges.before
      ),
      source: cell.col,
      map: out,
    });
  return fill(packet.texts.weight_at, {
    value: written(weightAt(packet.layers[index].kernels, "before", cell), packet.layers[index].kernels.ranges.before),
    row: cell.row,
    col: cell.col,
    map: mapName(packet, index, out),
    source: mapNameBefore(packet, reads, source),
  });
}

function mapNameBefore(packet, index, source) {
  return packet.layers[index].form === "strip"
    ? fill(packet.texts.map, { channel: source })
    : mapName(packet, index, source);
}

/** seen × gradient = total, with as many decimals as it takes for this to hold as shown; "≈" where none do. */
export function productSentence(packet, seen, gradient, total) {
  const digits = Math.min(9, digitsFor(Math.abs(total)));
  const pair = areFinite(seen, gradient, total) ? digitsOfFactors([seen], [gradient], [total], digits) : null;
  const [left, right] = pair ?? [4, 4];
  return fill(packet.texts[pair ? "product" : "product_about"], {
    seen: shownAs(seen, left),
    gradient: shownAs(gradient, right),
    total: shownAs(total, digits),
  });
}

/** A weight before, during and after the step, and the rule that made the step. */
export function moveSentences(packet, index, cell) {
  const { kernels } = packet.layers[index];
  const [before, step, after] = ["before", "step", "after"].map((name) => weightAt(kernels, name, cell));
  const finest = Math.min(9, digitsFor(Math.abs(step) || kernels.ranges.step));
  const pair = areFinite(before, step, after) ? digitsThatHold([before, step], after, finest) : null;
  const [terms, total] = pair ?? [finest, finest];
  const moves = fill(packet.texts[pair ? "moves" : "moves_about"], {
    before: shownAs(before, terms),
    step: shownAs(step, terms),
    after: shownAs(after, total),
  });
  return [
    moves,
    kernels.weight.gradient ? ruleSentence(packet, kernels, cell, { before, step }) : packet.texts.unknown,
  ];
}

/** How the optimiser made the step: with numbers for SGD, with its two means for Adam. */
function ruleSentence(packet, kernels, cell, { before, step }) {
  const { texts, optimiser } = packet;
  const value = (name) => weightAt(kernels, name, cell);
  const values = { rate: String(optimiser.rate), decay: String(optimiser.decay), before: shownAs(before, 6) };
  for (const name of ["gradient", "velocity", "mean", "fair_mean", "square", "fair_square"]) {
    if (kernels.weight[name]) values[name] = written(value(name), Math.abs(value(name)));
  }
  if (optimiser.method === "adam") return fill(texts.by_adam, values);
  if (values.velocity) return fill(texts.by_momentum, values);
  if (optimiser.decay > 0) return fill(texts.by_decay, values);
  return sgdSentence(texts, optimiser.rate, value("gradient"), step);
}

function sgdSentence(texts, rate, gradient, step) {
  const digits = Math.min(9, digitsFor(Math.abs(step)));
  const rateDigits = (String(rate).split(".")[1] ?? "").length;
  const fits = [4, 5, 6, 7, 8, 9].find(
    (d) => areFinite(gradient, step) && productHolds(-rate, gradient, step, [rateDigits, d, digits])
  );
  return fill(texts[fits ? "by_sgd" : "by_sgd_about"], {
    rate: String(rate),
    gradient: shownAs(gradient, fits ?? 6),
    step: shownAs(step, digits),
  });
}

function areFinite(...values) {
  return values.every(Number.isFinite);
}

function shownAs(value, digits) {
  return Number.isFinite(value) ? formatNumber(value, digits) : String(value);
}
