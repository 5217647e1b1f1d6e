// One map, large: its cells, the padding around it, the window on it, a veil over what has not been walked yet.

import { clearCanvas, fitCanvas } from "../shared/canvas.js";
import { copyMap } from "../shared/atlas.js";
import { element } from "../shared/dom.js";
import { extentOf } from "../shared/extent.js";

const NO_MARGIN = { before: 0, after: 0 };

export class MapFigure {
  /**
   * @param {{onPoint?: (row: number, col: number) => void, onPick?: (row: number, col: number) => void, onLeave?: () =>
   *   void}} answers
   */
  constructor(answers = {}) {
    this.canvas = element("canvas", {});
    this.caption = element("figcaption", {});
    this.node = element("figure", { class: "walk-map" }, [this.caption, this.canvas]);
    this.answers = answers;
    this.canvas.addEventListener("pointermove", (event) => this.tell(event, "onPoint"));
    this.canvas.addEventListener("click", (event) => this.tell(event, "onPick"));
    this.canvas.addEventListener("pointerleave", () => this.answers.onLeave?.());
  }

  /** What is shown from now on; `margin` is how many cells of padding stand around it. */
  hold({ atlas, channel, rows, cols, ink, caption, margin = { rows: NO_MARGIN, cols: NO_MARGIN } }) {
    Object.assign(this, { atlas, channel, rows, cols, ink, margin });
    this.caption.textContent = caption;
    this.tall = rows + margin.rows.before + margin.rows.after;
    this.wide = cols + margin.cols.before + margin.cols.after;
  }

  /** As large as its place allows, cells square, at most `side` pixels wide and high. */
  size(side) {
    const cell = side / Math.max(this.tall, this.wide);
    fitCanvas(this.canvas, cell * this.wide, cell * this.tall);
    this.cell = cell;
  }

  /**
   * @param {{taps?: import("./model.js").Tap[], cells?: {rows: number[], cols: number[]}, marked?: {row: number, col:
   *   number},
   *   mask?: ArrayLike<number>, box?: {row: number, col: number, rows: number, cols: number}, veilFrom?: number}} what
   *   lights up; cells from `veilFrom` on, counted row by row, are hidden
   */
  paint({ taps = [], cells = null, marked = null, mask = null, box = null, veilFrom = Infinity } = {}) {
    const context = clearCanvas(this.canvas, this.cell * this.wide, this.cell * this.tall);
    this.paintMargin(context);
    const map = {
      x: this.margin.cols.before * this.cell,
      y: this.margin.rows.before * this.cell,
      w: this.cols * this.cell,
      h: this.rows * this.cell,
    };
    if (this.atlas) copyMap(context, this.atlas, this.channel, map);
    if (veilFrom < this.rows * this.cols) this.paintVeil(context, veilFrom);
    context.strokeStyle = this.ink.faint;
    context.lineWidth = 1;
    context.strokeRect(map.x + 0.5, map.y + 0.5, map.w - 1, map.h - 1);
    if (cells) this.paintCells(context, cells);
    if (mask) this.paintMask(context, mask);
    if (box) this.outline(context, box.row, box.col, box.rows, box.cols, 2);
    this.paintTaps(context, taps);
    if (marked) this.outline(context, marked.row, marked.col, 1, 1, 2.4);
  }

  /** Padding is hatched: it is no part of the map. */
  paintMargin(context) {
    const { before, after } = this.margin.rows;
    if (before + after + this.margin.cols.before + this.margin.cols.after === 0) return;
    const [w, h] = [this.cell * this.wide, this.cell * this.tall];
    context.save();
    context.beginPath();
    context.rect(0, 0, w, h);
    context.clip();
    context.strokeStyle = this.ink.faint;
    context.lineWidth = 1;
    context.beginPath();
    for (let x = -h; x < w; x += 6) {
      context.moveTo(x, h);
      context.lineTo(x + h, 0);
    }
    context.stroke();
    context.restore();
    context.clearRect(
      this.margin.cols.before * this.cell,
      before * this.cell,
      this.cols * this.cell,
      this.rows * this.cell
    );
  }

  paintVeil(context, from) {
    const [row, col] = [Math.floor(from / this.cols), from % this.cols];
    context.fillStyle = this.ink.veil;
    const left = this.margin.cols.before * this.cell;
    const top = (this.margin.rows.before + row) * this.cell;
    context.fillRect(left + col * this.cell, top, (this.cols - col) * this.cell, this.cell);
    context.fillRect(left, top + this.cell, this.cols * this.cell, (this.rows - row - 1) * this.cell);
  }

  paintCells(context, { rows, cols }) {
    context.fillStyle = this.ink.accent;
    context.globalAlpha = 0.35;
    for (const row of rows) {
      for (const col of cols) {
        const [x, y] = this.corner(row, col);
        context.fillRect(x + 0.5, y + 0.5, this.cell - 1, this.cell - 1);
      }
    }
    context.globalAlpha = 1;
  }

  /** Every cell of the map that is not 0 in `mask`. */
  paintMask(context, mask) {
    context.fillStyle = this.ink.accent;
    context.globalAlpha = 0.32;
    for (let i = 0; i < mask.length; i += 1) {
      if (!mask[i]) continue;
      const [x, y] = this.corner(Math.floor(i / this.cols), i % this.cols);
      context.fillRect(x, y, this.cell, this.cell);
    }
    context.globalAlpha = 1;
  }

  /** Each tap thin, the window around all of them thick. */
  paintTaps(context, taps) {
    const placed = taps.filter(({ placeRow, placeCol }) => placeRow !== null && placeCol !== null);
    if (placed.length === 0) return;
    const [top, bottom] = extentOf(placed.map(({ placeRow }) => placeRow));
    const [left, right] = extentOf(placed.map(({ placeCol }) => placeCol));
    const [tall, wide] = [bottom - top + 1, right - left + 1];
    if (tall * wide > placed.length)
      for (const tap of placed) this.outline(context, tap.placeRow, tap.placeCol, 1, 1, 1);
    this.outline(context, top, left, tall, wide, 2.4);
  }

  outline(context, row, col, tall, wide, width) {
    const [x, y] = this.corner(row, col);
    for (const [colour, line] of [
      [this.ink.halo, width + 1.6],
      [this.ink.accent, width],
    ]) {
      context.strokeStyle = colour;
      context.lineWidth = line;
      const inset = width / 2;
      context.strokeRect(x + inset, y + inset, wide * this.cell - width, tall * this.cell - width);
    }
  }

  corner(row, col) {
    return [(col + this.margin.cols.before) * this.cell, (row + this.margin.rows.before) * this.cell];
  }

  tell(event, answer) {
    if (!this.cell || !this.answers[answer]) return;
    const row = Math.floor(event.offsetY / this.cell) - this.margin.rows.before;
    const col = Math.floor(event.offsetX / this.cell) - this.margin.cols.before;
    const inside = (value, count) => Math.max(0, Math.min(count - 1, value));
    this.answers[answer](inside(row, this.rows), inside(col, this.cols));
  }
}
