// A fully connected layer class by class, and the flattening before it, entry by entry.

import { cssColour } from "../shared/colour.js";
import { element, fill } from "../shared/dom.js";
import { largestSize } from "../shared/extent.js";
import { formatNumber, valueText } from "../shared/format.js";
import { STRONGEST, added } from "../shared/holding.js";
import { listenToPointing } from "../shared/pointing.js";
import { columnDigits, factorDigits, strongestDigits } from "./digits.js";
import { Mosaic, mosaicShape, placeOfEntry } from "./mosaic.js";
import { isNarrow, lowSide, pairSide } from "./room.js";

export class DenseScene {
  constructor(walk) {
    this.walk = walk;
    this.lit = null;
    this.mosaics = ["source", "weights", "products"].map(() => new Mosaic((entry) => this.hover(entry)));
    this.list = element("table", { class: "walk-terms" });
    this.readout = element("p", { class: "walk-readout" });
    this.total = element("output", { class: "walk-total" });
    listenToPointing(
      this.list,
      (event) => this.hover(entryOfRow(event.target)),
      () => this.hover(null)
    );
    const sign = (text) => element("span", { class: "walk-sign", "aria-hidden": "true" }, [text]);
    const [source, weights, products] = this.mosaics.map(({ node }) => node);
    const row = element("div", { class: "walk-row walk-pictures" }, [source, sign("×"), weights, sign("="), products]);
    this.node = element("div", { class: "walk-scene" }, [row, this.readout, this.total, this.list]);
  }

  hold(model, width) {
    this.model = model;
    this.shape = this.shapeOf(model);
    const { ink } = this.walk;
    const side = isNarrow(width) ? pairSide(width) : Math.min(lowSide(), (width - 80) / 3);
    const captions = this.captions(model);
    this.mosaics.forEach((mosaic, i) => mosaic.hold(this.shape, side, ink, captions[i]));
  }

  /** How the entries lie side by side. */
  shapeOf(model) {
    return mosaicShape(model.source);
  }

  captions({ source, sourceName }) {
    const { texts } = this.walk;
    const isMap = source.form === "maps";
    const sizes = { count: this.shape.count, rows: this.shape.rows, cols: this.shape.cols, source: sourceName };
    return [
      fill(isMap ? texts.dense_maps : texts.dense_entries, sizes),
      fill(isMap ? texts.dense_kernels : texts.dense_weights, sizes),
      texts.products,
    ];
  }

  hover(entry) {
    if (entry === this.lit || !this.walk.model) return;
    this.lit = entry;
    this.paintPictures();
  }

  paint(position) {
    this.position = position;
    const { inputs, weights, bias, score } = this.termsAt(position);
    Object.assign(this, { inputs, weights, bias });
    this.products = Array.from(weights, (weight, i) => weight * inputs[i]);
    this.describeSum(score);
    this.paintPictures();
  }

  /** The values that go into a step, their weights, its bias and its sum. */
  termsAt(position) {
    const { source, layer } = this.model;
    const inputs = source.output.values;
    return {
      inputs,
      weights: layer.weight.values.subarray(position * inputs.length, (position + 1) * inputs.length),
      bias: layer.bias ? layer.bias.values[position] : 0,
      score: layer.output.values[position],
    };
  }

  /** The strongest terms one by one, the others together, and the bias: together the score. */
  describeSum(score) {
    const { texts } = this.walk;
    const order = [...this.products.keys()].sort((a, b) => Math.abs(this.products[b]) - Math.abs(this.products[a]));
    this.shown = order.slice(0, STRONGEST).filter((entry) => this.products[entry] !== 0);
    const rest = added(order.slice(this.shown.length).map((entry) => this.products[entry]));
    const { fine, coarse, sign } = strongestDigits(
      order.map((entry) => this.products[entry]),
      this.bias,
      score
    );
    this.digits = fine;
    const hidden = this.walk.isHidden(this.position);
    this.total.textContent = this.totalText({
      name: this.model.classes?.[this.position] ?? this.position,
      count: this.products.length,
      bias: formatNumber(this.bias, fine),
      total: hidden ? "?" : formatNumber(score, coarse),
      sign,
    });
    const of = (values) => this.shown.map((entry) => values[entry]);
    const most = largestSize([...of(this.products), rest, this.bias]) || 1e-12;
    this.common = columnDigits(of(this.inputs), of(this.weights), of(this.products), fine);
    const rows = this.shown.map((entry) => this.row(entry, most));
    const others = this.products.length - this.shown.length;
    rows.push(
      this.plainRow(fill(texts.dense_rest, { count: others }), rest, most),
      this.plainRow(texts.bias, this.bias, most)
    );
    this.list.replaceChildren(element("caption", {}, [texts.dense_caption]), element("tbody", {}, rows));
  }

  totalText(words) {
    const { texts } = this.walk;
    return fill(this.model.classes ? texts.dense_total : texts.dense_total_unit, words);
  }

