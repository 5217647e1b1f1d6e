// The right side of the walk: what one step is about, as pictures and tables. Each view is built anew for its step.

import { element, fill } from "../shared/dom.js";
import { largestSize } from "../shared/extent.js";
import { digitsFor, formatNumber, formatPercent } from "../shared/format.js";
import { GridPicture, fitCells } from "../shared/gridpicture.js";
import { scaleFor } from "./network.js";
import { endsOf, handedBack, kernelGroup, mapOf, meetings, ownGradient, sourceOf, weightAt } from "./packet.js";
import { columnName, mapName, moveSentences, productSentence, weightSentence, written } from "./words.js";

const TALL = 250; // pixels for all rows of kernels together
const LARGEST = 300; // side of a single map

/** The text of a cell of a table. */
function cellOf(tag, text, className) {
  return element(tag, { class: className }, [text]);
}

function tableOf(heads, rows) {
  const head = element(
    "tr",
    {},
    heads.map((text) => cellOf("th", text))
  );
  return element("table", {}, [element("thead", {}, [head]), element("tbody", {}, rows)]);
}

/** The classes with their shares, and the loss that follows from one of them. */
export function lossView(walk) {
  const { packet } = walk;
  const shares = packet.layers.at(-1).output.values;
  const rows = packet.classes.map((name, k) =>
    element("tr", { class: k === packet.target ? "target" : null }, [
      cellOf("th", name),
      cellOf("td", formatPercent(shares[k], 2)),
    ])
  );
  const formula = element("p", { class: "formula" }, [packet.steps[walk.at].formula]);
  return [formula, tableOf(["", packet.texts.share], rows)];
}

/** share − truth for each class, and their sum; the decimals are Python's, so that the shown numbers add up. */
export function scoresView(walk) {
  const { packet } = walk;
  const digits = packet.share_digits;
  const shares = packet.layers.at(-1).output.values;
  const gradient = packet.layers[packet.scores].gradient.values;
  const rows = packet.classes.map((name, k) =>
    element("tr", { class: k === packet.target ? "target" : null }, [
      cellOf("th", name),
      cellOf("td", formatNumber(shares[k], digits)),
      cellOf("td", k === packet.target ? "1" : "0"),
      cellOf("td", formatNumber(gradient[k], digits), "difference"),
    ])
  );
  const sum = ["", "", written(packet.together ?? NaN, 10 ** (3 - digits))].map((text) => cellOf("td", text));
  rows.push(element("tr", { class: "sum" }, [cellOf("th", packet.texts.together), ...sum]));
  return [tableOf(["", packet.texts.share, packet.texts.truth, packet.texts.minus_truth], rows)];
}

/**
 * Large pictures of single maps, one after the other, with one cursor: [column, what it shows], or [column, "back", the
 * layer that hands it back].
 */
export function mapsView(walk, wanted) {
  const there = wanted.filter((one) => fieldOf(walk.packet, one));
  const side = Math.min(LARGEST, Math.floor(walk.panelWidth / Math.min(there.length, 3)) - 16);
  const figures = there.map((one) => mapFigure(walk, one, side, (cell) => point(one[0], cell)));
  const point = (index, cell) => {
    for (const figure of figures)
      figure.picture.mark(cell && isSameSize(walk.packet, index, figure.index) ? cell : null);
    walk.say(cell && { index, channel: walk.chosen[index], row: cell.row, col: cell.col });
  };
  return [
    element(
      "div",
      { class: "figures" },
      figures.map((figure) => figure.root)
    ),
  ];
}

/** The values of a picture and the half-width of their scale; null where there are none. */
function fieldOf(packet, [index, shows, layer]) {
  const column = packet.layers[index];
  if (shows === "back") return handedBack(packet, layer, index);
  if (!column[shows]) return null;
  return { values: column[shows].values, range: shows === "gradient" ? column.gradient_range : column.range };
}

function isSameSize(packet, one, other) {
  return packet.layers[one].rows === packet.layers[other].rows && packet.layers[one].cols === packet.layers[other].cols;
}

function mapFigure(walk, wanted, side, onPoint) {
  const { packet, tables } = walk;
  const [index, shows] = wanted;
  const column = packet.layers[index];
  const { values, range } = fieldOf(packet, wanted);
  const picture = new GridPicture({ onPoint, help: packet.texts.maps_help });
  const label = fill(labelOf(walk, wanted), {
    layer: columnName(packet, index),
    map: mapName(packet, index, walk.chosen[index]),
  });
  const cell = Math.max(1, Math.min(40, Math.floor(side / Math.max(column.rows, column.cols))));
  const shape = { count: 1, rows: column.rows, cols: column.cols, cell, across: 1 };
  if (column.form === "strip") Object.assign(shape, stripShape(column, side));
  const size = column.rows * column.cols;
  const map = values.subarray(walk.chosen[index] * size, (walk.chosen[index] + 1) * size);
  const scale =
    shows === "output" ? scaleFor(column, shows, tables) : { table: tables.activations, low: -range, high: range };
  picture.show(padded(map, shape), shape, scale, label, walk.ink.accent);
  return { index, picture, root: figureOf(picture, label, range) };
}

