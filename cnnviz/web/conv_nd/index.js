// Convolution along one axis and three under the hand: input, kernel and result in numbers, and one cell as its sum.

import { lookupTables } from "../shared/atlas.js";
import { AnsweredPart } from "../shared/answered.js";
import { isDark } from "../shared/colour.js";
import { element, fill, putText, renewChildren } from "../shared/dom.js";
import { largestSize } from "../shared/extent.js";
import { keepStanding } from "../shared/standing.js";
import { attachField, readWire } from "../shared/wire.js";
import { CellSum } from "./cellsum.js";
import { NumbersGrid, ResultGrid } from "./grids.js";
import { isSameSetup, linkText, resized } from "./numbers.js";
import { NdControls } from "./panel.js";

const VOLUME = 3; // axes

class ConvNd extends AnsweredPart {
  build() {
    this.controls = new NdControls({
      onSetting: (name, numbers) => this.set(name, numbers),
      onBias: (bias) => this.change({ bias }),
      onExample: (key) => this.change(this.tools.examples.find((one) => one.key === key).record),
    });
    this.problem = element("p", { class: "nd-problem", role: "status", hidden: true });
    this.lead = element("p", { class: "nd-lead" });
    this.input = new NumbersGrid("input", (at, value) => this.put("input", at, value));
    this.kernel = new NumbersGrid("kernel", (at, value) => this.put("kernel", at, value));
    this.output = new ResultGrid("output", (place) => this.change({ cell: this.isVolume ? place : place.slice(-1) }));
    this.sum = new CellSum();
    this.facts = element("dl", { class: "nd-facts" });
    this.codeTitle = element("h2", {});
    this.code = element("pre", { class: "nd-code", tabindex: 0 });
    const grids = [this.input, this.kernel, this.output].map(({ root }) => root);
    this.root = element("div", { class: "cnnviz-conv-nd" }, [
      this.controls.root,
      this.problem,
      this.lead,
      element("div", { class: "nd-grids" }, grids),
      this.sum.root,
      this.facts,
      element("section", {}, [this.codeTitle, this.code]),
    ]);
  }

  read(bytes) {
    const { header, body } = readWire(bytes);
    for (const { field } of Object.values(header.grids ?? {})) attachField(field, body);
    return header;
  }

  /** Whether a packet is of what is asked now: its cell may be the nearest one that there is. */
  isAnswer({ asked }) {
    return isSameSetup(asked, this.asked);
  }

  adopt(packet) {
    if (this.isAnswer(packet)) this.problem.hidden = true;
    super.adopt(packet);
  }

  get isVolume() {
    return this.packet.asked.stride.length === VOLUME;
  }

  question() {
    return { nd: this.asked };
  }

  link() {
    return { nd: linkText(this.asked) };
  }

  set(name, numbers) {
    const { kernel } = this.asked;
    this.change(name === "size" ? { kernel: resized(kernel, [kernel.shape[0], ...numbers]) } : { [name]: numbers });
  }

  put(name, at, value) {
    const numbers = this.asked[name].numbers.with(at, value);
    this.change({ [name]: { ...this.asked[name], numbers } });
  }

  paint() {
    if (!this.packet) return;
    const { tools, packet } = this;
    const { texts } = tools;
    const dark = isDark(this.root);
    if (dark !== this.dark) this.palettes = lookupTables(tools.palettes[dark ? "dark" : "light"]);
    this.dark = dark;
    this.root.dataset.theme = dark ? "dark" : "light";
    this.controls.show({ asked: this.asked, bounds: packet.bounds, examples: tools.examples, texts });
    putText(this.lead, texts.lead);
    this.paintGrids();
    this.paintWords();
  }

  paintGrids() {
    const { packet, tools } = this;
    const { asked, grids } = packet;
    const axes = asked.stride.length;
    const scene = (key) => ({
      title: tools.texts[key],
      grid: grids[key],
      scale: this.scaleOf(key),
      texts: tools.texts,
      axes,
      slices: key === "kernel" ? asked.kernel.shape[1] : grids[key].field.shape[0] / this.channelsOf(key),
      around: key === "input" ? [0, 0, 0, ...asked.padding].slice(-VOLUME) : [0, 0, 0],
      largest: packet.bounds.largest,
    });
    const reads = new Set(packet.reads);
    const input = { ...scene("input"), numbers: asked.input.numbers, isPadding: packet.is_padding, reads };
    this.input.show(input);
    this.kernel.show({ ...scene("kernel"), numbers: asked.kernel.numbers, isPadding: null, reads: null });
    const chosen = this.isVolume ? asked.cell : [0, 0, ...asked.cell];
    this.output.show({ ...scene("output"), chosen });
  }

  channelsOf(key) {
    return this.isVolume && key === "input" ? this.packet.asked.input.shape[0] : 1;
  }

  /** Each grid on a scale around 0. */
  scaleOf(key) {
    const most = largestSize(this.packet.grids[key].field.values) || 1e-9;
    return { table: key === "kernel" ? this.palettes.weights : this.palettes.activations, low: -most, high: most };
  }

  paintWords() {
    const { packet, tools } = this;
    const { texts } = tools;
    const { asked, words, cell } = packet;
    const [slice, row, col] = this.isVolume ? asked.cell : [0, 0, asked.cell[0]];
    const title = fill(texts[`cell_${asked.stride.length}`], { slice, row, col });
    const [, slices] = asked.kernel.shape;
    const names = cell.sums.map((_sum, at) =>
      this.isVolume
        ? fill(at >= slices ? texts.both : texts.slice, { channel: Math.floor(at / slices), slice: at % slices })
        : fill(texts.channel, { channel: at })
    );
    this.sum.show({ cell: { ...cell, isVolume: this.isVolume }, title, names, texts });
    const facts = [
      [`${words.name}: ${texts.shapes}`, words.shape],
      [texts.weight, words.weight],
      [texts.parameters, words.parameters],
      ...words.formulas.map(([axis, formula]) => [fill(texts.size_of, { axis }), formula]),
      ...(words.unread ? [["", words.unread]] : []),
    ];
    renewChildren(this.facts, facts, () =>
      facts.flatMap(([name, text]) => [element("dt", {}, [name]), element("dd", {}, [text])])
    );
    putText(this.codeTitle, texts.code);
    putText(this.code, packet.code);
  }

  complain(words) {
    this.problem.hidden = false;
    putText(this.problem, words ?? this.tools.texts.nobody);
  }
}

/** Streamlit calls this for every new packet; what the reader has in hand stays. */
export default function mountConvNd({ data, parentElement, setStateValue }) {
  return keepStanding(ConvNd, parentElement, (part) => part.receive(data, (asked) => setStateValue("made", asked)));
}
