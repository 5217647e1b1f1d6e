// The picture: large and in its colours, or small and as numbers under the hand; what the pointed-at cell reads is
// framed.

import { element, fill, putText } from "../shared/dom.js";
import { WeightGrid } from "../kernel_editor/grid.js";
import { ChannelTabs } from "../kernel_editor/tabs.js";
import { stepOf, weightText } from "../kernel_editor/weights.js";
import { MapFigure } from "../walk/mapfigure.js";
import { overhang, tapsOf } from "../walk/model.js";
import { paintColours } from "./colours.js";
import { ColourTabs, NumberField } from "../shared/controls.js";
import { MOST_NUMBERS } from "./resultpane.js";

export class PicturePane {
  /**
   * @param {{onPicture: (key: string) => void, onValues: (values: Float32Array, isFinal: boolean) => void, onSize:
   *   (rows: number, cols: number) => void}} answers
   */
  constructor(answers) {
    this.answers = answers;
    this.channel = 0;
    this.picked = 0;
    this.frame = 0;
    this.inColour = true;
    this.title = element("h2", {});
    this.list = element("select", { class: "lab-list" });
    this.list.addEventListener("change", () => answers.onPicture(this.list.value));
    this.tabs = new ChannelTabs((channel) => this.turn(channel));
    this.colourTabs = new ColourTabs((channel) => this.turn(channel));
    this.figure = new MapFigure({ onPoint: (row, col) => this.read(row, col), onLeave: () => this.leave() });
    this.grid = new WeightGrid({
      onPick: (at) => this.pick(at),
      onValue: (at, value, isFinal) => this.put(at, value, isFinal),
    });
    this.rows = new NumberField((rows) => answers.onSize(rows, this.layer.cols), { isPatient: true });
    this.cols = new NumberField((cols) => answers.onSize(this.layer.rows, cols), { isPatient: true });
    this.sizeLabel = element("span", { class: "kernel-label" });
    this.size = element("div", { class: "lab-size" }, [this.sizeLabel, this.rows.root, "×", this.cols.root]);
    this.readout = element("p", { class: "lab-readout" });
    this.root = element("section", { class: "lab-pane lab-picture" }, [
      this.title,
      this.list,
      this.tabs.root,
      this.colourTabs.root,
      this.grid.root,
      this.figure.node,
      this.size,
      this.readout,
    ]);
  }

  /** Whether a hand is at work on the numbers. */
  get isHeld() {
    return this.grid.isHeld;
  }

  show(scene, packet, side) {
    const [layer, result] = packet.layers;
    const stamp = JSON.stringify([
      side,
      scene.dark,
      this.channel,
      this.inColour,
      packet.unread,
      result.reads[0].axes,
      layer.shape,
      packet.texts.language,
    ]);
    const isAsBefore = stamp === this.stampOf && this.layer?.output === layer.output;
    this.stampOf = stamp;
    const isOther = this.layer?.output !== layer.output;
    Object.assign(this, { layer, result, scene, packet, texts: packet.texts, side });
    if (isAsBefore) return;
    if (isOther && !this.isHeld) this.values = Float32Array.from(layer.output.values);
    this.channel = Math.min(this.channel, layer.count - 1);
    this.title.textContent = this.texts.picture;
    this.isSmall = Math.max(layer.rows, layer.cols) <= MOST_NUMBERS;
    const hasColours = layer.count === 3 && layer.low === 0 && !this.isSmall;
    this.isColour = hasColours && this.inColour;
    for (const [part, isHere] of [
      [this.grid.root, this.isSmall],
      [this.size, this.isSmall],
      [this.figure.node, !this.isSmall],
    ])
      part.hidden = !isHere;
    this.tabs.show({ count: hasColours ? 1 : layer.count, chosen: this.channel, label: this.texts.channel });
    this.colourTabs.show({ isHere: hasColours, chosen: this.inColour ? null : this.channel, texts: this.texts });
    if (this.isSmall) this.showGrid();
    else this.showFigure();
    this.light(null);
  }

  writeList(pictures, key) {
    const stamp = JSON.stringify(pictures);
    if (stamp !== this.stamp)
      this.list.replaceChildren(...pictures.map(([value, title]) => element("option", { value }, [title])));
    this.stamp = stamp;
    this.list.value = key;
    this.list.setAttribute("aria-label", this.texts.picture);
  }

  showGrid() {
    const { layer, scene, texts } = this;
    const size = layer.rows * layer.cols;
    this.picked = Math.min(this.picked, size - 1);
    const values = this.values.subarray(this.channel * size, (this.channel + 1) * size);
    const half = Math.max(Math.abs(layer.low), Math.abs(layer.high));
    this.grid.show({
      rows: layer.rows,
      cols: layer.cols,
      values,
      picked: this.picked,
      half,
      low: layer.low,
      high: layer.high,
      step: stepOf(half),
      table: scene.tables.inputs,
      texts: texts.editor,
    });
    this.grid.root.setAttribute("aria-label", texts.picture);
    this.sizeLabel.textContent = texts.picture_size;
    this.rows.show({
      value: layer.rows,
      least: 1,
      most: MOST_NUMBERS,
      label: fill(texts.rows_of, { name: texts.picture }),
    });
    this.cols.show({
      value: layer.cols,
      least: 1,
      most: MOST_NUMBERS,
      label: fill(texts.cols_of, { name: texts.picture }),
    });
    const unread = packetUnread(this.packet);
    this.grid.fields.forEach(
      (field, at) => (field.dataset.unread = String(unread(Math.floor(at / layer.cols), at % layer.cols)))
    );
  }

