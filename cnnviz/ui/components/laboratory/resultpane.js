// The result: the open map large, with its legend, all maps small, a histogram, what the formula says.

import { copyMap } from "../explorer/atlas.js";
import { cssColour, tableIndex } from "../shared/colour.js";
import { element, fill } from "../shared/dom.js";
import { formatNumber } from "../shared/format.js";
import { weightText } from "../kernel_editor/weights.js";
import { MapFigure } from "../walk/mapfigure.js";
import { NumberTable } from "./numbertable.js";

export const MOST_NUMBERS = 12; // cells on a side that are shown as numbers
const THUMB = 54;

export class ResultPane {
  /** @param {{onPoint: (row: number, col: number) => void, onPick: (row: number, col: number) => void, onLeave: () => void, onOpen: (unit: number) => void}} answers */
  constructor(answers) {
    this.answers = answers;
    this.table = new NumberTable(answers);
    this.figure = new MapFigure(answers);
    this.title = element("h3", {});
    this.shape = element("p", { class: "lab-shape" });
    this.maps = element("div", { class: "lab-maps", role: "group" });
    this.maps.addEventListener("click", (event) => this.open(event.target.closest("button")));
    this.legend = element("div", { class: "lab-legend" });
    this.readout = element("p", { class: "lab-readout", "aria-live": "polite" });
    this.bars = element("canvas", { class: "lab-bars" });
    this.sums = element("p", { class: "lab-small" });
    this.words = element("div", { class: "lab-words" });
    this.root = element("section", { class: "lab-pane lab-result" }, [
      this.title, this.shape, this.table.root, this.figure.node, this.legend, this.readout, this.maps, this.bars, this.sums, this.words,
    ]);
  }

  /** @param {object} scene as the walk gets it @param {object} packet @param {number} side pixels there are */
  show(scene, packet, side) {
    const { texts } = packet;
    const layer = packet.layers[1];
    const unit = scene.open.channel;
    const { rows, cols } = layer;
    const half = layer.ranges.layer || 1;
    const values = layer.output.values.subarray(unit * rows * cols, (unit + 1) * rows * cols);
    Object.assign(this, { layer, unit, texts, values });
    this.title.textContent = texts.result;
    this.shape.textContent = packet.words.shape;
    const isSmall = Math.max(rows, cols) <= MOST_NUMBERS;
    this.table.root.hidden = !isSmall;
    this.figure.node.hidden = isSmall;
    if (isSmall) this.table.show({ values, rows, cols, table: scene.tables.activations, low: -half, high: half, label: fill(texts.map, { index: unit }) });
    else this.showFigure(scene, side, rows, cols);
    this.showLegend(scene, half);
    this.showMaps(scene, layer);
    this.showBars(scene, packet.histogram, half, side);
    this.sums.textContent = statistics(values, texts);
    this.showWords(packet.words);
    this.mark(null);
  }

  showFigure(scene, side, rows, cols) {
    this.figure.hold({ atlas: scene.atlases.get("map:1"), channel: this.unit, rows, cols, ink: scene.ink, caption: "" });
    this.figure.size(side);
    this.figure.paint({});
  }

  /** @param {?{row: number, col: number}} cell under the pointer */
  mark(cell) {
    if (!this.table.root.hidden) this.table.mark(cell);
    else this.figure.paint({ marked: cell });
    if (!cell) this.readout.textContent = this.texts.point;
    else this.readout.textContent = fill(this.texts.read_result, { ...cell, value: weightText(this.values[cell.row * this.layer.cols + cell.col], 6) });
  }

  showLegend(scene, half) {
    const stamp = `${scene.dark} ${half}`;
    if (stamp === this.legendOf) return;
    this.legendOf = stamp;
    const stops = Array.from({ length: 17 }, (_, i) => cssColour(scene.tables.activations[Math.round((i / 16) * 255)]));
    const bar = element("i", { style: `background: linear-gradient(to right, ${stops.join(", ")})` });
    const ends = [-half, 0, half].map((value) => element("em", {}, [weightText(value, 3)]));
    this.legend.replaceChildren(bar, element("span", {}, ends));
  }

  showMaps(scene, layer) {
    this.maps.hidden = layer.count < 2;
    this.maps.setAttribute("aria-label", this.texts.maps);
    if (this.maps.childElementCount !== layer.count) {
      this.maps.replaceChildren(...Array.from({ length: layer.count }, (_, unit) => element("button", { type: "button", "data-unit": unit }, [element("canvas", { width: THUMB, height: THUMB }), element("span", {}, [String(unit)])])));
    }
    if (this.maps.hidden) return;
    [...this.maps.children].forEach((button, unit) => {
      button.setAttribute("aria-pressed", String(unit === this.unit));
      button.setAttribute("aria-label", fill(this.texts.map, { index: unit }));
      const context = button.firstChild.getContext("2d");
      const cell = THUMB / Math.max(layer.rows, layer.cols);
      const [w, h] = [layer.cols * cell, layer.rows * cell];
      context.clearRect(0, 0, THUMB, THUMB);
      copyMap(context, scene.atlases.get("map:1"), unit, { x: (THUMB - w) / 2, y: (THUMB - h) / 2, w, h });
    });
  }

  open(button) {
    if (button) this.answers.onOpen(Number(button.dataset.unit));
  }

  /** How often each value occurs: bars in the colours of their values. */
  showBars(scene, { counts, reach }, half, side) {
    const ratio = window.devicePixelRatio || 1;
    const [w, h] = [side, 56];
    if (this.bars.width !== Math.round(w * ratio)) Object.assign(this.bars, { width: Math.round(w * ratio), height: Math.round(h * ratio) });
    Object.assign(this.bars.style, { width: `${w}px`, height: `${h}px` });
    this.bars.title = this.texts.histogram;
    const context = this.bars.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, w, h);
    const most = Math.log1p(Math.max(...counts));
    const wide = w / counts.length;
    counts.forEach((count, i) => {
      if (count === 0) return;
      const value = ((i + 0.5) / counts.length) * 2 * reach - reach;
      const tall = Math.max(2, (Math.log1p(count) / most) * (h - 2));
      context.fillStyle = cssColour(scene.tables.activations[tableIndex(value, -half, half)]);
      context.fillRect(i * wide + 0.5, h - tall, wide - 1, tall);
      context.strokeStyle = scene.ink.faint;
      context.strokeRect(i * wide + 0.5, h - tall, wide - 1, tall);
    });
  }

  showWords(words) {
    const stamp = JSON.stringify(words);
    if (stamp === this.wordsOf) return;
    this.wordsOf = stamp;
    const { formulas, unread, parameters, notes } = words;
    const lines = formulas.map(([name, formula]) => element("p", {}, [element("b", {}, [name]), ` ${formula}`]));
    const rest = [unread, parameters, ...notes].filter(Boolean).map((text) => element("p", {}, [text]));
    this.words.replaceChildren(...lines, ...rest);
  }
}

function statistics(values, texts) {
  const sum = values.reduce((total, value) => total + value, 0);
  const [least, most] = [values.reduce((a, b) => Math.min(a, b), Infinity), values.reduce((a, b) => Math.max(a, b), -Infinity)];
  const write = (value) => (Number.isInteger(value) ? weightText(value) : formatNumber(value, 3));
  return [[texts.smallest, least], [texts.mean, sum / values.length], [texts.largest, most]].map(([text, value]) => fill(text, { value: write(value) })).join(" · ");
}
