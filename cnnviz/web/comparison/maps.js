// What is open on both sides: a map of A, of B and their difference, each with its colour bar; of a vector a table.

import { paintAtlas, copyMap, hasMap, scaleOf, withTable } from "../shared/atlas.js";
import { clearCanvas } from "../shared/canvas.js";
import { fitEnds } from "../shared/celltext.js";
import { cssColour, tableIndex, textOn } from "../shared/colour.js";
import { element, fill, putText } from "../shared/dom.js";
import { showLegends } from "../network/legends.js";
import { mapName } from "../network/words.js";
import { SIDES, shownNumbers } from "./pairs.js";

const PICTURES = [...SIDES, "difference"];
const SIDE = 230;
const LEAST_SIDE = 90; // pixels of a picture on a phone
const BETWEEN_MAPS = 14; // as the style sheet
const MOST_ROWS = 40; // of a vector's table: those that differ most

export class OpenPair {
  /**
   * @param {{onHover: (cell: ?object) => void, onClick: (cell: object) => void, onClose: () => void}} answers
   * @param {import("../network/savebox.js").SaveBox} save what is open
   */
  constructor(answers, save) {
    this.answers = answers;
    this.heading = element("h2", {});
    this.close = element("button", { type: "button", class: "close-map" });
    this.close.addEventListener("click", answers.onClose);
    this.figures = new Map(PICTURES.map((name) => [name, this.figure(name)]));
    this.pictures = element(
      "div",
      { class: "pair-maps" },
      [...this.figures.values()].map(({ node }) => node)
    );
    this.reason = element("p", { class: "reason", role: "status" });
    this.table = element("div", { class: "numbers pair-table", tabindex: "0", role: "region" });
    const head = element("div", { class: "pair-head" }, [this.heading, save.button, this.close]);
    this.root = element("section", { class: "pair" }, [head, save.box, this.reason, this.pictures, this.table]);
  }

  figure(name) {
    const canvas = element("canvas", { role: "img", "data-picture": name });
    const [caption, value] = [element("figcaption", {}), element("output", {})];
    const scale = element("div", { class: "pair-scale", "aria-hidden": "true" });
    const node = element("figure", { "data-picture": name }, [caption, canvas, scale, value]);
    canvas.addEventListener("pointermove", (event) => this.answers.onHover(this.cellAt(event)));
    canvas.addEventListener("pointerleave", () => this.answers.onHover(null));
    canvas.addEventListener("click", (event) => this.answers.onClick(this.cellAt(event)));
    return { canvas, caption, value, scale, node, atlas: undefined };
  }

  cellAt({ offsetX, offsetY }) {
    const { rows, cols, channel } = this.open;
    const [width, height] = this.size;
    const at = (offset, length, count) => Math.max(0, Math.min(count - 1, Math.floor((offset / length) * count)));
    return { channel, row: at(offsetY, height, rows), col: at(offsetX, width, cols) };
  }

  /**
   * @param {import("./pairs.js").Compared} compared
   * @param {?import("./pairs.js").Pair} pair what is open; null: nothing
   * @param {number} channel
   * @param {Record<"one"|"other", import("../network/paint.js").Scene>} scenes
   */
  show(compared, pair, channel, scenes) {
    const { texts } = compared;
    putText(this.close, texts.close);
    this.close.hidden = pair === null;
    const side = pair?.one === null ? "other" : "one";
    const layer = pair && compared[side].layers[pair[side]];
    putText(this.heading, pair ? mapName(compared[side], pair[side], channel) : "");
    putText(this.reason, pair ? pair.reason : texts.nothing_open);
    this.reason.hidden = this.reason.textContent === "";
    this.pictures.hidden = layer?.form !== "maps";
    this.table.hidden = !layer || layer.form === "maps" || Boolean(pair.reason);
    this.table.setAttribute("aria-label", this.heading.textContent);
    this.open = layer && { rows: layer.rows, cols: layer.cols, channel, pair, side };
    if (!this.pictures.hidden) this.paint(compared, pair, channel, scenes);
    if (!this.table.hidden) this.write(compared, pair, layer, channel, scenes.one);
  }

  paint(compared, pair, channel, scenes) {
    const { rows, cols } = this.open;
    const side = Math.min(SIDE, Math.max(LEAST_SIDE, (this.root.clientWidth - 2 * BETWEEN_MAPS) / PICTURES.length));
    const width = side * Math.min(1, Math.max(0.25, cols / rows));
    this.size = [width, Math.min(side, (width * rows) / cols)];
    for (const name of PICTURES) {
      const figure = this.figures.get(name);
      const atlas =
        name === "difference"
          ? this.difference(pair, channel, scenes.one)
          : mapAtlas(compared, pair, name, channel, scenes);
      figure.shown = atlas;
      figure.node.hidden = atlas === null;
      putText(figure.caption, compared.texts[name]);
      figure.canvas.setAttribute("aria-label", `${this.heading.textContent}, ${compared.texts[name]}`);
      if (atlas) this.legend(figure, atlas.scale);
    }
    this.light(compared, null, scenes.one.ink);
  }

