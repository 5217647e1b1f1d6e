// What one cell sees: of the drawing and of every earlier layer, by formula, cell by cell, and how strongly.

import { paintAtlas } from "../shared/atlas.js";
import { showLegends } from "../network/legends.js";
import { litBy } from "../network/reads.js";
import { element, fill } from "../shared/dom.js";
import { formatPercent } from "../shared/format.js";
import { post } from "../shared/post.js";
import { attachField, base64Of, readWire } from "../shared/wire.js";
import { MapFigure } from "./mapfigure.js";
import { cellOfStep } from "./model.js";
import { isNarrow } from "./room.js";

const PAUSE = 160; // ms without a step until Python is asked
const PATIENCE = 300; // ms until it is said that an answer is being computed; the first time at once
const SMALL = 104;

export class SeesScene {
  constructor(walk) {
    this.walk = walk;
    this.drawing = new MapFigure();
    this.strengths = [0, 1].map(
      (at) => new MapFigure({ onPoint: (row, col) => this.read(at, row, col), onLeave: () => this.read(at, null) })
    );
    this.earlier = element("div", { class: "walk-row" });
    this.words = element("p", { class: "walk-readout walk-formula", "aria-live": "polite" });
    this.formula = element("p", { class: "walk-readout" });
    this.caption = element("p", { class: "walk-readout" });
    const row = element("div", { class: "walk-row" }, [this.drawing.node, ...this.strengths.map(({ node }) => node)]);
    this.node = element("div", { class: "walk-scene walk-sees" }, [
      this.words,
      row,
      this.formula,
      this.caption,
      this.earlier,
    ]);
    this.asked = 0;
    /** @type {?{at: number, row: number, col: number}} the pixel that is pointed at, in which of the strengths */
    this.pointed = null;
  }

  hold(model, width) {
    this.model = model;
    this.side = isNarrow(width) ? Math.min(300, width) : Math.min(270, (width - 40) / 3);
    this.known = null;
  }

  paint(position) {
    if (this.known === `${this.model.index} ${this.model.channel} ${position}`) return;
    this.known = `${this.model.index} ${this.model.channel} ${position}`;
    clearTimeout(this.asking);
    this.foresee(position);
    this.asking = setTimeout(() => this.ask(position), this.answer ? PAUSE : 0);
  }

  /** At once, without Python: the cells that are read. Counts and strengths follow when the walk rests. */
  foresee(position) {
    const { model } = this;
    const { layers } = model.packet;
    const lit = litBy(layers, cellOfStep(model, position));
    for (const index of new Set(lit.map((each) => each.index))) {
      const figure = index === 0 ? this.drawing : this.figures?.get(layers[index].path);
      const isHere = figure?.cell && figure.rows === layers[index].rows && figure.cols === layers[index].cols;
      if (isHere) figure.paint({ mask: maskOf(lit, index, layers[index]) });
    }
    for (const { node } of this.strengths) node.classList.add("stale");
  }

  async ask(position) {
    const { walk, model } = this;
    if (!walk.model) return;
    this.asked += 1;
    const { asked } = this;
    const waiting = setTimeout(() => this.wait(), this.answer ? PATIENCE : 0);
    const image = base64Of(model.packet.layers[0].output.values);
    const { bytes } = await post(walk.asking.url, { ...walk.asking.say, ...walk.unitOf(position), image });
    clearTimeout(waiting);
    if (asked !== this.asked || !walk.model) return;
    if (!bytes) {
      this.words.textContent = walk.texts.sees_nobody;
      return;
    }
    this.answer = readAnswer(bytes);
    this.show();
  }

  /** Says that the answer is being computed. */
  wait() {
    if (!this.walk.model) return;
    this.words.textContent = this.walk.texts.sees_computing;
    this.node.dataset.status = "computing";
  }

  /** What a pixel's strength is, as a number; without a pixel what is said of them all. */
  read(at, row, col) {
    this.pointed = row === null ? null : { at, row, col };
    const figure = this.strengths[at];
    const strength = this.answer?.strengths?.[at];
    if (!strength || !figure.words) return;
    const value = row === null ? 0 : strength.weights.values[row * strength.weights.shape[1] + col];
    figure.words.textContent =
      row === null ? strength.words : fill(this.walk.texts.sees_pixel, { row, col, share: formatPercent(value, 2) });
  }

