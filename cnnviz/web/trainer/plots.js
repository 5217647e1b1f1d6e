// The three charts of the runs: loss, accuracy, gradient norms by layer; a second run is drawn dashed.

import { element, fill, putText } from "../shared/dom.js";
import { formatNumber } from "../shared/format.js";
import { Chart } from "./chart.js";
import { coloursOf, curveNames, epochCurves, isTested, layerColour, normCurves, stepCurves } from "./curves.js";
import { lossText, pointAt, shareText, tickText } from "./words.js";

export class Plots {
  /**
   * @param {{onScrub: (step: number, isFinal: boolean) => void, onLog: (isLog: boolean) => void, isLog: boolean}}
   *   answers `isLog`: whether the loss begins on a logarithmic axis
   */
  constructor({ onScrub, onLog, isLog }) {
    Object.assign(this, { onLog, isLog });
    this.isByEpoch = false;
    const scrub = (name) => (x, isFinal) =>
      onScrub(this.isByEpoch && name !== "norms" ? x * this.stepsAnEpoch() : x, isFinal);
    this.charts = Object.fromEntries(
      ["loss", "accuracy", "norms"].map((name) => [name, new Chart({ name, onScrub: scrub(name) })])
    );
    this.axis = element(
      "span",
      { class: "tr-choice", role: "group" },
      ["per_step", "per_epoch"].map((axis) => {
        const button = element("button", { type: "button", "data-axis": axis });
        button.addEventListener("click", () => this.turnAxis(axis === "per_epoch"));
        return button;
      })
    );
    this.log = element("button", { type: "button", class: "tr-small-button", "aria-pressed": "false" });
    this.log.addEventListener("click", () => this.turnLog());
    this.charts.loss.extra.append(this.log);
    this.legend = element("p", { class: "tr-legend tr-small" });
    this.root = element("div", { class: "tr-plots" }, [
      element("div", { class: "tr-axis" }, [this.axis]),
      ...Object.values(this.charts).map((chart) => chart.root),
      this.legend,
    ]);
  }

  turnLog() {
    this.isLog = !this.isLog;
    this.onLog(this.isLog);
    this.show(this.shown);
  }

  measure() {
    for (const chart of Object.values(this.charts)) chart.measure();
  }

  /** @param {{runs: object[], last: number, at: ?number, scene: object}} shown */
  show(shown) {
    const { runs, at, scene } = shown;
    const { texts, ink } = scene;
    this.shown = shown;
    this.log.textContent = texts.log;
    this.log.title = texts.log_hint;
    this.log.setAttribute("aria-pressed", String(this.isLog));
    this.showAxis(texts);
    const usual = { ink, texts, last: this.lastOf(shown), first: this.atText(0), at: (x) => this.atText(x) };
    const curves = (name) => runs.flatMap((run) => (this.isByEpoch ? epochCurves : stepCurves)(run, name, scene));
    const { loss, accuracy, norms } = this.charts;
    loss.show({
      ...usual,
      title: texts.loss,
      note: texts.loss_note,
      label: texts.loss_label,
      curves: curves("loss"),
      isLog: this.isLog,
      write: tickText,
      read: exactText,
    });
    accuracy.show({
      ...usual,
      title: texts.accuracy,
      note: texts.accuracy_note,
      label: texts.accuracy_label,
      curves: curves("accuracy"),
      high: 1,
      write: (value) => `${Math.round(100 * value)} %`,
      read: exactText,
    });
    norms.show({
      ...usual,
      last: shown.last,
      first: fill(texts.at_step, { step: 0 }),
      at: (step) => fill(texts.at_step, { step }),
      title: texts.norms,
      note: texts.norms_note,
      label: texts.norms_label,
      curves: runs.flatMap((run) => normCurves(run, scene)),
      isLog: true,
      write: tickText,
      read: exactText,
    });
    this.writeLegend(runs, scene);
    this.mark(at);
  }

  showAxis(texts) {
    this.axis.setAttribute("aria-label", texts.axis);
    for (const button of this.axis.children) {
      putText(button, texts[button.dataset.axis]);
      button.setAttribute("aria-pressed", String((button.dataset.axis === "per_epoch") === this.isByEpoch));
    }
  }

  turnAxis(isByEpoch) {
    this.isByEpoch = isByEpoch;
    this.stamp = null;
    if (this.shown) this.show(this.shown);
  }

  /** The end of the axis: a step, or an epoch. */
  lastOf({ runs, last }) {
    if (!this.isByEpoch) return last;
    return Math.max(1, ...runs.map(({ curves }) => curves?.epochs?.numbers.values.at(-1) ?? 0));
  }

  atText(x) {
    const { texts } = this.shown.scene;
    return this.isByEpoch ? fill(texts.at_epoch, { epoch: x }) : fill(texts.at_step, { step: x });
  }

  stepsAnEpoch() {
    return this.shown?.runs.at(-1)?.curves?.steps_an_epoch || 1;
  }

  /** The cursor, and the values that it is at. @param {?number} at */
  mark(at) {
    if (!this.shown) return;
    const { runs, scene } = this.shown;
    const { loss, accuracy, norms } = this.charts;
    const isEpoch = this.isByEpoch && at !== null && at !== undefined;
    for (const chart of [loss, accuracy]) chart.paint(isEpoch ? at / this.stepsAnEpoch() : at);
    norms.paint(at);
    for (const [name, write] of [
      ["loss", lossText],
      ["accuracy", shareText],
    ]) {
      const parts = runs.map((run) => this.reading(run, name, at ?? run.step, write, scene.texts)).filter(Boolean);
      this.charts[name].value.textContent = parts.join("   ");
    }
  }

  /** The last evaluation up to a step, with the step that it is of. */
  reading(run, name, step, write, texts) {
    const found =
      run.curves && pointAt({ xs: run.curves.checks.steps.values, ys: run.curves.checks[name].values }, step);
    if (!found) return "";
    return [run.letter, fill(texts.on_validation, { value: write(found.y), step: found.x })].filter(Boolean).join(" ");
  }

  writeLegend(runs, scene) {
    const { texts, dark } = scene;
    const layers = runs.at(-1)?.curves?.layers ?? [];
    const stamp = JSON.stringify([texts.language, dark, runs.map((run) => [run.letter, isTested(run)]), layers]);
    if (stamp === this.stamp) return;
    this.stamp = stamp;
    const marks = runs.flatMap((run) => {
      const colours = coloursOf(run, scene);
      const thick = run.isKept ? "dashed" : "thick";
      const names = curveNames(run, texts, this.isByEpoch);
      return [
        legendKey(names.training, colours.training, "thin"),
        legendKey(names.validation, colours.validation, thick),
        ...(isTested(run) && !this.isByEpoch ? [legendKey(names.test, colours.test, thick)] : []),
      ];
    });
    const deep = layers.map((name, at) => legendKey(name, layerColour(at, layers.length, dark), "thick"));
    this.legend.replaceChildren(...marks, element("span", { class: "tr-gap" }), ...deep);
  }
}

function legendKey(text, colour, size) {
  return element("span", { class: "tr-key" }, [
    element("i", { "data-size": size, style: `border-color: ${colour}` }),
    text,
  ]);
}

/** A value as it is read at a point. @param {number} value */
function exactText(value) {
  const size = Math.abs(value);
  return size !== 0 && (size < 0.001 || size >= 100_000) ? value.toExponential(3) : formatNumber(value, 4);
}