  /** @returns {?{atlas: object, channel: number, scale: object}} null where there is no difference, or not yet */
  difference({ difference, reach }, channel, { tables }) {
    if (!difference) return null;
    const { rows, cols } = this.open;
    const figure = this.figures.get("difference");
    const values = difference.values.subarray(channel * rows * cols, (channel + 1) * rows * cols);
    const scale = { table: tables.activations, low: -reach, high: reach };
    figure.atlas = paintAtlas(values, { count: 1, rows, cols }, () => scale, figure.atlas);
    return { atlas: figure.atlas, channel: 0, scale };
  }

  legend(figure, { table, low, high }) {
    figure.scale.style.width = `${this.size[0]}px`;
    showLegends(figure.scale, [{ table, ends: fitEnds(low, high, { room: this.size[0] }), css: "position:static" }]);
  }

  /** Marks a cell in all pictures, and writes its numbers under them. @param {?{row: number, col: number}} cell */
  light(compared, cell, ink) {
    if (!this.open || this.pictures.hidden) return;
    const { rows, cols, pair, channel } = this.open;
    const [width, height] = this.size;
    for (const { canvas, shown } of this.figures.values()) {
      if (!shown) continue;
      const context = clearCanvas(canvas, width, height);
      copyMap(context, shown.atlas, shown.channel, { x: 0, y: 0, w: width, h: height });
      if (cell)
        frame(context, [(cell.col * width) / cols, (cell.row * height) / rows, width / cols, height / rows], ink);
    }
    const written = cell ? numbersAt(compared, pair, { ...cell, channel }) : {};
    for (const [name, { value }] of this.figures) putText(value, written[name] ?? "");
  }

  write(compared, pair, layer, channel, scene) {
    const { texts } = compared;
    const all = Array.from(pair.difference.values, (value, at) => ({ at, size: Math.abs(value) }));
    const first = all.sort((a, b) => b.size - a.size || a.at - b.at).slice(0, MOST_ROWS);
    const shown = first.map(({ at }) => at).sort((a, b) => a - b);
    const scale = scaleOf(layer, scene.scope, 0);
    const range = { table: "activations", low: -pair.reach, high: pair.reach };
    const rows = shown.map((at) => {
      const values = SIDES.map((side) => compared[side].layers[pair[side]].output.values[at]);
      const numbers = shownNumbers(...values, pair.difference.values[at], layer.form);
      const name = layer.classes ? (compared.one.classes[at] ?? at) : at;
      return element("tr", { "data-entry": at, class: at === channel ? "lit" : null }, [
        element("th", { scope: "row" }, [String(name)]),
        coloured(scene, scale, values[0], numbers.one),
        coloured(scene, scale, values[1], numbers.other),
        coloured(scene, range, pair.difference.values[at], numbers.difference),
      ]);
    });
    const head = [texts.entry, texts.one, texts.other, texts.difference].map((text) =>
      element("th", { scope: "col" }, [text])
    );
    const cut = shown.length < all.length ? fill(texts.vector_cut, { shown: shown.length, count: all.length }) : "";
    const table = element("table", {}, [
      element("caption", { hidden: cut === "" }, [cut]),
      element("thead", {}, [element("tr", {}, head)]),
      element("tbody", {}, rows),
    ]);
    this.table.replaceChildren(table);
  }
}

function coloured(scene, { table, low, high }, value, text) {
  const pixel = scene.tables[table][tableIndex(value, low, high)];
  return element("td", { style: `background:${cssColour(pixel)};color:${textOn(pixel)}` }, [text]);
}

/** A map of one side; null where that side has none. */
function mapAtlas(compared, pair, side, channel, scenes) {
  const index = pair[side];
  const layer = index === null ? null : compared[side].layers[index];
  const atlas = scenes[side].atlases.get(`map:${index}`);
  if (!layer || layer.form !== "maps" || channel >= layer.count || !atlas || !hasMap(atlas, channel)) return null;
  const { scope, tables } = scenes[side];
  return { atlas, channel, scale: withTable(tables, scaleOf(layer, scope, channel)) };
}

function numbersAt(compared, pair, { channel, row, col }) {
  const values = SIDES.map((side) => valueIn(compared[side].layers[pair[side]], channel, row, col));
  const { rows, cols, form } = compared[pair.one === null ? "other" : "one"].layers[pair.one ?? pair.other];
  if (!pair.difference) {
    return Object.fromEntries(
      SIDES.map((side, at) => [
        side,
        Number.isNaN(values[at]) ? "" : String(shownNumbers(values[at], 0, -values[at], form).one),
      ])
    );
  }
  return shownNumbers(...values, pair.difference.values[(channel * rows + row) * cols + col], form);
}

function valueIn(layer, channel, row, col) {
  const isThere = layer?.output && channel < layer.count && row < layer.rows && col < layer.cols;
  return isThere ? layer.output.values[(channel * layer.rows + row) * layer.cols + col] : NaN;
}

function frame(context, [x, y, w, h], ink) {
  for (const [colour, line] of [
    [ink.halo, 4],
    [ink.accent, 2],
  ]) {
    context.strokeStyle = colour;
    context.lineWidth = line;
    context.strokeRect(x, y, w, h);
  }
}
