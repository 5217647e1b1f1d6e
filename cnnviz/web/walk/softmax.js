// Softmax class by class: e to the power of each score, their sum, the shares; temperature, and the loss for a true
// class.

import { cssColour } from "../shared/colour.js";
import { element, fill } from "../shared/dom.js";
import { PROBABILITY_DIGITS, formatNumber, formatPercent, valueText } from "../shared/format.js";
import { inBrackets, sumDigits } from "./digits.js";

/**
 * @param {ArrayLike<number>} logits
 * @param {number} temperature above 0
 */
export function softmaxOf(logits, temperature) {
  const scores = Array.from(logits, (value) => value / temperature);
  const top = Math.max(...scores);
  const powers = scores.map((value) => Math.exp(value - top));
  const sum = powers.reduce((total, value) => total + value, 0);
  return { scores, top, powers, sum, logSum: top + Math.log(sum), shares: powers.map((value) => value / sum) };
}

export class SoftmaxScene {
  constructor(walk) {
    this.walk = walk;
    this.table = element("table", { class: "walk-terms walk-softmax" });
    this.readout = element("p", { class: "walk-readout walk-formula" });
    this.temperature = element("input", { type: "range", min: -1, max: 1, step: 0.02, value: 0 });
    this.shownTemperature = element("output", {});
    this.target = element("select", {});
    this.loss = element("output", { class: "walk-loss" });
    this.labels = [element("span", {}), element("span", {})];
    this.temperature.addEventListener("input", () => this.paint(this.position));
    this.target.addEventListener("change", () => this.paint(this.position));
    this.table.addEventListener("click", (event) => this.pick(event.target.closest("tr[data-class]")));
    const knobs = element("div", { class: "walk-knobs" }, [
      element("label", {}, [this.labels[0], this.temperature, this.shownTemperature]),
      element("label", {}, [this.labels[1], this.target]),
      this.loss,
    ]);
    this.node = element("div", { class: "walk-scene" }, [this.table, this.readout, knobs]);
  }

  hold(model) {
    this.model = model;
    const { texts } = this.walk;
    this.labels[0].textContent = texts.temperature;
    this.labels[1].textContent = texts.true_class;
    const names = [...model.layer.output.values.keys()].map((k) => String(model.classes?.[k] ?? k));
    if (JSON.stringify(this.names) !== JSON.stringify(names)) {
      this.target.replaceChildren(...names.map((name, k) => element("option", { value: k }, [name])));
      this.target.value = String(model.layer.output.values.indexOf(Math.max(...model.layer.output.values)));
    }
    this.names = names;
  }

  pick(row) {
    if (row) this.walk.jump(Number(row.dataset.class));
  }

  paint(position) {
    this.position = position;
    const { model } = this;
    const { texts } = this.walk;
    const temperature = 10 ** Number(this.temperature.value);
    const made = softmaxOf(model.source.output.values, temperature);
    const shares = temperature === 1 ? [...model.layer.output.values] : made.shares;
    const { fine: powerDigits, coarse: totalDigits } = sumDigits(made.powers, made.sum, PROBABILITY_DIGITS);
    const { fine: shareDigits } = sumDigits(shares, 1, PROBABILITY_DIGITS);
    this.shownTemperature.textContent = formatNumber(temperature, 2);
    const head = [texts.class, texts.score, texts.power, texts.share, ""].map((text) =>
      element("th", { scope: "col" }, [text])
    );
    const veilFrom = this.walk.veilFrom(position);
    const rows = shares.map((share, k) =>
      this.row(k, made, share, { powerDigits, shareDigits, isVeiled: k >= veilFrom })
    );
    const foot = element(
      "tr",
      { class: "sum" },
      [texts.sum, "", formatNumber(made.sum, totalDigits), formatNumber(1, 0), ""].map((text) =>
        element("td", {}, [text])
      )
    );
    this.table.replaceChildren(
      element("thead", {}, [element("tr", {}, head)]),
      element("tbody", {}, rows),
      element("tfoot", {}, [foot])
    );
    this.describe(made, shares, { powerDigits, totalDigits, shareDigits });
  }

  row(k, made, share, { powerDigits, shareDigits, isVeiled }) {
    const shade = cssColour(this.model.tables.scores[Math.round(90 + share * 165)]);
    const texts = [
      valueText(made.scores[k]),
      formatNumber(made.powers[k], powerDigits),
      formatNumber(share, shareDigits),
    ];
    const cells = texts.map((text, i) => element("td", {}, [isVeiled && i > 0 ? "?" : text]));
    const bar = element(
      "td",
      { class: "walk-share" },
      isVeiled
        ? []
        : [
            element("i", { style: `width:${66 * share}%;background:${shade}` }),
            element("span", { style: `left:${66 * share}%` }, [formatPercent(share)]),
          ]
    );
    return element("tr", { "data-class": k, class: k === this.position ? "lit" : "" }, [
      element("th", { scope: "row" }, [this.names[k]]),
      ...cells,
      bar,
    ]);
  }

  describe(made, shares, { powerDigits, totalDigits, shareDigits }) {
    const { position } = this;
    const { texts } = this.walk;
    const hidden = this.walk.isHidden(position);
    this.readout.textContent = fill(texts.formula_softmax, {
      name: this.names[position],
      score: valueText(made.scores[position]),
      top: valueText(made.top),
      power: hidden ? "?" : formatNumber(made.powers[position], powerDigits),
      sum: formatNumber(made.sum, totalDigits),
      share: hidden ? "?" : formatNumber(shares[position], shareDigits),
      logsum: valueText(made.logSum),
    });
    const k = Number(this.target.value);
    const { fine, coarse } = sumDigits([made.logSum, -made.scores[k]], made.logSum - made.scores[k]);
    const isSecret = hidden && k === position; // the loss would give the guess away
    this.loss.textContent = fill(texts.loss, {
      name: this.names[k],
      share: isSecret ? "?" : formatNumber(shares[k], shareDigits),
      logsum: formatNumber(made.logSum, fine),
      score: inBrackets(made.scores[k], fine),
      loss: isSecret ? "?" : formatNumber(made.logSum - made.scores[k], coarse),
    });
  }
}