  /** Decimals of an entry's factors: the strongest have the same, so that they stand in columns. */
  factorsOf(entry) {
    const { inputs, weights, products, shown, common, digits } = this;
    if (common.sign === "=" && shown.includes(entry)) return common;
    return factorDigits(inputs[entry], weights[entry], products[entry], digits);
  }

  row(entry, most) {
    const value = this.products[entry];
    const { left, right } = this.factorsOf(entry);
    const sum = `${formatNumber(this.inputs[entry], left)} × ${formatNumber(this.weights[entry], right)}`;
    const cells = [
      element("th", { scope: "row" }, [this.placeName(entry)]),
      element("td", {}, [sum]),
      element("td", {}, [formatNumber(value, this.digits)]),
      this.bar(value, most),
    ];
    return element("tr", { "data-entry": entry }, cells);
  }

  plainRow(name, value, most) {
    return element("tr", {}, [
      element("th", { scope: "row", colspan: 2 }, [name]),
      element("td", {}, [formatNumber(value, this.digits)]),
      this.bar(value, most),
    ]);
  }

  /** From the middle to the right where a term is for the class, to the left where it is against it. */
  bar(value, most) {
    const width = (50 * Math.abs(value)) / most;
    const colour = cssColour(this.model.scales.within(0.7 * Math.sign(value), 1));
    const style = `width:${width}%;left:${value < 0 ? 50 - width : 50}%;background:${colour}`;
    return element("td", { class: "walk-bar" }, [element("i", { style })]);
  }

  placeName(entry) {
    const { source, sourceName } = this.model;
    const { texts } = this.walk;
    if (source.form !== "maps") return fill(texts.entry, { source: sourceName, entry });
    return fill(texts.place, { source: sourceName, ...placeOfEntry(source, entry) });
  }

  paintPictures() {
    const { model, lit } = this;
    const { scales } = model;
    const [source, weights, products] = this.mosaics;
    source.paint(this.inputs, (value, entry) => this.shadeOf(value, entry), lit);
    weights.paint(this.weights, scales.weight, lit);
    const most = largestSize(this.products) || 1e-12;
    products.paint(this.products, (value) => scales.within(value, most), lit);
    for (const row of this.list.querySelectorAll("tr")) row.classList.toggle("lit", row.dataset.entry === String(lit));
    this.readout.textContent = lit === null ? this.promptText() : this.sentence(lit);
  }

  promptText() {
    return this.walk.texts.dense_prompt;
  }

  /** The colour of a value that goes in. */
  shadeOf(value, entry) {
    const { source, scales } = this.model;
    return scales.source(value, Math.floor(entry / (source.rows * source.cols)));
  }

  sentence(entry) {
    const { left, right, sign } = this.factorsOf(entry);
    return fill(this.walk.texts.dense_term, {
      place: this.placeName(entry),
      entry,
      value: formatNumber(this.inputs[entry], left),
      weight: formatNumber(this.weights[entry], right),
      sign,
      product: formatNumber(this.products[entry], this.digits),
    });
  }
}

function entryOfRow(target) {
  const row = target.closest("tr[data-entry]");
  return row ? Number(row.dataset.entry) : null;
}

/** Which cell became which entry: the maps, the entry's number as a sum, the column. */
export class FlattenScene {
  constructor(walk) {
    this.walk = walk;
    const point = (entry) => walk.model && walk.peek(entry);
    this.maps = new Mosaic(point);
    this.maps.canvas.addEventListener("click", () => walk.settle());
    this.column = new Mosaic(point);
    this.column.canvas.addEventListener("click", () => walk.settle());
    this.readout = element("p", { class: "walk-readout walk-formula" });
    const arrow = element("span", { class: "walk-sign", "aria-hidden": "true" }, ["→"]);
    this.node = element("div", { class: "walk-scene" }, [
      element("div", { class: "walk-row" }, [this.maps.node, arrow, this.column.node]),
      this.readout,
    ]);
  }

  hold(model, width) {
    this.model = model;
    const side = isNarrow(width) ? Math.min(320, width) : Math.min(420, (width - 60) / 2);
    const { texts, ink } = this.walk;
    const { count, rows, cols } = model.source;
    this.maps.hold(
      { count, rows, cols },
      side,
      ink,
      fill(texts.dense_maps, { source: model.sourceName, count, rows, cols })
    );
    this.column.hold(
      { count: 1, rows: count, cols: rows * cols },
      side,
      ink,
      fill(texts.flat_column, { count: count * rows * cols })
    );
  }

  paint(position) {
    const { model } = this;
    const { values } = model.layer.output;
    const size = model.source.rows * model.source.cols;
    const shade = (value, entry) => model.scales.source(value, Math.floor(entry / size));
    this.maps.paint(values, shade, position);
    this.column.paint(values, shade, position);
    const { rows, cols } = model.source;
    const place = placeOfEntry(model.source, position);
    this.readout.textContent = fill(this.walk.texts.formula_flatten, {
      ...place,
      rows,
      cols,
      entry: position,
      value: valueText(values[position]),
      source: model.sourceName,
    });
  }
}