/** "gradient" where what goes back to a column is all of its gradient. */
function labelOf({ packet }, [index, shows, layer]) {
  if (shows === "back" && packet.layers[layer].backs?.[index]) return packet.texts.back_of;
  return shows === "output" ? packet.texts.value_of : packet.texts.gradient_of;
}

/** A long column, folded to be seen: as near to a square as whole rows allow. */
function stripShape(column, side) {
  const cols = Math.ceil(Math.sqrt(column.rows));
  return { rows: Math.ceil(column.rows / cols), cols, cell: Math.max(1, Math.floor(side / cols)) };
}

function padded(values, { rows, cols }) {
  if (values.length === rows * cols) return values;
  const whole = new Float32Array(rows * cols);
  whole.set(values);
  return whole;
}

function figureOf(picture, label, half) {
  const caption = element("figcaption", {}, [label, element("small", {}, [half ? ` ±${written(half, half)}` : ""])]);
  return element("figure", {}, [caption, picture.canvas]);
}

/** Kernels in rows, one row for each of `names` ("before", "gradient", "step", "after"), and what one weight is. */
export function kernelsView(walk, index, names) {
  const { packet } = walk;
  const { kernels } = packet.layers[index];
  const group = kernelGroup(kernels, walk.chosen[index]);
  const shape = { count: group.count, rows: kernels.rows, cols: kernels.cols };
  const shown = names.filter((name) => kernels.weight[name]);
  Object.assign(shape, fitCells(shape, walk.panelWidth, TALL / shown.length));
  const about = element("div", { class: "about", "aria-live": "polite" });
  const point = (cell) => {
    walk.weight = cell && { ...cell, k: cell.k + group.first };
    for (const row of rows) row.mark(cell);
    if (!cell) return;
    walk.light(index, endsOf(kernels, walk.weight.k));
    writeWeight(walk, index, about, names.includes("step"));
  };
  const rows = shown.map(() => new GridPicture({ onPoint: point, help: packet.texts.kernels_help }));
  const title =
    group.first === 0 && group.count > kernels.each
      ? fill(packet.texts.all_kernels, { layer: packet.layers[index].path })
      : fill(packet.texts.to, { layer: packet.layers[index].path, map: mapName(packet, index, walk.chosen[index]) });
  const figures = shown.map((name, at) => kernelRow(walk, kernels, name, { group, shape, picture: rows[at] }));
  point(startCell(walk, kernels, group));
  const heading = element("p", { class: "title" }, [title]);
  return names.includes("step") ? [heading, about, ...figures] : [heading, ...figures, about];
}

/** The cursor starts on the weight that was held, else on the one with the largest gradient. */
function startCell(walk, kernels, { first, count }) {
  const size = kernels.rows * kernels.cols;
  const held = walk.weight;
  if (held && walk.weightOf === kernels && held.k >= first && held.k < first + count)
    return { ...held, k: held.k - first };
  walk.weightOf = kernels;
  const values = (kernels.weight.gradient ?? kernels.weight.before).values.subarray(
    first * size,
    (first + count) * size
  );
  const at = values.reduce((best, value, i) => (Math.abs(value) > Math.abs(values[best]) ? i : best), 0);
  return { k: Math.floor(at / size), row: Math.floor((at % size) / kernels.cols), col: at % kernels.cols };
}

function kernelRow(walk, kernels, name, { group, shape, picture }) {
  const size = kernels.rows * kernels.cols;
  const values = kernels.weight[name].values.subarray(group.first * size, (group.first + group.count) * size);
  const half = name === "after" ? kernels.ranges.before : kernels.ranges[name];
  const label =
    { before: walk.packet.texts.weights, gradient: walk.packet.texts.weight_gradients }[name] ??
    walk.packet.texts[name];
  picture.show(values, shape, { table: walk.tables.weights, low: -half, high: half }, label, walk.ink.accent);
  return figureOf(picture, label, half);
}

function writeWeight(walk, index, about, moves) {
  const { packet, weight } = walk;
  const { kernels } = packet.layers[index];
  const where = element("p", {}, [weightSentence(packet, index, weight)]);
  if (moves)
    return about.replaceChildren(
      where,
      ...moveSentences(packet, index, weight).map((text) => element("p", { class: "move" }, [text]))
    );
  if (!kernels.weight.gradient) return about.replaceChildren(where, element("p", {}, [packet.texts.unknown]));
  const { axes, is_along: isAlong } = packet.layers[index];
  const sum = axes || isAlong ? sumOf(walk, index) : productOf(walk, index);
  return about.replaceChildren(where, ...sum);
}

