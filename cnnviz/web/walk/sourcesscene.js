// Layers that take cells from elsewhere, or from several layers: every input with the cells that are read, the rule,
// the result.

import { boxesOf } from "../network/reads.js";
import { element, fill } from "../shared/dom.js";
import { inputsAt, placeText } from "./inputs.js";
import { MapFigure } from "./mapfigure.js";
import { isNarrow, pairSide } from "./room.js";

const MOST_FIGURES = 3;
const LARGEST = 300;

/** What they share; each kind says its sentence and its terms in `tell`. */
export class SourcesScene {
  constructor(walk) {
    this.walk = walk;
    this.before = element("div", { class: "walk-row" });
    this.arrow = signOf("→");
    this.result = new MapFigure(walk.resultAnswers());
    this.readout = element("p", { class: "walk-readout walk-formula" });
    this.list = element("table", { class: "walk-terms" });
    const row = element("div", { class: "walk-row" }, [this.before, this.arrow, this.result.node]);
    this.node = element("div", { class: "walk-scene" }, [row, this.readout, this.list]);
  }

  hold(model, width) {
    this.model = model;
    const { packet, layer } = model;
    const columns = [...new Set(layer.sources)].filter((at) => packet.layers[at].form === "maps");
    const isMap = layer.form === "maps";
    const count = Math.min(columns.length, MOST_FIGURES) + (isMap ? 1 : 0);
    this.side = isNarrow(width) ? pairSide(width) : Math.min(LARGEST, (width - 50 * count) / Math.max(1, count));
    this.figures = new Map(columns.map((at) => [at, new MapFigure(this.answersOf(layer.sources.indexOf(at)))]));
    const nodes = [...this.figures.values()].map(({ node }) => node);
    const sign = this.signBetween();
    this.before.replaceChildren(...nodes.flatMap((node, at) => (at > 0 && sign ? [signOf(sign), node] : [node])));
    this.result.node.hidden = !isMap;
    this.arrow.hidden = !isMap || columns.length === 0;
    if (!isMap) return;
    const { index, channel, name } = model;
    const { rows, cols } = layer;
    this.result.hold({ atlas: this.walk.atlas(index), channel, rows, cols, ink: this.walk.ink, caption: name });
    this.result.size(this.side);
  }

  /** What stands between the pictures of two inputs; nothing where only one of them is read at a time. */
  signBetween() {
    return "";
  }

  /** Pointing at an input leads to the cell in the same place where it is read there. */
  answersOf(which) {
    const reads = this.model.layer.reads[which];
    return reads.cells === "own" ? this.walk.sourceAnswers() : {};
  }

  paint(position) {
    this.position = position;
    const inputs = inputsAt(this.model, position);
    const shown = this.columnsOf(inputs);
    for (const [at, figure] of this.figures) {
      figure.node.hidden = !shown.has(at);
      if (shown.has(at)) this.paintInput(figure, at, shown.get(at));
    }
    if (this.model.layer.form === "maps") {
      const [row, col] = this.walk.cellOf(position);
      this.result.paint({ marked: { row, col }, veilFrom: this.walk.veilFrom(position) });
    }
    const isHidden = this.walk.isHidden(position);
    const { formula, rows, lit = null } = this.tell(inputs, this.walk.valueAt(position), isHidden ? () => "?" : null);
    this.readout.textContent = formula;
    this.list.hidden = rows.length === 0;
    this.list.replaceChildren(
      element(
        "tbody",
        {},
        rows.map((row, at) => rowOf(row, at === lit))
      )
    );
  }

  /** The blocks that are read of each column of which anything is. */
  columnsOf(inputs) {
    const found = new Map();
    for (const { index, blocks } of inputs)
      if (index !== null && blocks.length > 0 && found.size < MOST_FIGURES)
        found.set(index, [...(found.get(index) ?? []), ...blocks]);
    return found;
  }

  paintInput(figure, at, blocks) {
    const { packet } = this.model;
    const { rows, cols, count } = packet.layers[at];
    const channels = [...new Set(blocks.flatMap((block) => block.channels))];
    const [channel] = channels;
    const words = { source: packet.texts.layers[at].name, channel, last: count - 1, count: channels.length };
    const { texts } = this.walk;
    const caption = fill(channels.length === 1 ? texts.map_of : texts.map_of_many, words);
    figure.hold({ atlas: this.walk.atlas(at), channel, rows, cols, ink: this.walk.ink, caption });
    figure.size(this.side);
    const own = blocks.filter((block) => block.channels.includes(channel));
    const cells = own.flatMap((block) => block.rows.flatMap((row) => block.cols.map((col) => ({ row, col }))));
    if (cells.length === 1) return figure.paint({ marked: cells[0] });
    const [box, another] = own.flatMap((block) => boxesOf({ ...block, box: block }));
    const mask = new Uint8Array(rows * cols);
    for (const { row, col } of cells) mask[row * cols + col] = 1;
    return figure.paint({ mask, box: another ? null : box });
  }

  /** Where an input's cell is, in words. */
  placeOf(input, at = 0) {
    return placeText({ texts: this.walk.texts, packet: this.model.packet }, input, input.places[at]);
  }
}

function signOf(text) {
  return element("span", { class: "walk-sign", "aria-hidden": "true" }, [text]);
}

/** A line of the table: its name, and what stands in its columns. @param {string[]} texts */
function rowOf([name, ...texts], isLit) {
  return element("tr", { class: isLit ? "lit" : "" }, [
    element("th", { scope: "row" }, [name]),
    ...texts.map((text) => element("td", {}, [text])),
  ]);
}
