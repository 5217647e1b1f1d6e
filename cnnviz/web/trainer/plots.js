// The three charts of the runs: loss, accuracy, gradient norms by layer; a second run is drawn dashed.

import { element, fill } from "../shared/dom.js";
import { Chart } from "./chart.js";
import { lossText, pointAt, shareText, tickText } from "./words.js";

const CURVE_DASH = [5, 4];

export class Plots {
  /**
   * @param {{onScrub: (step: number, isFinal: boolean) => void, onLog: (isLog: boolean) => void, isLog: boolean}}
   *   answers `isLog`: whether the loss begins on a logarithmic axis
   */
  constructor({ onScrub, onLog, isLog }) {
    Object.assign(this, { onLog, isLog });
    this.charts = Object.fromEntries(["loss", "accuracy", "norms"].map((name) => [name, new Chart({ name, onScrub })]));
    this.log = element("button", { type: "button", class: "tr-small-button", "aria-pressed": "false" });
    this.log.addEventListener("click", () => this.turnLog());
    this.charts.loss.extra.append(this.log);
    this.legend = element("p", { class: "tr-legend tr-small" });
    this.root = element("div", { class: "tr-plots" }, [
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
    const { runs, last, at, scene } = shown;
    const { texts, ink } = scene;
    this.shown = shown;
    this.log.textContent = texts.log;
    this.log.title = texts.log_hint;
    this.log.setAttribute("aria-pressed", String(this.isLog));
    const usual = { last, ink, first: fill(texts.at_step, { step: 0 }) };
    const { loss, accuracy, norms } = this.charts;
    loss.show({
      ...usual,
      title: texts.loss,
      note: texts.loss_note,
      label: texts.loss_label,
      curves: runs.flatMap((run) => curvesOf(run, "loss", scene)),
      isLog: this.isLog,
      write: tickText,
    });
    accuracy.show({
      ...usual,
      title: texts.accuracy,
      note: texts.accuracy_note,
      label: texts.accuracy_label,
      curves: runs.flatMap((run) => curvesOf(run, "accuracy", scene)),
      high: 1,
      write: (value) => `${Math.round(100 * value)} %`,
    });
    norms.show({
      ...usual,
      title: texts.norms,
      note: texts.norms_note,
      label: texts.norms_label,
      curves: runs.flatMap((run) => normsOf(run, scene)),
      isLog: true,
      write: tickText,
    });
    this.writeLegend(runs, scene);
    this.mark(at);
  }

  /** The cursor, and the values that it is at. @param {?number} at */
  mark(at) {
    if (!this.shown) return;
    const { runs, scene } = this.shown;
    for (const chart of Object.values(this.charts)) chart.paint(at);
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

  writeLegend(runs, { texts, series, dark }) {
    const layers = runs.at(-1)?.curves?.layers ?? [];
    const stamp = JSON.stringify([texts.language, dark, runs.map((run) => run.letter), layers]);
    if (stamp === this.stamp) return;
    this.stamp = stamp;
    const marks = runs.flatMap((run) => {
      const { training, validation } = series[dark ? "dark" : "light"][run.isKept ? "kept" : "run"];
      const name = (text) => [run.letter, text].filter(Boolean).join(" ");
      return [
        legendKey(name(texts.training), training, "thin"),
        legendKey(name(texts.validation), validation, run.isKept ? "dashed" : "thick"),
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

function curvesOf(run, name, { series, dark }) {
  const { curves } = run;
  if (!curves) return [];
  const { training, validation } = series[dark ? "dark" : "light"][run.isKept ? "kept" : "run"];
  return [
    { xs: curves.steps.values, ys: curves[name].values, colour: training, width: 1 },
    {
      xs: curves.checks.steps.values,
      ys: curves.checks[name].values,
      colour: validation,
      width: 2.2,
      dash: run.isKept ? CURVE_DASH : [],
      dots: !run.isKept,
    },
  ];
}

function normsOf(run, { dark }) {
  const { curves } = run;
  if (!curves?.norms) return [];
  const [count, layers] = curves.norms.shape;
  return Array.from({ length: layers }, (_, layer) => ({
    xs: curves.norm_steps.values,
    ys: Float32Array.from({ length: count }, (_v, at) => curves.norms.values[at * layers + layer]),
    colour: layerColour(layer, layers, dark),
    width: 1.3,
    dash: run.isKept ? CURVE_DASH : [],
  }));
}

/** From the first layer to the last: from blue over violet to red. */
function layerColour(at, count, dark) {
  return `hsl(${210 + (count > 1 ? (150 * at) / (count - 1) : 0)}, 65%, ${dark ? 66 : 45}%)`;
}
