// A line chart under the finger: curves against steps, a cursor at the moment that is looked at.

import { clearCanvas } from "../shared/canvas.js";
import { element, putText } from "../shared/dom.js";
import { ChartReading } from "./reading.js";

const TALL = 190;
const EDGE = { left: 46, right: 10, top: 10, bottom: 22 };

/**
 * @typedef {{xs: ArrayLike<number>, ys: ArrayLike<number>, colour: string, name: string, width?: number,
 *   dash?: number[], dots?: boolean}} Curve
 */

export class Chart {
  /** @param {{name: string, onScrub: (step: number, isFinal: boolean) => void}} made */
  constructor({ name, onScrub }) {
    this.onScrub = onScrub;
    this.curves = [];
    this.heading = element("h2", {});
    this.value = element("span", { class: "tr-value" });
    this.extra = element("span", { class: "tr-extra" });
    this.note = element("p", { class: "tr-small" });
    this.canvas = element("canvas", { class: "tr-chart", role: "img", tabindex: 0 });
    this.reading = new ChartReading(this);
    this.root = element("section", { class: "tr-plot", "data-chart": name }, [
      element("div", { class: "tr-plot-head" }, [this.heading, this.value, this.extra]),
      this.note,
      this.canvas,
      this.reading.root,
    ]);
    this.listen();
  }

  listen() {
    this.canvas.addEventListener("pointerdown", (event) => {
      this.isHeld = true;
      this.canvas.setPointerCapture(event.pointerId);
      this.scrub(event, false);
    });
    this.canvas.addEventListener("pointermove", (event) => this.isHeld && this.scrub(event, false));
    for (const name of ["pointerup", "pointercancel"]) {
      this.canvas.addEventListener(name, (event) => {
        if (this.isHeld) this.scrub(event, true);
        this.isHeld = false;
      });
    }
  }

  scrub(event, isFinal) {
    if (!this.last) return;
    const share = (event.clientX - this.canvas.getBoundingClientRect().left - EDGE.left) / this.plotWide();
    this.onScrub(Math.round(Math.max(0, Math.min(1, share)) * this.last), isFinal);
  }

  plotWide() {
    return Math.max(1, this.wide - EDGE.left - EDGE.right);
  }

  /** Widths are read when they change, not while painting. */
  measure() {
    this.wide = Math.max(180, Math.floor(this.root.clientWidth));
  }

  /**
   * @param {{title: string, note: string, label: string, first: string, curves: Curve[], last: number, high?: number,
   *   isLog?: boolean, write: (value: number) => string, ink: object, read: (value: number) => string,
   *   at: (x: number) => string, texts: object}} shown `read`, `at`: how a point is read
   */
  show(shown) {
    const { note, ...rest } = shown;
    Object.assign(this, rest);
    putText(this.heading, shown.title);
    putText(this.note, note); // in one short sentence, what the chart says
    this.canvas.setAttribute("aria-label", shown.label);
    this.span = spanOf(shown);
    this.reading.show();
    this.paint(this.cursor ?? null);
  }

  /** @param {?number} cursor the step that is looked at */
  paint(cursor) {
    this.cursor = cursor;
    if (!this.ink) return;
    if (!this.wide) this.measure();
    const context = clearCanvas(this.canvas, this.wide, TALL);
    this.paintGrid(context);
    context.save();
    context.beginPath();
    context.rect(EDGE.left - 2, EDGE.top - 4, this.plotWide() + 6, TALL - EDGE.top - EDGE.bottom + 8);
    context.clip();
    for (const curve of this.curves) this.paintCurve(context, curve);
    context.restore();
    if (cursor !== null && this.last > 0) this.paintCursor(context, cursor);
    this.reading.paint(context);
  }

  x(step) {
    return EDGE.left + (step / Math.max(1, this.last)) * this.plotWide();
  }

  y(value) {
    const { low, high } = this.span;
    const place = this.isLog
      ? (Math.log10(Math.max(value, low)) - Math.log10(low)) / (Math.log10(high) - Math.log10(low))
      : (value - low) / (high - low);
    return TALL - EDGE.bottom - place * (TALL - EDGE.top - EDGE.bottom);
  }

