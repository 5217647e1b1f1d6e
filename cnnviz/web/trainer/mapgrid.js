// Many small maps side by side, kernels or feature maps, each readable cell by cell.

import { clearCanvas } from "../shared/canvas.js";
import { copyMap, paintAtlas } from "../shared/atlas.js";
import { endText } from "../shared/celltext.js";
import { gradientOf } from "../shared/colour.js";
import { element, fill, putText } from "../shared/dom.js";
import { digitsFor, formatNumber } from "../shared/format.js";
import { isPlainKey } from "../shared/plainkey.js";

const MAP_GAP = 4;
const LEAST_DIGITS = 4; // decimals of a cell; more where all of them are small

export class MapGrid {
  /** @param {{name: string, least: number, most: number}} made `least`, `most`: pixels that a map is to be wide */
  constructor({ name, least, most }) {
    Object.assign(this, { least, most });
    this.title = element("h3", {});
    this.canvas = element("canvas", { class: "tr-maps", role: "img", "data-maps": name, tabindex: 0 });
    this.at = null; // the cell that the keys lead to: {index, row, col}
    this.readout = element("p", { class: "tr-small", "aria-live": "polite" });
    this.ends = [0, 1].map(() => element("span", {}));
    this.ramp = element("i", {});
    this.legend = element("span", { class: "tr-scale" }, [this.ends[0], this.ramp, this.ends[1]]);
    this.root = element("section", { class: "tr-grid" }, [
      element("div", { class: "tr-grid-head" }, [this.title, this.legend]),
      this.canvas,
      this.readout,
    ]);
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    this.canvas.addEventListener("blur", () => this.leave());
    this.canvas.addEventListener("pointermove", (event) => this.read(event));
    this.canvas.addEventListener("pointerleave", () => {
      this.pointer = null;
      this.readout.textContent = "";
    });
  }

  /**
   * @param {{field: {shape: number[], values: Float32Array}, scale: {table: Uint32Array, low: number, high: number},
   *   title: string, text: string, wide: number, ink: object}} shown `text` names a cell: {index}, {row}, {col},
   *   {value}
   */
  show({ field, scale, title, text, wide, ink }) {
    const [count, rows, cols] = field.shape;
    putText(this.title, title);
    this.writeScale(scale);
    this.canvas.setAttribute("aria-label", title);
    Object.assign(this, { field, text, digits: Math.max(LEAST_DIGITS, digitsFor(scale.high)) });
    this.place(count, rows, cols, wide);
    this.atlas = paintAtlas(field.values, { count, rows, cols }, () => scale, this.atlas);
    const context = clearCanvas(this.canvas, wide, this.high);
    for (let index = 0; index < count; index += 1) {
      const rect = this.rectOf(index);
      copyMap(context, this.atlas, index, rect);
      context.strokeStyle = ink.faint;
      context.strokeRect(rect.x - 0.5, rect.y - 0.5, rect.w + 1, rect.h + 1);
    }
    if (this.pointer) this.read(this.pointer); // the cell under it has another number now
    else if (this.at) this.readAt(this.at);
  }

  /** Which colour stands for which number: the same for every cell of the grid. */
  writeScale({ table, low, high }) {
    [low, high].forEach((value, at) => putText(this.ends[at], endText(value)));
    if (this.table === table) return;
    this.table = table;
    this.ramp.style.background = gradientOf(table);
  }

  /** In as few rows as leave a map its size, the rows as even as can be; whole pixels where a cell can have them. */
  place(count, rows, cols, wide) {
    for (let down = 1; ; down += 1) {
      const across = Math.ceil(count / down);
      const room = Math.min(this.most, Math.floor((wide - 2) / across) - MAP_GAP);
      const cell = room >= cols ? Math.floor(room / cols) : room / cols;
      if (cell * cols < this.least && across > 1) continue;
      Object.assign(this, { cell, across, count, size: { w: cell * cols, h: cell * rows } });
      this.high = Math.ceil(count / across) * (cell * rows + MAP_GAP);
      return;
    }
  }

  rectOf(index) {
    const { w, h } = this.size;
    return {
      x: 1 + (index % this.across) * (w + MAP_GAP),
      y: 1 + Math.floor(index / this.across) * (h + MAP_GAP),
      w,
      h,
    };
  }

  /** Arrows go from cell to cell, on into the next map; Page Up and Page Down from map to map. */
  key(event) {
    if (!this.field || !isPlainKey(event)) return;
    const [count, rows, cols] = this.field.shape;
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -cols, ArrowDown: cols };
    const steps = { ...by, PageUp: -rows * cols, PageDown: rows * cols, Home: -Infinity, End: Infinity };
    if (!(event.key in steps)) return;
    event.preventDefault();
    const { index = 0, row = 0, col = 0 } = this.at ?? {};
    const before = this.at ? (index * rows + row) * cols + col : 0;
    const next = this.at ? before + steps[event.key] : event.key === "End" ? Infinity : 0;
    const cell = Math.max(0, Math.min(count * rows * cols - 1, next));
    this.pointer = null;
    this.at = { index: Math.floor(cell / (rows * cols)), row: Math.floor(cell / cols) % rows, col: cell % cols };
    this.readAt(this.at);
  }

  readAt({ index, row, col }) {
    const [count, rows, cols] = this.field.shape;
    const isThere = index < count && row < rows && col < cols;
    const value = this.field.values[(index * rows + row) * cols + col];
    this.readout.textContent = isThere
      ? fill(this.text, { index, row, col, value: formatNumber(value, this.digits) })
      : "";
  }

  leave() {
    this.at = null;
    if (!this.pointer) this.readout.textContent = "";
  }

  read(event) {
    if (!this.field) return;
    this.pointer = { clientX: event.clientX, clientY: event.clientY };
    const box = this.canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left - 1, event.clientY - box.top - 1];
    const [across, down] = [Math.floor(x / (this.size.w + MAP_GAP)), Math.floor(y / (this.size.h + MAP_GAP))];
    const index = down * this.across + across;
    const [col, row] = [
      Math.floor((x - across * (this.size.w + MAP_GAP)) / this.cell),
      Math.floor((y - down * (this.size.h + MAP_GAP)) / this.cell),
    ];
    const [count, rows, cols] = this.field.shape;
    const isOn =
      across < this.across && index >= 0 && index < count && col < cols && row < rows && col >= 0 && row >= 0;
    if (isOn) this.readAt({ index, row, col });
    else this.readout.textContent = "";
  }
}