  show() {
    const { answer, walk } = this;
    this.words.textContent = answer.problem ?? answer.sentence;
    this.formula.textContent = answer.formula ?? "";
    const maps = answer.maps ?? [];
    for (const { node } of [this.drawing, ...this.strengths]) node.hidden = maps.length === 0;
    this.caption.hidden = maps.length < 2;
    this.caption.textContent = walk.texts.sees_earlier;
    this.node.dataset.status = answer.status ?? "problem";
    this.earlier.replaceChildren();
    this.figures = new Map();
    if (maps.length === 0) return;
    this.showDrawing(maps[0]);
    answer.strengths.forEach((strength, i) => this.showStrength(this.strengths[i], strength, maps[0]));
    for (const map of maps.slice(1)) this.earlier.append(this.earlierMap(map));
    if (this.pointed) this.read(this.pointed.at, this.pointed.row, this.pointed.col); // the pointer has not moved
  }

  showDrawing(map) {
    const { walk } = this;
    this.place(
      this.drawing,
      walk.atlas(0),
      map,
      fill(walk.texts.sees_drawing, { count: countOf(map), total: map.exact.values.length }),
      this.side
    );
    this.drawing.paint({ mask: map.exact.values, box: clippedBox(map) });
  }

  showStrength(figure, { weights, images, words }, map) {
    const { walk, model } = this;
    const [rows, cols] = weights.shape;
    const high = weights.values.reduce((most, value) => Math.max(most, value), 0);
    const atlas = paintAtlas(weights.values, { count: 1, rows, cols }, () => ({
      table: model.tables.scores,
      low: 0,
      high: high || 1,
    }));
    this.place(
      figure,
      atlas,
      map,
      images === 1 ? walk.texts.sees_here : fill(walk.texts.sees_many, { count: images }),
      this.side
    );
    figure.paint({ box: clippedBox(map) });
    if (!figure.words) {
      figure.scale = element("div", { class: "walk-scale" });
      figure.words = element("span", { class: "walk-words" });
      figure.node.append(figure.scale, figure.words);
    }
    figure.scale.hidden = high === 0;
    figure.scale.style.width = `${this.side}px`;
    showLegends(figure.scale, [
      { table: model.tables.scores, ends: [formatPercent(0, 0), formatPercent(high, 2)], css: "" },
    ]);
    figure.words.textContent = words;
    figure.node.classList.remove("stale");
  }

  earlierMap(map) {
    const figure = new MapFigure();
    this.place(figure, null, map, fill(this.walk.texts.sees_layer, { layer: map.layer, count: countOf(map) }), SMALL);
    figure.paint({ mask: map.exact.values, box: clippedBox(map) });
    this.figures.set(map.layer, figure);
    return figure.node;
  }

  place(figure, atlas, { exact }, caption, side) {
    const [rows, cols] = exact.shape;
    figure.hold({ atlas, channel: 0, rows, cols, ink: this.walk.ink, caption });
    figure.size(side);
  }
}

/** The cells of one map that are read, whichever map it is. */
function maskOf(lit, index, { rows, cols }) {
  const mask = new Uint8Array(rows * cols);
  for (const each of lit.filter((one) => one.index === index))
    for (const row of each.rows) for (const col of each.cols) mask[row * cols + col] = 1;
  return mask;
}

function readAnswer(bytes) {
  const { header, body } = readWire(bytes);
  for (const { exact } of header.maps ?? []) attachField(exact, body);
  for (const { weights } of header.strengths ?? []) attachField(weights, body);
  return header;
}

function countOf({ exact }) {
  return exact.values.reduce((sum, is) => sum + is, 0);
}

/** The formula's box, cut off at the border of its map. */
function clippedBox({ reach, exact }) {
  const [tall, wide] = exact.shape;
  const [top, left] = [Math.max(0, reach.row), Math.max(0, reach.col)];
  const rows = Math.min(tall, reach.row + reach.rows) - top;
  const cols = Math.min(wide, reach.col + reach.cols) - left;
  return rows > 0 && cols > 0 ? { row: top, col: left, rows, cols } : null;
}
