// The arithmetic of each kind of layer that takes cells from elsewhere: sums, products, moved cells, means, weights,
// and softmax along an axis.

import { readsOf } from "../network/reads.js";
import { fill } from "../shared/dom.js";
import { extentOf } from "../shared/extent.js";
import { PROBABILITY_DIGITS, formatNumber, valueText } from "../shared/format.js";
import { decimalsOf } from "../shared/sums.js";
import { columnDigits, inBrackets, meanDigits, productDigits, quotientDigits, sumDigits } from "./digits.js";
import { cellOfStep } from "./model.js";
import { SourcesScene } from "./sourcesscene.js";

const MOST_WRITTEN = 16; // terms in one line
const MOST_LINES = 12; // of a table

function writtenSum(terms, digits, texts) {
  if (terms.length > MOST_WRITTEN) return fill(texts.terms, { count: terms.length });
  return terms
    .map((term) => formatNumber(term, digits))
    .join(" + ")
    .replaceAll("+ −", "− ");
}

/** Terms that are values times factors: the sentence of their sum, and a line for each. */
function weightedSum(scene, { places, values, factors, total, hide }) {
  const { texts } = scene.walk;
  const terms = values.map((value, at) => value * factors[at]);
  const { fine, coarse, sign } = sumDigits(terms, total);
  const { left, right } = columnDigits(values, factors, terms, fine);
  const rows = places.map((place, at) => [
    place,
    factors[at] === 1 ? "" : `${formatNumber(values[at], left)} × ${inBrackets(factors[at], right)}`,
    formatNumber(terms[at], fine),
  ]);
  const shown = hide ? hide() : formatNumber(total, coarse);
  return { formula: fill(texts.formula_sum, { terms: writtenSum(terms, fine, texts), sign, result: shown }), rows };
}

export class AdditionScene extends SourcesScene {
  signBetween() {
    return this.model.layer.settings.scales[1] < 0 ? "−" : "+";
  }

  tell(inputs, total, hide) {
    const places = inputs.map((input) => this.placeOf(input));
    const values = inputs.map((input) => input.values[0]);
    return weightedSum(this, { places, values, factors: this.model.layer.settings.scales, total, hide });
  }
}

export class MultiplicationScene extends SourcesScene {
  signBetween() {
    return this.model.layer.type === "div" ? "÷" : "×";
  }

  tell(inputs, total, hide) {
    const [first, second] = inputs.map((input) => input.values[0]);
    const isQuotient = this.model.layer.type === "div";
    const { texts } = this.walk;
    const made = isQuotient ? quotientDigits(first, second, total) : productDigits(first, second, total);
    const [left, right] = isQuotient ? [made.fine, made.fine] : [made.left, made.right];
    const words = {
      first: formatNumber(first, left),
      second: inBrackets(second, right),
      sign: made.sign,
      result: hide ? hide() : formatNumber(total, made.coarse),
    };
    const rows = [first, second].map((value, at) => [
      this.placeOf(inputs[at]),
      formatNumber(value, at === 0 ? left : right),
    ]);
    return { formula: fill(isQuotient ? texts.formula_quotient : texts.formula_product, words), rows };
  }
}

/** Joined, split, exchanged, cropped, padded: a cell that lay elsewhere, or that nothing lay here. */
export class MovedScene extends SourcesScene {
  tell(inputs, total, hide) {
    const { texts } = this.walk;
    const from = inputs.find((input) => input.values.length > 0);
    const value = hide ? hide() : valueText(total);
    const nothing = this.model.kind === "padding" ? texts.moved_padding : texts.moved_constant;
    const words = { place: from && this.placeOf(from), value };
    return { formula: fill(from ? texts.moved : nothing, words), rows: [] };
  }
}

/** A mean, a sum, the largest or the smallest value along some axes. */
export class ReductionScene extends SourcesScene {
  tell([input], total, hide) {
    const { texts } = this.walk;
    const { type } = this.model.layer;
    const { values } = input;
    const count = values.length;
    if (type === "amax") return this.tellExtreme(input, total, hide, texts.formula_largest);
    if (type === "amin") return this.tellExtreme(input, total, hide, texts.formula_smallest);
    if (type === "sum") {
      const { fine, coarse, sign } = sumDigits(values, total);
      const result = hide ? hide() : formatNumber(total, coarse);
      return { formula: fill(texts.formula_sum, { terms: writtenSum(values, fine, texts), sign, result }), rows: [] };
    }
    return { formula: this.meanOf(values, count, total, hide), rows: [] };
  }