/** input picture × gradient picture = products picture, and Python's total. */
function sumOf(walk, index) {
  const { packet, tables, weight } = walk;
  const [column, before] = [packet.layers[index], sourceOf(packet, index)];
  const { seen, gradient, products } = meetings(packet, index, weight);
  const half = largestSize(products);
  const total = weightAt(column.kernels, ownGradient(column.kernels), weight);
  const places = column.is_along ? stripShape({ rows: products.length }, 118) : column;
  const shape = { count: 1, rows: places.rows, cols: places.cols, across: 1 };
  const side = Math.max(1, Math.floor(Math.min(118, (walk.panelWidth - 60) / 3) / Math.max(shape.rows, shape.cols)));
  const parts = [
    [packet.texts.saw, seen, scaleFor(before, "output", tables), before.range, ""],
    [packet.texts.gradient_there, gradient, scaleFor(column, "gradient", tables), column.gradient_range, "×"],
    [packet.texts.products, products, { table: tables.activations, low: -half, high: half }, half, "="],
  ].flatMap(([label, values, scale, most, sign]) => {
    const picture = new GridPicture();
    picture.show(padded(values, shape), { ...shape, cell: side }, scale, label, walk.ink.accent);
    return [...(sign ? [element("b", { class: "sign" }, [sign])] : []), figureOf(picture, label, most)];
  });
  const text = fill(column.kernels.weight.part ? packet.texts.sum_part : packet.texts.sum, {
    count: products.length,
    total: written(total, column.kernels.ranges.gradient),
  });
  return [
    element("div", { class: "sum-row", "data-sum": products.reduce((sum, value) => sum + value, 0) }, parts),
    totalLine(text, total),
  ];
}

/** A fully connected weight: one product. */
function productOf(walk, index) {
  const { packet, weight } = walk;
  const [column, before] = [packet.layers[index], sourceOf(packet, index)];
  const { kernels } = column;
  const { out } = endsOf(kernels, weight.k);
  const entry = ((weight.k % kernels.each) * kernels.rows + weight.row) * kernels.cols + weight.col;
  const total = weightAt(kernels, ownGradient(kernels), weight);
  return [totalLine(productSentence(packet, before.output.values[entry], column.gradient.values[out], total), total)];
}

function totalLine(text, total) {
  return element("p", { class: "total", "data-total": total }, [text]);
}

/** The loss and the share of every class, before and after; one half of the classes beside the other. */
export function outcomeView({ packet }) {
  const { output, after } = packet.layers.find(({ form }) => form === "bars");
  const shares = [output.values, after.values];
  const scale = Math.min(packet.loss ?? 0, 1) || 1;
  const losses = [packet.loss, packet.loss_after].map((value) =>
    value === null ? "?" : formatNumber(value, Math.min(8, digitsFor(scale)))
  );
  const heads = ["", packet.texts.before, packet.texts.after];
  const loss = tableOf(heads, [
    element("tr", { class: "loss" }, [cellOf("th", packet.texts.loss), ...losses.map((text) => cellOf("td", text))]),
  ]);
  const rows = packet.classes.map((name, k) =>
    element("tr", { class: k === packet.target ? "target" : null }, [
      cellOf("th", name),
      ...shares.map((values) => cellOf("td", formatPercent(values[k], 2))),
    ])
  );
  const half = Math.ceil(rows.length / 2);
  const tables = [rows.slice(0, half), rows.slice(half)].map((part) =>
    tableOf([packet.texts.share, ...heads.slice(1)], part)
  );
  return [loss, element("div", { class: "outcome", role: "group", "aria-label": packet.texts.shares_after }, tables)];
}

/** All numbers of what the step is about, in a table: a kernel's weights, or a map. */
export function numbersTable(walk, index, shows) {
  const { packet } = walk;
  const { kernels, gradient_range: gradientHalf, range } = packet.layers[index];
  if (kernels && walk.weight && shows === "kernels") return kernelTable(walk, kernels);
  const column = packet.layers[index];
  const values = mapOf(column, shows, walk.chosen[index]);
  const half = shows === "gradient" ? gradientHalf : range;
  const rows = Array.from({ length: column.rows }, (_row, r) =>
    element("tr", {}, [
      cellOf("th", String(r)),
      ...Array.from({ length: column.cols }, (_col, c) => cellOf("td", written(values[r * column.cols + c], half))),
    ])
  );
  return tableOf(["", ...Array.from({ length: column.cols }, (_, c) => String(c))], rows);
}

function kernelTable(walk, kernels) {
  const { texts } = walk.packet;
  const names = ["before", "gradient", "step", "after"].filter((name) => kernels.weight[name]);
  const rows = Array.from({ length: kernels.rows * kernels.cols }, (_, at) => {
    const cell = { k: walk.weight.k, row: Math.floor(at / kernels.cols), col: at % kernels.cols };
    const half = (name) => (name === "gradient" ? kernels.ranges.gradient : kernels.ranges.step);
    return element(
      "tr",
      {},
      [
        String(cell.row),
        String(cell.col),
        ...names.map((name) => written(weightAt(kernels, name, cell), half(name))),
      ].map((text, i) => cellOf(i < 2 ? "th" : "td", text))
    );
  });
  return tableOf([texts.row, texts.column, ...names.map((name) => texts[name])], rows);
}
