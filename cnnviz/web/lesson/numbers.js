// A grid of numbers on their colours, read only: a map, a patch, a row of products. Each cell is text that can be read.

import { paintPixels } from "../shared/canvas.js";
import { cssColour, tableIndex, textOn } from "../shared/colour.js";
import { element } from "../shared/dom.js";
import { formatNumber } from "../shared/format.js";
import { isPlainKey } from "../shared/plainkey.js";

/**
 * @typedef {{rows: number, cols: number, values: ArrayLike<?number>, table: Uint32Array, half?: number, digits?:
 *   number,
 *   covered?: (at: number) => boolean, lit?: (at: number) => boolean, at?: number, best?: number, label?: string,
 *   name?: (row: number, col: number, text: ?string) => string}} Shown
 *   `half`: colours run from −half to +half; null as a value: nothing stands there; `lit` is framed, `at` is where one
 *   is
 */
export class Numbers {
  /** @param {{onPick?: (at: number) => void, onPoint?: (at: ?number) => void}} [answers] */
  constructor(answers = {}) {
    this.answers = answers;
    this.cells = [];
    this.node = element("div", { class: "numbers", role: "grid" });
    this.node.addEventListener("click", (event) => this.tell(event, answers.onPick));
    this.node.addEventListener("pointerover", (event) => this.tell(event, answers.onPoint));
    this.node.addEventListener("pointerleave", () => answers.onPoint?.(null));
    this.node.addEventListener("keydown", (event) => this.key(event));
  }

  tell(event, answer) {
    const at = event.target.dataset?.at;
    if (at !== undefined) answer?.(Number(at));
  }

  /** @param {Shown} shown */
  show(shown) {
    this.shown = { half: 1, digits: 2, ...shown };
    const { rows, cols, table } = shown;
    if (this.table !== table) this.written = []; // other colours: every cell is painted again
    this.table = table;
    if (this.rows !== rows || this.cols !== cols) this.build(rows, cols);
    if (shown.label) this.node.setAttribute("aria-label", shown.label);
    this.cells.forEach((_, at) => this.paint(at));
  }

  build(rows, cols) {
    Object.assign(this, { rows, cols, written: [] });
    this.node.style.setProperty("--across", String(cols));
    const role = this.answers.onPick ? "pick" : "read";
    this.cells = Array.from({ length: rows * cols }, (_, at) =>
      element("div", { role: "gridcell", "data-at": at, "data-role": role })
    );
    const lines = Array.from({ length: rows }, (_, row) =>
      element("div", { role: "row" }, this.cells.slice(row * cols, (row + 1) * cols))
    );
    this.node.replaceChildren(...lines);
  }

  paint(at) {
    const { values, table, half, digits, covered, lit, at: here = -1, best = -1, name } = this.shown;
    const value = values[at];
    const isCovered = covered?.(at) ?? false;
    const isNothing = value === null || value === undefined;
    const marks = [lit?.(at) ?? false, at === here, at === best, this.answers.onPick ? here < 0 : ""];
    const key = [value, digits, half, isCovered, ...marks].join("|");
    if (this.written[at] === key) return;
    this.written[at] = key;
    const text = isNothing || isCovered ? "" : formatNumber(value, digits);
    const pixel = isNothing || isCovered ? null : table[tableIndex(value, -half, half)];
    const cell = this.cells[at];
    if (cell.textContent !== text) cell.textContent = text;
    Object.assign(cell.style, {
      background: pixel === null ? "" : cssColour(pixel),
      color: pixel === null ? "" : textOn(pixel),
    });
    Object.assign(cell.dataset, {
      covered: String(isCovered),
      nothing: String(isNothing),
      lit: String(lit?.(at) ?? false),
      here: String(at === here),
      best: String(at === best),
    });
    if (this.answers.onPick) cell.tabIndex = at === Math.max(0, here) ? 0 : -1;
    if (name)
      cell.setAttribute("aria-label", name(Math.floor(at / this.cols), at % this.cols, isCovered ? null : text));
  }

  /** Arrow keys move from cell to cell, and pick it. */
  key(event) {
    const at = Number(event.target.dataset?.at ?? -1);
    if (!this.answers.onPick || at < 0 || !isPlainKey(event)) return;
    const row = Math.floor(at / this.cols);
    const next = {
      ArrowUp: at - this.cols,
      ArrowDown: at + this.cols,
      ArrowLeft: at - 1,
      ArrowRight: at + 1,
      Enter: at,
      " ": at,
    }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const isSideways = ["ArrowLeft", "ArrowRight"].includes(event.key);
    if (next < 0 || next >= this.cells.length || (isSideways && Math.floor(next / this.cols) !== row)) return;
    this.answers.onPick(next);
    this.cells[next].focus();
  }
}

/**
 * A small picture of a map without numbers, for rows of buttons.
 * @param {HTMLCanvasElement} canvas
 * @param {{values: ArrayLike<number>, rows: number, cols: number, table: Uint32Array, half?: number}} map
 */
export function paintSmall(canvas, { values, rows, cols, table, half = 1 }) {
  paintPixels(canvas, { rows, cols }, (pixels) => {
    for (let at = 0; at < pixels.length; at += 1) pixels[at] = table[tableIndex(values[at], -half, half)];
  });
}
