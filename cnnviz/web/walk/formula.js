// Batch normalisation and dropout: a formula with this cell's numbers, as the network is used and as in training.

import { element, fill } from "../shared/dom.js";
import { formatNumber, valueText } from "../shared/format.js";
import { readsOf } from "../network/reads.js";
import { BetweenMaps, sourceChannelOf } from "./cellscenes.js";
import { normalised } from "./curves.js";
import { inBrackets, normalisationDigits } from "./digits.js";
import { inputsAt } from "./inputs.js";
import { numberOfCell, outputAt, ownChannel, tapValue } from "./model.js";

/** Mean and variance (divided by n) of some cells. */
function momentsOf(values) {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  return { count, mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count };
}

export class FormulaScene extends BetweenMaps {
  constructor(walk) {
    const list = element("dl", { class: "walk-list" });
    const box = element("input", { type: "checkbox" });
    const words = element("span", {});
    super(
      walk,
      element("div", { class: "walk-formula-middle" }, [element("label", { class: "walk-guess" }, [box, words]), list])
    );
    Object.assign(this, { list, box, words });
    box.addEventListener("change", () => {
      this.holdMiddle();
      this.paint(this.position);
    });
  }

  /** Whether the layer is shown as in training. */
  get isTraining() {
    return this.box.checked && Boolean(this.model.layer.training);
  }

  holdMiddle() {
    this.words.textContent = this.walk.texts.as_in_training;
    this.box.parentElement.hidden = !this.model.layer.training;
  }

  writeStatistics() {
    const rows = this.model.kind === "normalisation" ? Object.entries(this.statistics()) : [];
    const { texts } = this.walk;
    this.list.replaceChildren(
      ...rows.flatMap(([name, value]) => [
        element("dt", {}, [texts[name]]),
        element("dd", {}, [name === "count" ? valueText(value) : formatNumber(value, 6)]),
      ])
    );
  }

  /** The numbers of this cell's normalisation; in training those of this one picture. */
  statistics() {
    const { layer } = this.model;
    const of = (field, otherwise) =>
      field ? field.values[ownChannel(this.model, this.position, field.values.length)] : otherwise;
    const from = this.isTraining ? layer.training : layer;
    const unbiased = this.isTraining ? { unbiased: of(layer.training.unbiased, 0) } : {};
    const moments = this.isByImage
      ? momentsOf(inputsAt(this.model, this.position)[0].values)
      : { mean: of(from.mean, 0), variance: of(from.variance, 1), ...unbiased };
    return { ...moments, epsilon: layer.settings.epsilon, gamma: this.own("weight", 1), beta: this.own("bias", 0) };
  }

  /** Whether mean and variance are those of the cells of this image that are read. */
  get isByImage() {
    return this.model.kind === "normalisation" && readsOf(this.model.layer).cells !== "own";
  }

  /** Its scale or shift: one for each channel, or one for each place on the axes that are normalised. */
  own(name, otherwise) {
    const { layer } = this.model;
    if (!layer[name]) return otherwise;
    const { values } = layer[name];
    const at = numberOfCell(this.model, this.position);
    const isAlong = layer.settings.is_along;
    return values[isAlong ? at % values.length : ownChannel(this.model, this.position, values.length)];
  }

  paintMiddle({ row, col, isHidden, taps }) {
    const { model } = this;
    const value = tapValue(model, sourceChannelOf(model), taps[0]);
    this.writeStatistics();
    const said = model.kind === "normalisation" ? this.normalised(value, row, col) : this.dropped(value, row, col);
    this.readout.textContent = isHidden ? this.walk.texts.formula_hidden : said;
  }

  normalised(value, row, col) {
    const numbers = this.statistics();
    const { mean, variance, epsilon, gamma, beta } = numbers;
    const y = this.isTraining ? normalised(value, numbers) : outputAt(this.model, row, col);
    const { fine, coarse, sign } = normalisationDigits({ value, mean, variance, epsilon, gamma, beta }, y);
    const shown = Object.fromEntries(Object.entries(numbers).map(([name, number]) => [name, inBrackets(number, fine)]));
    const { texts } = this.walk;
    const words = fill(texts.formula_norm, {
      ...shown,
      epsilon: String(epsilon),
      x: formatNumber(value, fine),
      y: formatNumber(y, coarse),
      sign,
    });
    if (this.isByImage) return `${words} · ${fill(texts.norm_image, { count: numbers.count })}`;
    return this.isTraining ? `${words} · ${texts.norm_training}` : words;
  }

  dropped(value, row, col) {
    const { model } = this;
    const { texts } = this.walk;
    const { layer } = model;
    const p = layer.settings.probability;
    const x = valueText(value);
    if (!this.isTraining) return fill(texts.formula_dropout, { x, y: valueText(outputAt(model, row, col)), p });
    const isKept = layer.training.mask.values[(model.channel * layer.rows + row) * layer.cols + col] === 1;
    return fill(isKept ? texts.dropout_kept : texts.dropout_dropped, {
      x,
      p,
      y: valueText(isKept ? value / (1 - p) : 0),
    });
  }
}
