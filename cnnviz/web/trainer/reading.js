// The points of a chart as numbers: the one nearest to the pointer, or the one that the keys lead to.

import { element, fill, putText } from "../shared/dom.js";
import { isPlainKey } from "../shared/plainkey.js";
import { listenToPointing } from "../shared/pointing.js";

const NEAR_POINT = 60; // pixels from the pointer to a point, at most

export class ChartReading {
  /** @param {object} chart `curves`, `x`, `y`, `texts`, `read`, `at`, `ink`, `cursor`, `canvas` */
  constructor(chart) {
    this.chart = chart;
    this.place = null; // {curve, at}
    this.root = element("p", { class: "tr-small tr-reading", "aria-live": "polite" });
    listenToPointing(
      chart.canvas,
      (event) => this.point(event),
      () => this.go(null)
    );
    chart.canvas.addEventListener("keydown", (event) => this.key(event));
    chart.canvas.addEventListener("blur", () => this.go(null));
  }

  /** Curves grow: the place stays as long as there is such a point. */
  show() {
    const { place, chart } = this;
    if (place && !(place.at < (chart.curves[place.curve]?.xs.length ?? 0))) this.place = null;
    this.write();
  }

  go(place) {
    this.place = place;
    this.write();
    this.chart.paint(this.chart.cursor ?? null);
  }

  write() {
    const { curves, texts, read, at } = this.chart;
    if (!texts) return;
    const curve = this.place && curves[this.place.curve];
    const [x, y] = curve ? [curve.xs[this.place.at], curve.ys[this.place.at]] : [];
    putText(this.root, curve ? fill(texts.point, { name: curve.name, at: at(x), value: read(y) }) : "");
    this.chart.canvas.title = texts.chart_keys;
  }

  point(event) {
    const box = this.chart.canvas.getBoundingClientRect();
    const [px, py] = [event.clientX - box.left, event.clientY - box.top];
    let best = { distance: NEAR_POINT };
    this.chart.curves.forEach(({ xs, ys }, curve) => {
      for (let at = 0; at < xs.length; at += 1) {
        if (!Number.isFinite(ys[at])) continue;
        const distance = Math.hypot(this.chart.x(xs[at]) - px, this.chart.y(ys[at]) - py);
        if (distance < best.distance) best = { distance, curve, at };
      }
    });
    const isSame = best.curve === this.place?.curve && best.at === this.place?.at;
    if (!isSame) this.go(best.curve === undefined ? null : { curve: best.curve, at: best.at });
  }

  key(event) {
    const { curves } = this.chart;
    const along = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
    const across = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const filled = curves.map((_curve, at) => at).filter((at) => curves[at].xs.length > 0);
    const isOurs = along !== undefined || across !== undefined;
    if (!isOurs || filled.length === 0 || !isPlainKey(event)) return;
    event.preventDefault();
    const { curve, at } = this.place ?? { curve: filled[0], at: -1 };
    if (across !== undefined) this.turn(filled, curve, at, across);
    else this.go({ curve, at: Math.max(0, Math.min(curves[curve].xs.length - 1, at + along)) });
  }

  /** To another curve, at the point next to where one was. */
  turn(filled, curve, at, across) {
    const { curves } = this.chart;
    const next = filled[(filled.indexOf(curve) + across + filled.length) % filled.length];
    const x = at < 0 ? -Infinity : curves[curve].xs[at];
    const found = Array.from(curves[next].xs).findIndex((other) => other >= x);
    this.go({ curve: next, at: found < 0 ? curves[next].xs.length - 1 : found });
  }

  /** A ring around the point. */
  paint(context) {
    const curve = this.place && this.chart.curves[this.place.curve];
    if (!curve) return;
    const { at } = this.place;
    context.strokeStyle = this.chart.ink.accent;
    context.lineWidth = 2;
    context.beginPath();
    context.arc(this.chart.x(curve.xs[at]), this.chart.y(curve.ys[at]), 5, 0, 2 * Math.PI);
    context.stroke();
  }
}
