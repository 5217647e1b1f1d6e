// One cell whose weights are its own: every value times its weight, the strongest products one by one, and the map.

import { element, fill } from "../shared/dom.js";
import { formatNumber } from "../shared/format.js";
import { DenseScene } from "./dense.js";
import { MapFigure } from "./mapfigure.js";
import { outputAt } from "./model.js";
import { besideSumSide, isNarrow } from "./room.js";
import { shapeOfTerms, termsOf } from "./terms.js";

export class TermsScene extends DenseScene {
  constructor(walk) {
    super(walk);
    this.result = new MapFigure(walk.resultAnswers());
    const arrow = element("span", { class: "walk-sign", "aria-hidden": "true" }, ["→"]);
    const sum = element("div", { class: "walk-sum" }, [this.total, this.list]);
    this.node.append(element("div", { class: "walk-row walk-lower" }, [sum, arrow, this.result.node]));
  }

  shapeOf(model) {
    return shapeOfTerms(model);
  }

  captions({ sourceName }) {
    const { texts } = this.walk;
    return [fill(texts.terms_values, { source: sourceName }), texts.terms_weights, texts.products];
  }

  hold(model, width) {
    super.hold(model, width);
    const { index, channel, layer, name } = model;
    const { rows, cols } = layer;
    this.result.hold({ atlas: this.walk.atlas(index), channel, rows, cols, ink: this.walk.ink, caption: name });
    this.result.size(isNarrow(width) ? Math.min(220, width) : besideSumSide());
  }

  /** The values that go into a step, their weights, its bias and its sum. */
  termsAt(position) {
    const { values, weights, places, bias } = termsOf(this.model, position);
    this.places = places;
    const [row, col] = this.walk.cellOf(position);
    return { inputs: values, weights, bias, score: outputAt(this.model, row, col) };
  }

  paint(position) {
    super.paint(position);
    const [row, col] = this.walk.cellOf(position);
    this.result.paint({ marked: { row, col }, veilFrom: this.walk.veilFrom(position) });
  }

  totalText(words) {
    return fill(this.walk.texts.terms_total, words);
  }

  promptText() {
    return this.walk.texts.terms_prompt;
  }

  placeName(entry) {
    const { texts } = this.walk;
    const place = this.places[entry];
    return place ? fill(texts.place, { source: this.model.sourceName, ...place }) : texts.terms_padding;
  }

  shadeOf(value, entry) {
    return this.model.scales.source(value, this.places[entry]?.channel ?? 0);
  }

  sentence(entry) {
    const { left, right, sign } = this.factorsOf(entry);
    return fill(this.walk.texts.terms_term, {
      place: this.placeName(entry),
      value: formatNumber(this.inputs[entry], left),
      weight: formatNumber(this.weights[entry], right),
      sign,
      product: formatNumber(this.products[entry], this.digits),
    });
  }
}
