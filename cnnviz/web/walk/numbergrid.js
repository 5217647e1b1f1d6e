// A small grid of numbers on their colours: a patch, a kernel, their products.

import { clearCanvas } from "../shared/canvas.js";
import { fitTexts } from "../shared/celltext.js";
import { cssColour, textOn } from "../shared/colour.js";
import { element } from "../shared/dom.js";
import { listenToPointing } from "../shared/pointing.js";

const SMALLEST_TEXT = 6.5;

export class NumberGrid {
  /** @param {(at: ?number) => void} onHover which number the pointer is on, null when it leaves */
  constructor(name, onHover = () => {}) {
    this.canvas = element("canvas", {});
    this.caption = element("figcaption", {});
    this.node = element("figure", { class: `walk-grid ${name}` }, [this.caption, this.canvas]);
    this.rows = 1;
    this.cols = 1;
    const point = (event) => {
      this.name(this.under(event));
      onHover(this.under(event));
    };
    listenToPointing(this.canvas, point, () => onHover(null));
  }

  size(side) {
    this.side = side;
  }

  /**
   * @param {{rows: number, cols: number, texts: string[], pixels: number[], crossed: boolean[], lit: ?number, best?:
   *   number}} shown
   *   `crossed`: padding, hatched; `lit`: under the pointer; `best`: the winner of a pooling
   */
  paint({ rows, cols, texts, pixels, crossed, lit, best = -1 }, ink) {
    Object.assign(this, { rows, cols });
    this.cell = Math.min(72, this.side / Math.max(rows, cols));
    const context = clearCanvas(this.canvas, this.cell * cols, this.cell * rows);
    const fit = fitTexts(texts, { room: this.cell - 4, most: 14, least: SMALLEST_TEXT, weight: 500 });
    context.font = fit.font;
    this.isReadable = fit.texts.filter((text, i) => text === texts[i]).length * 2 >= texts.length; // else colours alone
    this.shown = { texts, written: fit.texts };
    pixels.forEach((pixel, i) =>
      this.paintCell(context, i, pixel, this.isReadable ? fit.texts[i] : "", crossed[i], ink)
    );
    for (const [place, width] of [
      [best, 3],
      [lit, 2.4],
    ]) {
      if (place === null || place === undefined || place < 0) continue;
      const [x, y] = [(place % cols) * this.cell, Math.floor(place / cols) * this.cell];
      for (const [colour, line] of [
        [ink.halo, width + 1.6],
        [ink.accent, width],
      ]) {
        context.strokeStyle = colour;
        context.lineWidth = line;
        context.strokeRect(x + 1.5, y + 1.5, this.cell - 3, this.cell - 3);
      }
    }
  }

  paintCell(context, i, pixel, text, isCrossed, ink) {
    const [x, y] = [(i % this.cols) * this.cell, Math.floor(i / this.cols) * this.cell];
    context.fillStyle = cssColour(pixel);
    context.fillRect(x, y, this.cell, this.cell);
    if (isCrossed) {
      context.strokeStyle = textOn(pixel); // the colour of a padding cell is that of 0, dark or light
      context.globalAlpha = 0.35;
      context.lineWidth = 1;
      context.beginPath();
      for (let d = 6; d < 2 * this.cell; d += 6) {
        context.moveTo(x + Math.max(0, d - this.cell), y + Math.min(d, this.cell));
        context.lineTo(x + Math.min(d, this.cell), y + Math.max(0, d - this.cell));
      }
      context.stroke();
      context.globalAlpha = 1;
    }
    context.strokeStyle = ink.faint;
    context.lineWidth = 0.5;
    context.strokeRect(x + 0.25, y + 0.25, this.cell - 0.5, this.cell - 0.5);
    if (!text) return;
    context.fillStyle = textOn(pixel);
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText(text, x + this.cell / 2, y + this.cell / 2 + 0.5);
  }

  /** A number that does not stand in its cell is read beside the pointer. */
  name(at) {
    const { texts, written } = this.shown ?? { texts: [], written: [] };
    this.canvas.title = this.isReadable && texts[at] === written[at] ? "" : (texts[at] ?? "");
  }

  under(event) {
    const col = Math.min(this.cols - 1, Math.max(0, Math.floor(event.offsetX / this.cell)));
    const row = Math.min(this.rows - 1, Math.max(0, Math.floor(event.offsetY / this.cell)));
    return row * this.cols + col;
  }
}