  showFigure() {
    const { layer, result, scene } = this;
    const [{ axes }] = result.reads;
    const margin = axes ? { rows: overhang(axes.rows, layer.rows), cols: overhang(axes.cols, layer.cols) } : undefined;
    const atlas = this.isColour ? this.colours() : scene.atlases.get("map:0");
    this.figure.hold({
      atlas,
      channel: this.isColour ? 0 : this.channel,
      rows: layer.rows,
      cols: layer.cols,
      ink: scene.ink,
      caption: "",
      margin,
    });
    this.figure.size(this.side);
  }

  /** Red, green and blue as one picture. */
  colours() {
    if (this.colourOf === this.layer.output) return this.colourAtlas;
    this.colourOf = this.layer.output;
    this.colourAtlas = paintColours(this.layer.output.values, this.layer, this.colourAtlas);
    return this.colourAtlas;
  }

  /** Frames what a cell of the result reads; null: nothing. @param {?{row: number, col: number}} cell */
  light(cell) {
    if (!this.result) return;
    const { taps } = cell ? tapsOf({ layer: this.result }, cell.row, cell.col) : { taps: [] };
    if (this.isSmall) {
      const lit = new Set(
        taps.filter(({ row, col }) => row !== null && col !== null).map(({ row, col }) => row * this.layer.cols + col)
      );
      this.grid.fields.forEach((field, at) => (field.dataset.lit = String(lit.has(at))));
    } else {
      this.figure.paint({ taps });
      this.hatch();
    }
    this.rest();
  }

  /** Rows and columns that no window reads are hatched. */
  hatch() {
    const { rows, cols } = this.packet.unread;
    if (rows.length + cols.length === 0) return;
    const { figure, layer } = this;
    const context = figure.canvas.getContext("2d");
    const boxes = [...rows.map((row) => [row, 0, 1, layer.cols]), ...cols.map((col) => [0, col, layer.rows, 1])];
    context.save();
    context.beginPath();
    for (const [row, col, tall, wide] of boxes)
      context.rect(...figure.corner(row, col), wide * figure.cell, tall * figure.cell);
    context.clip();
    context.fillStyle = this.scene.ink.halo;
    context.fillRect(0, 0, figure.wide * figure.cell, figure.tall * figure.cell);
    context.strokeStyle = this.scene.ink.accent;
    context.lineWidth = 1.2;
    context.beginPath();
    const [w, h] = [figure.wide * figure.cell, figure.tall * figure.cell];
    for (let x = -h; x < w; x += 5) {
      context.moveTo(x, h);
      context.lineTo(x + h, 0);
    }
    context.stroke();
    context.restore();
  }

  leave() {
    this.pointed = null;
    this.rest();
  }

  /** What is said of the cell that is pointed at; else of the whole image. */
  rest() {
    const { rows, cols } = this.packet.unread;
    const { pointed, layer } = this;
    if (pointed && !this.isSmall && pointed.row < layer.rows && pointed.col < layer.cols)
      return this.read(pointed.row, pointed.col);
    putText(this.readout, rows.length + cols.length > 0 ? this.texts.unread : this.isSmall ? this.texts.own_hint : "");
    return undefined;
  }

  read(row, col) {
    this.pointed = { row, col };
    const { layer, texts } = this;
    const value = (channel) => weightText(layer.output.values[(channel * layer.rows + row) * layer.cols + col], 4);
    if (this.isColour)
      this.readout.textContent = fill(texts.read_colour, {
        row,
        col,
        red: value(0),
        green: value(1),
        blue: value(2),
      });
    else this.readout.textContent = fill(texts.read_picture, { row, col, value: value(this.channel) });
  }

  /** Another channel; null: all three as colours. */
  turn(channel) {
    this.inColour = channel === null;
    this.channel = channel ?? 0;
    this.show(this.scene, this.packet, this.side);
  }

  pick(at) {
    this.picked = at;
    this.showGrid();
  }

  put(at, value, isFinal) {
    const size = this.layer.rows * this.layer.cols;
    this.values[this.channel * size + at] = value;
    this.showGrid();
    this.isFinal = isFinal;
    if (this.frame === 0) this.frame = requestAnimationFrame(() => this.tell());
  }

  tell() {
    this.frame = 0;
    this.answers.onValues(this.values.slice(), this.isFinal);
  }
}

function packetUnread({ unread }) {
  const [rows, cols] = [new Set(unread.rows), new Set(unread.cols)];
  return (row, col) => rows.has(row) || cols.has(col);
}
