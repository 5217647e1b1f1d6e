// Pictures as points in a plane: how the last layer before the scores tells them apart, class by class.

import { clearCanvas } from "../shared/canvas.js";
import { element, fill } from "../shared/dom.js";

const PLANE_TALL = 300;
const EDGE_OF_PLANE = 14;

export class Scatter {
  /** @param {{onMethod: (method: string) => void}} answers */
  constructor({ onMethod }) {
    this.title = element("h3", {});
    this.buttons = ["pca", "tsne"].map((method) => {
      const button = element("button", { type: "button", "data-method": method });
      button.addEventListener("click", () => onMethod(method));
      return button;
    });
    this.canvas = element("canvas", { class: "tr-scatter", role: "img" });
    this.note = element("p", { class: "tr-small" });
    this.root = element("section", { class: "tr-embedding" }, [
      element("div", { class: "tr-plot-head" }, [
        this.title,
        element("span", { class: "tr-choice", role: "group" }, this.buttons),
      ]),
      this.canvas,
      this.note,
    ]);
  }

  /**
   * @param {{points: ?{shape: number[], values: Float32Array}, labels: number[], method: string, step: number, note:
   *   string, classes: string[], texts: Record<string, any>, wide: number, ink: object, dark: boolean}} shown
   */
  show(shown) {
    const { texts, method, step, points, wide, note } = shown;
    this.title.textContent = points ? fill(texts.embedding, { step }) : texts.embedding_title;
    for (const button of this.buttons) {
      button.textContent = texts.methods[button.dataset.method];
      button.title = texts.method_hints[button.dataset.method];
      button.setAttribute("aria-pressed", String(button.dataset.method === method));
    }
    this.canvas.setAttribute("aria-label", this.title.textContent);
    this.note.textContent = note;
    const context = clearCanvas(this.canvas, wide, PLANE_TALL);
    if (points) this.paint(context, shown);
  }

  paint(context, { points, labels, classes, wide, ink, dark }) {
    const place = placing(points, wide);
    const colours = classes.map((_name, at) => classColour(at, classes.length, dark));
    const sums = classes.map(() => [0, 0, 0]);
    labels.forEach((label, at) => {
      const [x, y] = place(at);
      context.fillStyle = colours[label];
      context.beginPath();
      context.arc(x, y, 2.8, 0, 2 * Math.PI);
      context.fill();
      sums[label] = [sums[label][0] + x, sums[label][1] + y, sums[label][2] + 1];
    });
    context.font = "bold 13px sans-serif";
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineWidth = 3;
    sums.forEach(([x, y, n], at) => {
      if (n === 0) return;
      context.strokeStyle = ink.halo;
      context.strokeText(classes[at], x / n, y / n);
      context.fillStyle = ink.text;
      context.fillText(classes[at], x / n, y / n);
    });
  }
}

/** Where a point lies on the canvas; both axes have the same scale. */
function placing({ values, shape }, wide) {
  const ends = [0, 1].map((axis) => {
    let [low, high] = [Infinity, -Infinity];
    for (let at = 0; at < shape[0]; at += 1) {
      low = Math.min(low, values[2 * at + axis]);
      high = Math.max(high, values[2 * at + axis]);
    }
    return [low, high];
  });
  const [w, h] = [wide - 2 * EDGE_OF_PLANE, PLANE_TALL - 2 * EDGE_OF_PLANE];
  const scale = Math.min(w / Math.max(ends[0][1] - ends[0][0], 1e-9), h / Math.max(ends[1][1] - ends[1][0], 1e-9));
  const middle = ends.map(([low, high]) => (low + high) / 2);
  return (at) => [
    wide / 2 + (values[2 * at] - middle[0]) * scale,
    PLANE_TALL / 2 - (values[2 * at + 1] - middle[1]) * scale,
  ];
}

/** Colours as far apart as there are classes. @param {number} at @param {number} count @param {boolean} dark */
export function classColour(at, count, dark) {
  const light = [dark ? 66 : 44, dark ? 56 : 34][at % 2];
  return `hsl(${Math.round((360 * at) / count + 12)}, 70%, ${light}%)`;
}