  meanOf(values, divisor, total, hide) {
    const { texts } = this.walk;
    const { sum, fine, middle, coarse, sign } = meanDigits(values, divisor, total);
    return fill(texts.formula_mean, {
      terms: writtenSum(values, fine, texts),
      sum: hide ? hide() : formatNumber(sum, middle),
      divisor,
      sign,
      result: hide ? hide() : formatNumber(total, coarse),
    });
  }

  tellExtreme(input, total, hide, words) {
    const { values } = input;
    const at = values.indexOf(total);
    const result = hide ? hide() : formatNumber(total, decimalsOf(values));
    const place = hide ? hide() : this.placeOf(input, Math.max(0, at));
    return { formula: fill(words, { count: values.length, result, place }), rows: [] };
  }
}

/** A pooling along one axis or three: the largest of the cells under the window, or their mean. */
export class PoolingNdScene extends ReductionScene {
  tell([input], total, hide) {
    const { values } = input;
    const { divisors } = this.model.layer;
    if (!divisors) return this.tellExtreme(input, total, hide, this.walk.texts.formula_largest);
    const { row, col, channel } = cellOfStep(this.model, this.position);
    const { depth = [1], rows = [1], cols } = divisors;
    const divisor = depth[channel % depth.length] * (rows[row] ?? 1) * cols[col];
    return { formula: this.meanOf(values, divisor, total, hide), rows: [] };
  }
}

/** A larger map: one cell (nearest), or up to four with weights (bilinear). */
export class UpsamplingScene extends SourcesScene {
  tell([input], total, hide) {
    const { axes } = readsOf(this.model.layer);
    const { row, col } = cellOfStep(this.model, this.position);
    const factors = axes.rows.weights[row].flatMap((down) => axes.cols.weights[col].map((across) => down * across));
    const { values } = input;
    if (values.length === 1 && factors[0] === 1) {
      const words = { place: this.placeOf(input), value: hide ? hide() : valueText(total) };
      return { formula: fill(this.walk.texts.moved, words), rows: [] };
    }
    const places = values.map((_, at) => this.placeOf(input, at));
    return weightedSum(this, { places, values, factors, total, hide });
  }
}

/** Softmax, or its logarithm, along an axis of a map or of a vector inside the network. */
export class SoftmaxAlongScene extends SourcesScene {
  tell([input], total, hide) {
    const { texts } = this.walk;
    const { values, places } = input;
    const own = this.ownOf(places);
    const [, top] = extentOf(values);
    const powers = values.map((value) => Math.exp(value - top));
    const sum = powers.reduce((made, one) => made + one, 0);
    const digits = decimalsOf([total], PROBABILITY_DIGITS);
    const isLog = this.model.layer.type === "LogSoftmax";
    const terms = [values[own] - top, -Math.log(sum)];
    const { fine, coarse, sign } = isLog ? sumDigits(terms, total) : quotientDigits(powers[own], sum, total, digits);
    const formula = fill(isLog ? texts.formula_log_softmax : texts.formula_softmax_along, {
      score: valueText(values[own]),
      top: valueText(top),
      power: formatNumber(powers[own], fine),
      shifted: formatNumber(terms[0], fine),
      logsum: inBrackets(-terms[1], fine),
      sum: formatNumber(sum, fine),
      sign,
      result: hide ? hide() : formatNumber(total, coarse),
    });
    const order = [...powers.keys()].sort((a, b) => powers[b] - powers[a]).slice(0, MOST_LINES);
    const rows = order.map((at) => [this.placeOf(input, at), valueText(values[at]), formatNumber(powers[at], fine)]);
    const lit = order.includes(own) ? order.indexOf(own) + 1 : null;
    return { formula, rows: [["", texts.score_before, texts.power], ...rows], lit };
  }

  /** Which of the cells along the axis is the one in its own place. */
  ownOf(places) {
    const { channel, row, col } = cellOfStep(this.model, this.position);
    const isHere = (one) => one.channel === channel && one.row === row && one.col === col;
    const own = places.findIndex(isHere);
    return own >= 0 ? own : this.position; // a vector that stands there as units, or as a strip
  }
}
