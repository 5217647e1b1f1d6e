// The curves of activations, to draw and to find decimals: the values on screen are PyTorch's.

import { clearCanvas, fitCanvas } from "../shared/canvas.js";
import { element } from "../shared/dom.js";

const SQRT2 = Math.SQRT2;

/** The error function: a series of positive terms, exact to the last figures. */
function erf(x) {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let k = 1; Math.abs(term) > 1e-17 * Math.abs(sum); k += 1) {
    term *= (2 * x * x) / (2 * k + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

const sigmoid = (x) => 1 / (1 + Math.exp(-x));

const softplus = (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))); // log(1 + e^x) without overflow
const hardGate = (x) => Math.min(Math.max(x + 3, 0), 6) / 6;
const clipped = (x, { min_val: low, max_val: high }) => Math.min(Math.max(x, low ?? -Infinity), high ?? Infinity);
const SELU = { alpha: 1.6732632423543772, scale: 1.0507009873554805 }; // Klambauer et al., 2017

/** @returns {?(x: number) => number} null for a type that is not known */
export function curveOf({ type, settings }) {
  const { numbers = {} } = settings;
  const curves = {
    PReLU: (x) => (x > 0 ? x : settings.slope * x),
    ReLU6: (x) => Math.min(Math.max(0, x), 6),
    ELU: (x) => (x > 0 ? x : numbers.alpha * Math.expm1(x)),
    CELU: (x) => Math.max(0, x) + Math.min(0, numbers.alpha * Math.expm1(x / numbers.alpha)),
    SELU: (x) => SELU.scale * (x > 0 ? x : SELU.alpha * Math.expm1(x)),
    Mish: (x) => x * Math.tanh(softplus(x)),
    Hardswish: (x) => x * hardGate(x),
    Hardsigmoid: hardGate,
    Hardtanh: (x) => clipped(x, numbers),
    clamp: (x) => clipped(x, numbers),
    Softplus: (x) => (x * numbers.beta > numbers.threshold ? x : softplus(x * numbers.beta) / numbers.beta),
    LogSigmoid: (x) => -softplus(-x),
    Softsign: (x) => x / (1 + Math.abs(x)),
    exp: Math.exp,
    abs: Math.abs,
    neg: (x) => -x,
    sqrt: Math.sqrt,
    square: (x) => x * x,
    pow: (x) => x ** numbers.exponent,
    ReLU: (x) => Math.max(0, x),
    LeakyReLU: (x) => (x > 0 ? x : settings.slope * x),
    Tanh: Math.tanh,
    Sigmoid: sigmoid,
    SiLU: (x) => x * sigmoid(x),
    Identity: (x) => x,
    GELU: (x) =>
      0.5 *
      x *
      (1 +
        (settings.approximate === "tanh"
          ? Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))
          : erf(x / SQRT2))),
  };
  return curves[type] ?? null;
}

/** What batch normalisation makes of a value with these numbers: what PyTorch would give in training. */
export function normalised(value, { mean, variance, epsilon, gamma, beta }) {
  return ((value - mean) / Math.sqrt(variance + epsilon)) * gamma + beta;
}

/** The layer with the slope of a channel, where it has learned one for all or one for each. */
export function withOwnSlope(layer, channelOf) {
  if (layer.type !== "PReLU" || !layer.weight) return layer;
  const { values } = layer.weight;
  return { ...layer, settings: { ...layer.settings, slope: values[channelOf(values.length)] } };
}

/** The numbers of a function as they are written in its formula. */
export function numbersOfFormula({ settings }) {
  const text = (value) => String(Number(value.toPrecision(6))).replace("-", "−");
  const { numbers = {} } = settings;
  const ends = { min_val: "−∞", max_val: "∞" };
  const named = Object.entries(numbers).map(([name, value]) => [name, value === null ? ends[name] : text(value)]);
  return { slope: text(settings.slope), ...Object.fromEntries(named) };
}

/** A curve with axes through 0 and the point of the present cell. */
export class CurveFigure {
  constructor() {
    this.canvas = element("canvas", {});
    this.caption = element("figcaption", {});
    this.node = element("figure", { class: "walk-curve" }, [this.caption, this.canvas]);
  }

  /** @param {number} reach how far the x axis goes on both sides */
  hold(curve, reach, side, ink, name) {
    Object.assign(this, { curve, reach, ink, side: Math.min(side, 300) });
    this.caption.textContent = name;
    const samples = curve ? Array.from({ length: 121 }, (_, i) => curve(reach * (i / 60 - 1))) : [];
    const finite = samples.filter(Number.isFinite);
    this.high = Math.max(0.1 * reach, ...finite);
    this.low = Math.min(-0.15 * this.high, ...finite);
    this.samples = samples;
    fitCanvas(this.canvas, this.side, this.side);
  }

  place(x, y) {
    const inner = this.side - 24;
    return [
      12 + ((x + this.reach) / (2 * this.reach)) * inner,
      12 + ((this.high - y) / (this.high - this.low)) * inner,
    ];
  }

  /** @param {number} x @param {?number} y null: not revealed yet */
  paint(x, y) {
    const context = clearCanvas(this.canvas, this.side, this.side);
    const [zeroX, zeroY] = this.place(0, 0);
    this.stroke(
      context,
      [
        [12, zeroY],
        [this.side - 12, zeroY],
      ],
      this.ink.faint,
      1
    );
    this.stroke(
      context,
      [
        [zeroX, 12],
        [zeroX, this.side - 12],
      ],
      this.ink.faint,
      1
    );
    this.stroke(
      context,
      this.samples.map((value, i) => this.place(this.reach * (i / 60 - 1), value)),
      this.ink.text,
      2
    );
    const [px, py] = this.place(x, y ?? 0);
    this.stroke(
      context,
      [
        [px, zeroY],
        [px, py],
        [zeroX, py],
      ],
      this.ink.accent,
      1.2
    );
    if (y === null) return;
    context.fillStyle = this.ink.accent;
    context.beginPath();
    context.arc(px, py, 5.5, 0, 2 * Math.PI);
    context.fill();
  }

  stroke(context, points, colour, width) {
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.beginPath();
    points.forEach(([x, y], i) => (i === 0 ? context.moveTo(x, y) : context.lineTo(x, y)));
    context.stroke();
  }
}
