// All maps of a result, small: one click opens one. Three maps have a fourth picture: the three as colours.

import { copyMap } from "../shared/atlas.js";
import { clearCanvas, pixelRatio } from "../shared/canvas.js";
import { element, fill } from "../shared/dom.js";
import { paintColours } from "./colours.js";

const THUMB = 54;

export class Thumbnails {
  /** @param {(unit: ?number) => void} onOpen null: in colour */
  constructor(onOpen) {
    this.root = element("div", { class: "lab-maps", role: "group" });
    this.root.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button) onOpen(button.dataset.unit === "colours" ? null : Number(button.dataset.unit));
    });
    this.buttons = [];
    this.painted = [];
  }

  /**
   * @param {{scene: object, layer: object, unit: number, half: number, span: ?{low: number, high: number}, isColour:
   *   boolean, texts: object}} shown
   */
  show({ scene, layer, unit, half, span, isColour, texts }) {
    this.root.hidden = layer.count < 2;
    if (this.root.hidden) return;
    this.root.setAttribute("aria-label", texts.maps);
    const names = [...Array.from({ length: layer.count }, (_, index) => String(index)), ...(span ? ["colours"] : [])];
    const { rows, cols } = layer;
    const stamp = JSON.stringify([names, rows, cols, scene.dark, half, texts.language, pixelRatio()]);
    if (stamp !== this.stamp) this.build(names, texts);
    this.stamp = stamp;
    if (span) this.colours = paintColours(layer.output.values, { rows, cols, ...span }, this.colours);
    this.buttons.forEach((button, index) => {
      const isOfColour = index === layer.count;
      button.setAttribute("aria-pressed", String(isOfColour ? isColour : !isColour && index === unit));
      if (isOfColour) copySmall(button.firstChild, this.colours, 0);
      else this.paint(button.firstChild, scene.atlases.get("map:1"), layer, index);
    });
  }

  build(names, texts) {
    this.painted = [];
    this.buttons = names.map((name) => {
      const [label, short] =
        name === "colours" ? [texts.result_in_colour, texts.in_colour] : [fill(texts.map, { index: name }), name];
      return element("button", { type: "button", "data-unit": name, "aria-label": label }, [
        element("canvas", {}),
        element("span", {}, [short]),
      ]);
    });
    this.root.replaceChildren(...this.buttons);
  }

  /** Most maps stay as they are while one kernel changes. */
  paint(canvas, atlas, { rows, cols, output }, index) {
    const values = output.values.subarray(index * rows * cols, (index + 1) * rows * cols);
    const before = this.painted[index];
    if (before && values.every((value, at) => value === before[at])) return;
    this.painted[index] = values;
    copySmall(canvas, atlas, index);
  }
}

function copySmall(canvas, atlas, index) {
  const context = clearCanvas(canvas, THUMB, THUMB);
  const cell = THUMB / Math.max(atlas.rows, atlas.cols);
  const [w, h] = [atlas.cols * cell, atlas.rows * cell];
  copyMap(context, atlas, index, { x: (THUMB - w) / 2, y: (THUMB - h) / 2, w, h });
}
