// All maps of a layer in one picture, with one cell marked: where a vector's entries come from.

import { clearCanvas, fitCanvas } from "../shared/canvas.js";
import { cssColour } from "../shared/colour.js";
import { element } from "../shared/dom.js";
import { listenToPointing } from "../shared/pointing.js";

const GUTTER = 3;

export class Mosaic {
  /** @param {(entry: ?number) => void} onEntry the entry of the flattened vector under the pointer */
  constructor(onEntry) {
    this.canvas = element("canvas", {});
    this.caption = element("figcaption", {});
    this.node = element("figure", { class: "walk-mosaic" }, [this.caption, this.canvas]);
    listenToPointing(
      this.canvas,
      (event) => onEntry(this.under(event)),
      () => onEntry(null)
    );
  }

  /** @param {{count: number, rows: number, cols: number}} shape */
  hold(shape, side, ink, caption) {
    Object.assign(this, { shape, ink });
    this.caption.textContent = caption;
    const { rows, cols } = shape;
    Object.assign(this, bestGrid(shape, side));
    this.width = this.across * (this.cell * cols + GUTTER) - GUTTER;
    this.height = this.down * (this.cell * rows + GUTTER) - GUTTER;
    fitCanvas(this.canvas, this.width, this.height);
  }

  /**
   * @param {ArrayLike<number>} values @param {(value: number, entry: number) => number} shade @param {?number} lit an
   *   entry
   */
  paint(values, shade, lit) {
    const context = clearCanvas(this.canvas, this.width, this.height);
    for (let entry = 0; entry < values.length; entry += 1) {
      const [x, y] = this.corner(entry);
      context.fillStyle = cssColour(shade(values[entry], entry));
      context.fillRect(x, y, this.cell + 0.4, this.cell + 0.4);
    }
    this.paintFrames(context);
    if (lit === null) return;
    const [x, y] = this.corner(lit);
    const larger = Math.max(0, (9 - this.cell) / 2);
    for (const [colour, line] of [
      [this.ink.halo, 4],
      [this.ink.accent, 2.2],
    ]) {
      context.strokeStyle = colour;
      context.lineWidth = line;
      context.strokeRect(x - larger, y - larger, this.cell + 2 * larger, this.cell + 2 * larger);
    }
  }

  paintFrames(context) {
    const { count, rows, cols } = this.shape;
    context.strokeStyle = this.ink.faint;
    context.lineWidth = 1;
    for (let map = 0; map < count; map += 1) {
      const [x, y] = this.corner(map * rows * cols);
      context.strokeRect(x, y, cols * this.cell, rows * this.cell);
    }
  }

  corner(entry) {
    const { rows, cols } = this.shape;
    const size = rows * cols;
    const [map, rest] = [Math.floor(entry / size), entry % size];
    const x = (map % this.across) * (cols * this.cell + GUTTER) + (rest % cols) * this.cell;
    const y = Math.floor(map / this.across) * (rows * this.cell + GUTTER) + Math.floor(rest / cols) * this.cell;
    return [x, y];
  }

  under(event) {
    const { count, rows, cols } = this.shape;
    const [wide, tall] = [cols * this.cell + GUTTER, rows * this.cell + GUTTER];
    const [across, down] = [Math.floor(event.offsetX / wide), Math.floor(event.offsetY / tall)];
    const col = Math.floor((event.offsetX - across * wide) / this.cell);
    const row = Math.floor((event.offsetY - down * tall) / this.cell);
    const map = down * this.across + across;
    if (map < 0 || map >= count || row < 0 || col < 0 || row >= rows || col >= cols || across >= this.across)
      return null;
    return (map * rows + row) * cols + col;
  }
}

/** How many maps stand side by side: as few gaps as can be, then the largest cells. */
function bestGrid({ count, rows, cols }, side) {
  let best = { cell: 0 };
  for (let across = 1; across <= count; across += 1) {
    const down = Math.ceil(count / across);
    const cell = Math.min(
      (side - GUTTER * (across - 1)) / (across * cols),
      (side - GUTTER * (down - 1)) / (down * rows),
      40
    );
    const isFuller = count % across === 0 && cell > 0.75 * best.cell;
    if (cell >= best.cell && !(best.isFull && count % across !== 0 && cell < 1.4 * best.cell))
      best = { across, down, cell, isFull: count % across === 0 };
    else if (isFuller && !best.isFull) best = { across, down, cell, isFull: true };
  }
  return best;
}

/** The shape of a layer as a mosaic shows it: maps, or one column of cells laid out in a square. */
export function mosaicShape(layer) {
  if (layer.form === "maps") return { count: layer.count, rows: layer.rows, cols: layer.cols };
  return { count: layer.output.values.length, rows: 1, cols: 1 };
}

/** Where an entry of a flattened vector stood: its map, row and column. */
export function placeOfEntry({ rows, cols }, entry) {
  const size = rows * cols;
  return { channel: Math.floor(entry / size), row: Math.floor((entry % size) / cols), col: entry % cols };
}
