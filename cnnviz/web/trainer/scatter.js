// Pictures as points in a plane: how the last layer before the scores tells them apart, class by class.

import { clearCanvas } from "../shared/canvas.js";
import { element, fill, putText } from "../shared/dom.js";
import { isPlainKey } from "../shared/plainkey.js";
import { listenToPointing } from "../shared/pointing.js";
import { PlaneBar } from "./planebar.js";

const PLANE_TALL = 300;
const EDGE_OF_PLANE = 14;
const NEAR_IMAGE = 14; // pixels from the pointer to a point, at most

export class Scatter {
  /** @param {{onChange: (change: object) => void, onImage: (index: number) => void}} answers */
  constructor({ onChange, onImage }) {
    this.onImage = onImage;
    this.at = null; // which point is read
    this.title = element("h3", {});
    this.bar = new PlaneBar(onChange);
    this.canvas = element("canvas", { class: "tr-scatter", role: "img", tabindex: 0 });
    this.reading = element("p", { class: "tr-small tr-reading", "aria-live": "polite" });
    this.note = element("p", { class: "tr-small" });
    this.root = element("section", { class: "tr-embedding" }, [
      element("div", { class: "tr-plot-head" }, [this.title, this.bar.choice]),
      this.bar.numbers,
      this.canvas,
      this.reading,
      this.note,
    ]);
    listenToPointing(
      this.canvas,
      (event) => this.go(this.nearest(event)),
      () => this.go(null)
    );
    this.canvas.addEventListener("click", () => this.at !== null && this.onImage(this.at));
    this.canvas.addEventListener("keydown", (event) => this.key(event));
  }

  /**
   * @param {{points: ?{shape: number[], values: Float32Array}, labels: number[], predicted: number[], method: string,
   *   step: number, note: string, classes: string[], texts: Record<string, any>, wide: number, ink: object,
   *   dark: boolean, aspect: object}} shown
   */
  show(shown) {
    const { texts, method, step, points, note, aspect, layers, layer } = shown;
    this.shown = shown;
    this.title.textContent = points ? fill(texts.embedding, { step }) : texts.embedding_title;
    if (layers.length > 0) this.layers = layers; // none are known while the first plane is made
    this.bar.show({ texts, method, aspect, layers: this.layers ?? [], layer });
    this.canvas.setAttribute("aria-label", this.title.textContent);
    this.canvas.title = texts.embedding_keys;
    this.note.textContent = note;
    this.go(this.at !== null && points && this.at < points.shape[0] ? this.at : null);
  }

  /** Another point is read. @param {?number} at */
  go(at) {
    this.at = at;
    if (!this.shown) return;
    const { points, labels, predicted, classes, texts, wide } = this.shown;
    const words = { index: at, truth: classes[labels[at]], guess: classes[predicted[at]] };
    putText(this.reading, at === null ? "" : fill(texts.embedding_point, words));
    const context = clearCanvas(this.canvas, wide, PLANE_TALL);
    if (points) this.paint(context, this.shown);
  }

  nearest({ clientX, clientY }) {
    const { points, wide } = this.shown ?? {};
    if (!points) return null;
    const box = this.canvas.getBoundingClientRect();
    const place = placing(points, wide);
    let best = { distance: NEAR_IMAGE, at: null };
    for (let at = 0; at < points.shape[0]; at += 1) {
      const [x, y] = place(at);
      const distance = Math.hypot(x - clientX + box.left, y - clientY + box.top);
      if (distance < best.distance) best = { distance, at };
    }
    return best.at;
  }

  key(event) {
    const count = this.shown?.points?.shape[0] ?? 0;
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
    if (count === 0 || !isPlainKey(event)) return;
    if (event.key === "Enter" && this.at !== null) this.onImage(this.at);
    else if (step !== undefined) this.go(Math.max(0, Math.min(count - 1, (this.at ?? -1) + step)));
    else return;
    event.preventDefault();
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
    if (this.at === null) return;
    context.strokeStyle = ink.accent;
    context.lineWidth = 2;
    context.beginPath();
    context.arc(...place(this.at), 6, 0, 2 * Math.PI);
    context.stroke();
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