  paintGrid(context) {
    const { ink } = this;
    context.font = "11px sans-serif";
    context.strokeStyle = ink.ground;
    context.fillStyle = ink.soft;
    context.textBaseline = "middle";
    context.textAlign = "right";
    for (const value of ticksOf(this.span, this.isLog)) {
      const y = Math.round(this.y(value)) + 0.5;
      strokeLine(context, EDGE.left, y, this.wide - EDGE.right, y);
      context.fillText(this.write(value), EDGE.left - 5, y);
    }
    context.textBaseline = "alphabetic";
    for (const step of ticksOf({ low: 0, high: this.last }, false, 4).filter(Number.isInteger)) {
      const x = this.x(step);
      context.textAlign = step === 0 ? "left" : x > this.wide - EDGE.right - 22 ? "right" : "center";
      context.fillText(step === 0 ? this.first : String(step), x, TALL - 6);
    }
    context.strokeStyle = ink.faint;
    strokeLine(context, EDGE.left, TALL - EDGE.bottom + 0.5, this.wide - EDGE.right, TALL - EDGE.bottom + 0.5);
  }

  paintCurve(context, { xs, ys, colour, width = 1.5, dash = [], dots = false }) {
    context.strokeStyle = colour;
    context.fillStyle = colour;
    context.lineWidth = width;
    context.setLineDash(dash);
    context.beginPath();
    let isOn = false;
    for (let i = 0; i < xs.length; i += 1) {
      const isNumber = Number.isFinite(ys[i]);
      if (isNumber) context[isOn ? "lineTo" : "moveTo"](this.x(xs[i]), this.y(ys[i]));
      isOn = isNumber;
    }
    context.stroke();
    context.setLineDash([]);
    if (!dots || xs.length > 60) return;
    for (let i = 0; i < xs.length; i += 1) {
      if (!Number.isFinite(ys[i])) continue;
      context.beginPath();
      context.arc(this.x(xs[i]), this.y(ys[i]), 2.4, 0, 2 * Math.PI);
      context.fill();
    }
  }

  paintCursor(context, step) {
    const x = Math.round(this.x(Math.min(step, this.last))) + 0.5;
    context.strokeStyle = this.ink.accent;
    context.lineWidth = 1.5;
    strokeLine(context, x, EDGE.top - 6, x, TALL - EDGE.bottom);
  }
}

function strokeLine(context, x0, y0, x1, y1) {
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
}

/** From where to where the values go: 0 is in it, unless the scale is one of powers. */
function spanOf({ curves, high, isLog }) {
  let [least, most] = [Infinity, -Infinity];
  for (const { ys } of curves) {
    for (let i = 0; i < ys.length; i += 1) {
      if (!Number.isFinite(ys[i]) || (isLog && ys[i] <= 0)) continue;
      least = Math.min(least, ys[i]);
      most = Math.max(most, ys[i]);
    }
  }
  if (isLog) {
    if (most <= 0) return { low: 0.01, high: 1 };
    const low = 10 ** Math.floor(Math.log10(Math.max(least, most * 1e-6)));
    return { low, high: Math.max(10 ** Math.ceil(Math.log10(most)), low * 10) };
  }
  return { low: 0, high: high ?? (most > 0 ? most * 1.05 : 1) };
}

/**
 * Round numbers between two ends.
 * @param {{low: number, high: number}} span
 * @param {boolean} isLog
 * @param {number} [count] about as many
 * @returns {number[]}
 */
export function ticksOf({ low, high }, isLog, count = 4) {
  if (isLog) {
    const [first, last] = [Math.round(Math.log10(low)), Math.round(Math.log10(high))];
    const gap = Math.max(1, Math.ceil((last - first) / count));
    return Array.from({ length: Math.floor((last - first) / gap) + 1 }, (_, i) => 10 ** (first + i * gap));
  }
  if (!(high > low)) return [low];
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const gap = power * [1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999);
  const ticks = [];
  for (let k = Math.ceil(low / gap); k * gap <= high * (1 + 1e-9); k += 1)
    ticks.push(Number((k * gap).toPrecision(12)));
  return ticks;
}
