// A stage of a batch as small tables of numbers on their colours, a cell of which can be chosen by hand and by key.

import { cssColour, tableIndex, textOn } from "../shared/colour.js";
import { element, fill, putText } from "../shared/dom.js";
import { isPlainKey } from "../shared/plainkey.js";

const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

/**
 * @typedef {{key: string, title: string, texts: string[], is_layer: boolean,
 *   field: {shape: number[], values: Float32Array}}} Stage
 */

/** What the tables of a stage are built from. */
function stampOf({ field, title }, { image, channel, both }) {
  return JSON.stringify([field.shape, title, image, channel, both]);
}

/** All maps of one stage: a figure for each image and channel. */
export class StageFigure {
  /** @param {(cell: number[], isByKey: boolean) => void} onCell */
  constructor(onCell) {
    this.onCell = onCell;
    this.title = element("h2", {});
    this.maps = element("div", { class: "norm-maps" });
    this.root = element("section", { class: "norm-stage" }, [this.title, this.maps]);
    this.root.addEventListener("click", (event) => this.choose(event.target));
    this.root.addEventListener("keydown", (event) => this.key(event));
  }

  /** @param {Stage} stage @param {{cell: number[], counts: boolean, scale: object, texts: object}} scene */
  show(stage, { cell, counts, scale, texts }) {
    this.root.dataset.stage = stage.key;
    putText(this.title, stage.title);
    if (this.stamp !== stampOf(stage, texts)) this.build(stage, texts);
    this.stage = stage;
    const [, channels, rows, cols] = stage.field.shape;
    this.cells.forEach((td, at) => {
      const [row, col] = [Math.floor(at / cols) % rows, at % cols];
      const map = Math.floor(at / (rows * cols));
      const place = [Math.floor(map / channels), map % channels, row, col];
      const pixel = scale.table[tableIndex(stage.field.values[at], scale.low, scale.high)];
      putText(td, stage.texts[at]);
      td.style.background = cssColour(pixel);
      td.style.color = textOn(pixel);
      const isChosen = stage.is_layer && String(place) === String(cell);
      td.dataset.chosen = String(isChosen);
      td.dataset.counts = String(counts && stage.is_layer && place[1] === cell[1]);
      if (!stage.is_layer) return;
      td.tabIndex = isChosen ? 0 : -1;
      td.setAttribute("aria-selected", String(isChosen));
      td.setAttribute("aria-label", fill(texts.cell_name, { stage: stage.title, row, col, value: stage.texts[at] }));
    });
  }

  build({ field, is_layer, title }, texts) {
    this.stamp = stampOf({ field, title }, texts);
    const [images, channels, rows, cols] = field.shape;
    this.root.style.setProperty("--across", String(cols));
    this.cells = [];
    const figures = [];
    for (let image = 0; image < images; image += 1) {
      const side = element("div", { class: "norm-image" });
      for (let channel = 0; channel < channels; channel += 1) {
        const text = images > 1 && channels > 1 ? texts.both : images > 1 ? texts.image : texts.channel;
        const name = fill(text, { image, channel });
        const lines = Array.from({ length: rows }, (_r, row) =>
          element(
            "tr",
            {},
            Array.from({ length: cols }, (_c, col) => this.makeCell([image, channel, row, col]))
          )
        );
        const label = `${title}, ${name}`;
        const table = element("table", { role: is_layer ? "grid" : null, "aria-label": label }, [
          element("tbody", {}, lines),
        ]);
        side.append(element("figure", {}, [element("figcaption", {}, [name]), table]));
      }
      figures.push(side);
    }
    this.maps.replaceChildren(...figures);
  }

  makeCell(place) {
    const td = element("td", { "data-place": place.join(" ") });
    this.cells.push(td);
    return td;
  }

  choose(target) {
    const td = target.closest?.("td");
    if (td && this.stage?.is_layer) this.onCell(td.dataset.place.split(" ").map(Number), false);
  }

  key(event) {
    const td = event.target.closest?.("td");
    const step = STEPS[event.key];
    if (!td || !step || !isPlainKey(event)) return;
    event.preventDefault();
    const [image, channel, row, col] = td.dataset.place.split(" ").map(Number);
    const [, , rows, cols] = this.stage.field.shape;
    const to = [row + step[0], col + step[1]];
    if (to[0] < 0 || to[1] < 0 || to[0] >= rows || to[1] >= cols) return;
    this.onCell([image, channel, ...to], true);
    this.cells.find((one) => one.dataset.place === [image, channel, ...to].join(" "))?.focus();
  }
}
