// Pictures of numbers with a cursor: maps or kernels, side by side, read with the pointer or the keyboard.

import { fitCanvas } from "./canvas.js";
import { element } from "./dom.js";
import { paintAtlas } from "./atlas.js";
import { isPlainKey } from "./plainkey.js";

const SPACE = 5;

/**
 * The largest cell with which `count` pictures fill at most `height`, and how many stand in a row.
 * @returns {{cell: number, across: number}}
 */
export function fitCells({ count, rows, cols }, width, height, most = 14) {
  for (let cell = most; cell > 2; cell -= 1) {
    const across = Math.floor((width + SPACE) / (cols * cell + SPACE));
    if (across > 0 && Math.ceil(count / across) * (rows * cell + SPACE) <= height)
      return { cell, across: Math.min(across, count) };
  }
  return { cell: 2, across: Math.max(1, Math.floor((width + SPACE) / (cols * 2 + SPACE))) };
}

/** The next cell for a key, over the edge into the neighbouring picture; null for other keys. */
export function cellAfterKey(key, cell, { count, rows, cols }) {
  const at = cell ?? { k: 0, row: 0, col: 0 };
  const place = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[key];
  if (!place) return null;
  if (!cell) return at;
  const [row, col] = [at.row + place[0], at.col + place[1]];
  if (row >= 0 && row < rows && col >= 0 && col < cols) return { ...at, row, col };
  const k = at.k + place[0] + place[1];
  if (k < 0 || k >= count) return at;
  return { k, row: (row + rows) % rows, col: (col + cols) % cols };
}

/** One canvas with `count` pictures of `rows` × `cols` numbers. */
export class GridPicture {
  /** @param {{onPoint?: (cell: ?object) => void, help?: string}} options */
  constructor({ onPoint, help } = {}) {
    this.canvas = element("canvas", { role: "img", class: "grid", tabindex: onPoint ? 0 : null, title: null });
    this.help = help;
    this.shape = { count: 0, rows: 0, cols: 0, cell: 1, across: 1 };
    this.cursor = null;
    if (!onPoint) return;
    const point = (event) => onPoint(this.cellAt(event));
    this.canvas.addEventListener("pointermove", point);
    this.canvas.addEventListener("pointerdown", point);
    this.canvas.addEventListener("keydown", (event) => {
      const next = isPlainKey(event) ? cellAfterKey(event.key, this.cursor, this.shape) : null;
      if (!next) return;
      event.preventDefault();
      event.stopPropagation();
      onPoint(next);
    });
  }

  /**
   * @param {Float32Array} values @param {{count, rows, cols, cell, across}} shape @param {{table: Uint32Array, low:
   *   number, high: number}} scale
   */
  show(values, shape, scale, label, accent) {
    Object.assign(this, { shape, accent });
    this.atlas = paintAtlas(values, shape, () => scale, this.atlas);
    this.canvas.setAttribute("aria-label", this.help ? `${label}. ${this.help}` : label);
    const [width, height] = [shape.across, Math.ceil(shape.count / shape.across)].map(
      (n, i) => n * (this.side(i) + SPACE) - SPACE + 4
    );
    fitCanvas(this.canvas, width, height, true);
    this.size = { width, height };
    this.paint();
  }

  side(axis) {
    return (axis === 0 ? this.shape.cols : this.shape.rows) * this.shape.cell;
  }

  corner(k) {
    const { across } = this.shape;
    return { x: 2 + (k % across) * (this.side(0) + SPACE), y: 2 + Math.floor(k / across) * (this.side(1) + SPACE) };
  }

  mark(cell) {
    this.cursor = cell;
    this.paint();
  }

  paint() {
    const context = this.canvas.getContext("2d");
    const { count, rows, cols, cell } = this.shape;
    context.clearRect(0, 0, this.size.width, this.size.height);
    context.imageSmoothingEnabled = false;
    context.strokeStyle = "rgb(128 128 128 / 55%)";
    context.lineWidth = 1;
    for (let k = 0; k < count; k += 1) {
      const { x, y } = this.corner(k);
      context.drawImage(this.atlas.canvas, k * cols, 0, cols, rows, x, y, this.side(0), this.side(1));
      context.strokeRect(x - 0.5, y - 0.5, this.side(0) + 1, this.side(1) + 1);
    }
    if (!this.cursor || this.cursor.k >= count) return;
    const { x, y } = this.corner(this.cursor.k);
    for (const [colour, line] of [
      ["rgb(255 255 255 / 90%)", 4],
      [this.accent, 2],
    ]) {
      context.strokeStyle = colour;
      context.lineWidth = line;
      context.strokeRect(x + this.cursor.col * cell, y + this.cursor.row * cell, cell, cell);
    }
  }

  /** The cell under the pointer, or null between the pictures. */
  cellAt(event) {
    const box = this.canvas.getBoundingClientRect();
    const { count, rows, cols, cell, across } = this.shape;
    const x = ((event.clientX - box.left) * this.size.width) / box.width - 2;
    const y = ((event.clientY - box.top) * this.size.height) / box.height - 2;
    const [c, r] = [Math.floor(x / (this.side(0) + SPACE)), Math.floor(y / (this.side(1) + SPACE))];
    const [col, row] = [
      Math.floor((x - c * (this.side(0) + SPACE)) / cell),
      Math.floor((y - r * (this.side(1) + SPACE)) / cell),
    ];
    const k = r * across + c;
    const inside = c >= 0 && c < across && r >= 0 && k < count && col >= 0 && col < cols && row >= 0 && row < rows;
    return inside ? { k, row, col } : null;
  }
}
