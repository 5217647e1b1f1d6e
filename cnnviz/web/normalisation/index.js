// Batch normalisation and dropout under the hand: every stage of a small batch in numbers, and one cell step by step.

import { lookupTables } from "../shared/atlas.js";
import { AnsweredPart } from "../shared/answered.js";
import { isDark } from "../shared/colour.js";
import { element, fill, putText } from "../shared/dom.js";
import { largestSize } from "../shared/extent.js";
import { keepStanding } from "../shared/standing.js";
import { attachField, readWire } from "../shared/wire.js";
import { LinesTable, RunningTable } from "./numbers.js";
import { NormControls } from "./panel.js";
import { StageFigure } from "./stages.js";

class Normalisation extends AnsweredPart {
  build() {
    this.figures = new Map();
    this.controls = new NormControls((change) => this.change(change));
    this.told = element("p", { class: "norm-told", "aria-live": "polite" });
    this.problem = element("p", { class: "norm-problem", role: "status", hidden: true });
    this.lead = element("p", { class: "norm-lead" });
    this.stages = element("div", { class: "norm-stages" });
    this.lines = new LinesTable();
    this.running = new RunningTable();
    const numbers = element("div", { class: "norm-numbers" }, [this.lines.root, this.running.root]);
    this.root = element("div", { class: "cnnviz-normalisation" }, [
      this.controls.root,
      this.told,
      this.problem,
      this.lead,
      this.stages,
      numbers,
    ]);
  }

  read(bytes) {
    const { header, body } = readWire(bytes);
    for (const { field } of header.stages) attachField(field, body);
    return header;
  }

  /** Whether a packet is of what is asked now: its cell may be the nearest one that there is. */
  isAnswer({ asked }) {
    return Object.keys(asked).every((name) => name === "cell" || asked[name] === this.asked[name]);
  }

  adopt(packet) {
    if (this.isAnswer(packet)) this.problem.hidden = true;
    super.adopt(packet);
  }

  question() {
    return { norm: this.asked };
  }

  link() {
    return { norm: linkText(this.asked) };
  }

  paint() {
    if (!this.packet) return;
    const { tools, packet, asked } = this;
    const { texts } = tools;
    const dark = isDark(this.root);
    if (dark !== this.dark) this.palettes = lookupTables(tools.palettes[dark ? "dark" : "light"]);
    this.dark = dark;
    this.root.dataset.theme = dark ? "dark" : "light";
    this.controls.show({ asked, texts });
    putText(this.told, packet.told);
    putText(this.lead, texts.lead);
    this.paintStages();
    const [image, channel, row, col] = packet.asked.cell;
    this.lines.show({ ...packet, title: fill(texts.cell, { image, channel, row, col }) });
    this.running.show({ rows: packet.running, channel, texts });
  }

  paintStages() {
    const { packet, tools } = this;
    const counts = packet.asked.mode === "train" && packet.asked.layer === "batch_norm";
    const shown = packet.stages.map((stage) => {
      if (!this.figures.has(stage.key)) this.figures.set(stage.key, new StageFigure((cell) => this.change({ cell })));
      const figure = this.figures.get(stage.key);
      const takes = stage.key === "arrives" || (stage.key === "image" && stage.is_layer);
      figure.show(stage, {
        cell: this.asked.cell,
        counts: counts && takes,
        scale: this.scaleOf(stage),
        texts: tools.texts,
      });
      return figure.root;
    });
    const isSame =
      shown.length === this.stages.children.length && shown.every((one, at) => this.stages.children[at] === one);
    if (!isSame) this.stages.replaceChildren(...shown);
  }

  /** Images from 0 to their largest value; what layers make is on one scale around 0, the same for all of them. */
  scaleOf({ key, field }) {
    const reach = ({ values }) => largestSize(values) || 1e-9;
    if (key === "image") return { table: this.palettes.inputs, low: 0, high: reach(field) };
    const made = this.packet.stages.filter((stage) => stage.key !== "image" && stage.key !== "arrives");
    const most = key === "arrives" ? reach(field) : Math.max(...made.map((stage) => reach(stage.field)));
    return { table: this.palettes.activations, low: -most, high: most };
  }

  complain(words) {
    this.problem.hidden = false;
    putText(this.problem, words ?? this.tools.texts.nobody);
  }
}

/** What is on screen as a part of the page's address: `ui/lab/norm.py` reads it. */
function linkText({ example, layer, mode, batch, gamma, beta, p, cell }) {
  return [example, layer, mode, batch, gamma, beta, p, ...cell].join("~");
}

/** Streamlit calls this for every new packet; what the reader has in hand stays. */
export default function mountNormalisation({ data, parentElement, setStateValue }) {
  return keepStanding(Normalisation, parentElement, (part) =>
    part.receive(data, (asked) => setStateValue("made", asked))
  );
}
