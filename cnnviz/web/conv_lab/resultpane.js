// The result: the open map large, with its legend, all maps small, a histogram, what the formula says.

import { clearCanvas } from "../shared/canvas.js";
import { fitEnds } from "../shared/celltext.js";
import { cssColour, gradientOf, tableIndex } from "../shared/colour.js";
import { element, fill, putText } from "../shared/dom.js";
import { formatNumber } from "../shared/format.js";
import { weightText } from "../kernel_editor/weights.js";
import { MapFigure } from "../walk/mapfigure.js";
import { colourSpan } from "./colours.js";
import { NumberTable } from "./numbertable.js";
import { Thumbnails } from "./thumbnails.js";

const WIDEST_LEGEND = 380;
export const MOST_NUMBERS = 12; // cells on a side that are shown as numbers

export class ResultPane {
  /**
   * @param {{onPoint: (row: number, col: number) => void, onPick: (row: number, col: number) => void, onLeave: () =>
   *   void, onOpen: (unit: number) => void}} answers
   */
  constructor(answers) {
    this.answers = answers;
    this.table = new NumberTable(answers);
    this.figure = new MapFigure(answers);
    this.title = element("h2", {});
    this.shape = element("p", { class: "lab-shape" });
    this.wantsColour = null; // until the reader chooses, a picture in colour shows its result in colour
    this.maps = new Thumbnails((unit) => this.open(unit));
    this.legend = element("div", { class: "lab-legend" });
    this.readout = element("p", { class: "lab-readout", "aria-live": "polite" });
    this.bars = element("canvas", { class: "lab-bars", role: "img" });
    this.barsTitle = element("p", { class: "lab-small" });
    this.sums = element("p", { class: "lab-small" });
    this.words = element("div", { class: "lab-words" });
    this.root = element("section", { class: "lab-pane lab-result" }, [
      this.title,
      this.shape,
      this.table.root,
      this.figure.node,
      this.legend,
      this.readout,
      this.maps.root,
      this.barsTitle,
      this.bars,
      this.sums,
      this.words,
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
    const span = layer.count === 3 ? colourSpan(layer.output.values) : null;
    Object.assign(this, { layer, unit, texts, values, span, scene, packet, side });
    this.isColour = Boolean(span) && (this.wantsColour ?? isInColour(packet));
    putText(this.title, texts.result);
    putText(this.shape, packet.words.shape);
    const isSmall = Math.max(rows, cols) <= MOST_NUMBERS && !this.isColour;
    this.table.root.hidden = !isSmall;
    this.figure.node.hidden = isSmall;
    this.maps.show({ scene, layer, unit, half, span, isColour: this.isColour, texts });
    if (isSmall)
      this.table.show({
        values,
        rows,
        cols,
        table: scene.tables.activations,
        low: -half,
        high: half,
        side,
        label: fill(texts.map, { index: unit }),
      });
    else this.showFigure(scene, side, rows, cols);
    this.showLegend(scene, half);
    this.showBars(scene, packet.histogram, half, side);
    putText(this.barsTitle, layer.count > 1 ? fill(texts.histogram_of, { index: unit }) : texts.histogram);
    putText(this.sums, statistics(values, texts));
    this.showWords(packet.words);
    this.mark(null);
  }

  showFigure(scene, side, rows, cols) {
    const [atlas, channel] = this.isColour ? [this.maps.colours, 0] : [scene.atlases.get("map:1"), this.unit];
    this.figure.hold({ atlas, channel, rows, cols, ink: scene.ink, caption: "" });
    this.figure.size(side);
    this.figure.paint({});
  }

  /** @param {?{row: number, col: number}} cell under the pointer */
  mark(cell) {
    if (!this.table.root.hidden) this.table.mark(cell);
    else this.figure.paint({ marked: cell });
    putText(this.readout, cell ? this.said(cell) : this.texts.point);
  }

  /** What stands in a cell, in words. */
  said({ row, col }) {
    const { rows, cols, output } = this.layer;
    const value = (unit) => weightText(output.values[(unit * rows + row) * cols + col], this.isColour ? 4 : 6);
    if (this.isColour)
      return fill(this.texts.read_colour, {
        row,
        col,
        red: value(0),
        green: value(1),
        blue: value(2),
      });
    return fill(this.texts.read_result, { row, col, value: value(this.unit) });
  }

  showLegend(scene, half) {
    const { low, high } = this.span ?? {};
    const stamp = JSON.stringify([scene.dark, half, this.isColour, low, high]);
    if (stamp === this.legendOf) return;
    this.legendOf = stamp;
    if (this.isColour) {
      const words = fill(this.texts.colour_scale, { low: weightText(low, 3), high: weightText(high, 3) });
      this.legend.replaceChildren(element("span", {}, [words]));
      return;
    }
    const bar = element("i", { style: `background: ${gradientOf(scene.tables.activations)}` });
    const ends = fitEnds(-half, half, {
      room: Math.min(this.side, WIDEST_LEGEND),
      size: 11,
    }).map((text) => element("em", {}, [text]));
    this.legend.replaceChildren(bar, element("span", {}, ends));
  }

  /** Another map; null: all three as one picture in colour. */
  open(unit) {
    const isOther = this.isColour !== (unit === null);
    if (this.span) this.wantsColour = unit === null;
    if (unit !== null) this.answers.onOpen(unit);
    if (isOther) this.show(this.scene, this.packet, this.side);
  }

  /** How often each value occurs: bars in the colours of their values. */
  showBars(scene, { counts, reach }, half, side) {
    const [w, h] = [side, 56];
    this.bars.setAttribute("aria-label", this.texts.histogram);
    const context = clearCanvas(this.bars, w, h);
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

/** Whether the picture is in colour and each of its colours went its own way. */
function isInColour({ layers: [picture, result], setup }) {
  const isApart = setup.groups === 3 || !["convolution", "transposed"].includes(setup.operation);
  return picture.count === 3 && picture.low === 0 && isApart && Math.max(result.rows, result.cols) > MOST_NUMBERS;
}

function statistics(values, texts) {
  const sum = values.reduce((total, value) => total + value, 0);
  const [least, most] = [
    values.reduce((a, b) => Math.min(a, b), Infinity),
    values.reduce((a, b) => Math.max(a, b), -Infinity),
  ];
  const write = (value) => (Number.isInteger(value) ? weightText(value) : formatNumber(value, 3));
  return [
    [texts.smallest, least],
    [texts.mean, sum / values.length],
    [texts.largest, most],
  ]
    .map(([text, value]) => fill(text, { value: write(value) }))
    .join(" · ");
}
