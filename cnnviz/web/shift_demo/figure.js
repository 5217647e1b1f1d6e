// One map that is shown shifted: what comes in is 0, or what went out on the other side. It paints, and decides
// nothing.

import { fitCanvas } from "../shared/canvas.js";
import { cssColour, tableIndex } from "../shared/colour.js";
import { element } from "../shared/dom.js";

/** @typedef {{right: number, down: number}} Place in cells */

export class ShiftFigure {
  /** @param {string} name */
  constructor(name) {
    this.canvas = element("canvas", { class: "shift-canvas" });
    this.caption = element("figcaption", {});
    this.node = element("figure", { class: "shift-figure", "data-figure": name }, [this.canvas, this.caption]);
  }

  /**
   * @param {{atlas: import("../shared/atlas.js").Atlas, place: Place, wraps: boolean, scale: {table: Uint32Array,
   *   low: number, high: number},
   *   side: number, ink: Record<string, string>, isFramed?: boolean, differs?: ?Uint8Array}} shown `isFramed`: a dashed
   *   frame where the edge of the map now is
   */
  show(shown) {
    const { atlas, side } = shown;
    const cell = side / Math.max(atlas.rows, atlas.cols);
    const [w, h] = [atlas.cols * cell, atlas.rows * cell];
    this.cell = cell;
    const context = fitCanvas(this.canvas, w, h);
    context.imageSmoothingEnabled = false;
    this.paintMap(context, shown, w, h);
    if (shown.isFramed) this.frame(context, shown, w, h);
    if (shown.differs) this.dots(context, shown);
  }

  paintMap(context, { atlas, place, wraps, scale }, w, h) {
    context.fillStyle = cssColour(scale.table[tableIndex(0, scale.low, scale.high)]);
    context.fillRect(0, 0, w, h);
    const around = wraps ? [-1, 0, 1] : [0];
    for (const down of around) {
      for (const right of around)
        context.drawImage(atlas.canvas, place.right * this.cell + right * w, place.down * this.cell + down * h, w, h);
    }
  }

  frame(context, { place, ink }, w, h) {
    context.save();
    context.setLineDash([6, 4]);
    context.lineWidth = 2;
    context.strokeStyle = ink.accent;
    context.strokeRect(place.right * this.cell + 1, place.down * this.cell + 1, w - 2, h - 2);
    context.restore();
  }

  /** A dot in each cell that differs, dark on light ground and light on dark. */
  dots(context, { differs, atlas, ink }) {
    const radius = Math.max(1, this.cell / 6);
    context.lineWidth = 1;
    for (let at = 0; at < differs.length; at += 1) {
      if (!differs[at]) continue;
      const [x, y] = [((at % atlas.cols) + 0.5) * this.cell, (Math.floor(at / atlas.cols) + 0.5) * this.cell];
      context.beginPath();
      context.arc(x, y, radius, 0, 2 * Math.PI);
      context.fillStyle = ink.accent;
      context.strokeStyle = ink.halo;
      context.fill();
      context.stroke();
    }
  }
}
