// One training step as a walk: wiring of packet, network, views, player and keys.

import { clearCanvas } from "../shared/canvas.js";
import { isDark } from "../shared/colour.js";
import { element } from "../shared/dom.js";
import { followTheme } from "../shared/theme.js";
import { keepStanding } from "../shared/standing.js";
import { keepFocus } from "../shared/steady.js";
import { keepStrayKeys } from "../shared/straykeys.js";
import { lookupTables } from "../shared/atlas.js";
import { isPlainKey } from "../shared/plainkey.js";
import { columnLabels } from "./columnnames.js";
import { columnStates, networkCellAt, networkLayout, paintNetwork } from "./network.js";
import { readTrainingStep, strongestMap } from "./packet.js";
import { SteerBar } from "./steerbar.js";
import { kernelsView, lossView, mapsView, numbersTable, outcomeView, scoresView } from "./views.js";
import { cellSentence, columnName } from "./words.js";

const PACE = 4500; // ms that a step stays while playing: time to read its sentence
const BESIDE = 1270; // from this width on the panel stands beside the network

/** One walk on the page. */
class TrainingStep {
  constructor(parent) {
    this.at = 0;
    /** @type {number[]} which map of each column */
    this.chosen = [];
    this.network = ""; // its columns, by which it is known
    this.weight = null;
    this.tableIsOpen = false;
    this.timer = null;
    this.build();
    parent.append(this.root);
    keepStrayKeys(this.root);
    keepFocus(this.root);
    this.observer = new ResizeObserver(() => this.packet && this.render());
    this.observer.observe(this.root);
    followTheme(this.root, () => this.packet && this.render());
  }

  build() {
    this.bar = new SteerBar({
      onGo: (at) => this.go(at),
      onMove: (steps) => this.go(this.at + steps),
      onToggle: () => this.toggle(),
      onNumbers: () => this.toggleTable(),
    });
    this.title = element("strong", {});
    this.text = element("p", { class: "sentence" });
    this.canvas = element("canvas", { class: "network", role: "img" });
    this.labels = element("div", { class: "labels" });
    this.info = element("p", { class: "info" });
    this.ghost = element("canvas", { class: "ghost", "aria-hidden": "true" });
    this.stage = element("div", { class: "stage" }, [this.labels, this.canvas, this.ghost]);
    this.panel = element("div", { class: "panel" });
    this.table = element("div", { class: "table", tabindex: 0 });
    const left = element("div", { class: "left" }, [this.stage]);
    const words = element("div", { class: "words" }, [
      element("div", { "aria-live": "polite" }, [this.title, this.text]),
      this.info,
    ]);
    this.root = element("div", { class: "cnnviz-motion" }, [
      this.bar.root,
      words,
      element("div", { class: "sides" }, [left, this.panel]),
      this.table,
    ]);
    this.root.addEventListener("keydown", (event) => this.key(event));
    this.canvas.addEventListener("pointermove", (event) => this.point(event));
    this.canvas.addEventListener("pointerleave", () => this.point(null));
    this.canvas.addEventListener("click", (event) => this.choose(this.under(event)));
  }

  /** New numbers; the walk stays where it is. */
  receive(bytes) {
    this.packet = readTrainingStep(bytes);
    const { layers, steps, texts } = this.packet;
    this.at = Math.min(this.at, steps.length - 1);
    const network = JSON.stringify(layers.map(({ path, count }) => [path, count]));
    if (network !== this.network)
      Object.assign(this, { network, chosen: layers.map(strongestMap), looked: 1, updated: null });
    this.bar.writeTexts(texts, steps.length);
    this.weightOf = null;
    this.render();
  }

  get step() {
    return this.packet.steps[this.at];
  }

  /** The column that the panel is about. */
  get index() {
    const { kind, layer } = this.step;
    if (kind === "update") return this.updated ?? this.weighted()[0];
    return kind === "forward" ? this.looked : layer;
  }

  weighted() {
    return this.packet.layers.flatMap((column, index) => (column.kernels ? [index] : []));
  }

  go(at) {
    const next = Math.max(0, Math.min(this.packet.steps.length - 1, at));
    if (next === this.packet.steps.length - 1) this.pause();
    if (next === this.at) return;
    this.at = next;
    this.render();
  }

  toggle() {
    if (this.timer !== null) return this.pause();
    if (this.at === this.packet.steps.length - 1) this.go(0);
    this.timer = setInterval(() => this.go(this.at + 1), PACE);
    return this.writePlayer();
  }

  pause() {
    clearInterval(this.timer);
    this.timer = null;
    this.writePlayer();
  }

  key(event) {
    if (!isPlainKey(event)) return undefined;
    const isNative = event.target === this.bar.slider || event.target.tagName === "SELECT";
    if (event.target.classList.contains("grid") && (event.key === "PageUp" || event.key === "PageDown"))
      return this.turn(event);
    const acts = {
      ArrowLeft: () => this.go(this.at - 1),
      ArrowRight: () => this.go(this.at + 1),
      Home: () => this.go(0),
      End: () => this.go(Infinity),
    };
    if (event.key === " " && event.target === this.bar.root) acts[" "] = () => this.toggle();
    if (isNative || !acts[event.key]) return undefined;
    event.preventDefault();
    return acts[event.key]();
  }

  /** Page Up and Page Down: the map before or after, of the column that the panel is about. */
  turn(event) {
    event.preventDefault();
    const { count } = this.packet.layers[this.index];
    const channel = (this.chosen[this.index] + (event.key === "PageUp" ? count - 1 : 1)) % count;
    this.choose({ index: this.index, channel });
    this.panel.querySelector("canvas.grid[tabindex]")?.focus();
  }

  under({ clientX, clientY }) {
    const box = this.canvas.getBoundingClientRect();
    return networkCellAt(this.scene, clientX - box.left, clientY - box.top);
  }

  /** The pointer is here, or has left: what it is on is said, and said anew when other numbers or another step come. */
  point(event) {
    this.pointer = event && { clientX: event.clientX, clientY: event.clientY };
    this.say(event && this.under(event));
  }

  say(cell) {
    this.info.textContent =
      cell && cell.index < this.packet.layers.length
        ? cellSentence(this.packet, this.scene.states, cell)
        : this.packet.texts.hint;
  }

  choose(cell) {
    if (!cell) return;
    this.chosen[cell.index] = cell.channel;
    const { kind } = this.step;
    if (kind === "forward") this.looked = cell.index;
    if (kind === "update" && this.packet.layers[cell.index].kernels) this.updated = cell.index;
    if (kind === "back" && this.sharesMaps(cell.index)) this.chooseTogether(cell);
    this.weightOf = null;
    this.render();
  }

  /** Whether the panel can turn to a column at this step. */
  opens(index) {
    const column = this.packet.layers[index];
    return this.step.kind === "forward"
      ? column.form !== "bars"
      : this.step.kind === "update" && Boolean(column.kernels);
  }

  openColumn(index) {
    this.choose({ index, channel: this.chosen[index] });
    this.labels.querySelector(`button[data-index="${index}"]`)?.focus();
  }

  /** Frames the map that the weight under the pointer reads, and the one that it belongs to. */
  light(index, { source, out }) {
    this.scene.lit = new Map([[index, out]]);
    this.scene.lit.set(this.packet.layers[index].sources[0], source);
    paintNetwork(this.canvas.getContext("2d"), this.scene);
  }

  /** Whether a layer works map by map, so that one choice goes for its inputs and its output. */
  sharesMaps(index) {
    const { layer } = this.step;
    return this.alike(layer).length > 0 && (index === layer || this.alike(layer).includes(index));
  }

  /** The columns that a layer reads map by map. */
  alike(layer) {
    const { reads, sources } = this.packet.layers[layer];
    return sources.filter((_, at) => reads[at]?.channels === "own");
  }

  chooseTogether({ channel }) {
    for (const index of [this.step.layer, ...this.alike(this.step.layer)]) this.chosen[index] = channel;
  }

  toggleTable() {
    this.tableIsOpen = !this.tableIsOpen;
    this.bar.numbers.setAttribute("aria-expanded", String(this.tableIsOpen));
    this.writeTable();
  }

  render() {
    const { packet } = this;
    const theme = isDark(this.root) ? "dark" : "light";
    const style = getComputedStyle(this.root);
    this.ink = Object.fromEntries(
      ["text", "line", "accent", "ground"].map((name) => [name, style.getPropertyValue(`--${name}`).trim()])
    );
    this.tables = lookupTables(packet.palettes[theme]);
    const width = this.root.clientWidth;
    this.root.classList.toggle("beside", width >= BESIDE);
    if (this.step.kind === "back" && this.sharesMaps(this.step.layer))
      this.chooseTogether({ channel: this.chosen[this.step.layer] });
    this.writePlayer();
    this.title.textContent = this.step.title;
    this.text.textContent = this.step.text;
    this.paint(width >= BESIDE ? Math.round(width * 0.6) : width);
    this.writePanel(width >= BESIDE ? Math.round(width * 0.4) - 32 : width);
    this.writeTable();
    this.root.dataset.step = String(this.at);
    this.root.dataset.kind = this.step.kind;
  }

  writePlayer() {
    const { steps, texts } = this.packet;
    const isPlaying = this.timer !== null;
    this.bar.show({ at: this.at, count: steps.length, title: this.step.title, isPlaying }, texts);
  }

  paint(width) {
    const states = columnStates(this.packet, this.step);
    const layout = networkLayout(this.packet, states, { width, height: Math.max(460, window.innerHeight - 330) });
    this.scene = {
      packet: this.packet,
      layout,
      states,
      tables: this.tables,
      ink: this.ink,
      atlases: new Map(),
      chosen: this.chosen,
    };
    if (this.painted !== this.step) this.fadeOut();
    this.painted = this.step;
    const context = clearCanvas(this.canvas, layout.width, layout.height + 4);
    paintNetwork(context, this.scene);
    this.canvas.setAttribute("aria-label", `${this.step.title}. ${this.step.text}`);
    this.labels.replaceChildren(
      ...columnLabels(
        this.scene,
        (index) => this.opens(index),
        (index) => this.openColumn(index)
      )
    );
    this.say(this.pointer ? this.under(this.pointer) : null);
  }

  /** What was there before goes gently, so that one sees what is new. */
  fadeOut() {
    if (
      !this.painted ||
      this.canvas.clientWidth > this.root.clientWidth ||
      this.scene.layout.narrow ||
      matchMedia("(prefers-reduced-motion: reduce)").matches
    )
      return;
    const { width, height, style } = this.canvas;
    Object.assign(this.ghost, { width, height });
    Object.assign(this.ghost.style, { width: style.width, height: style.height });
    this.ghost.getContext("2d").drawImage(this.canvas, 0, 0);
    this.ghost.animate([{ opacity: 1 }, { opacity: 0 }], { duration: 500, easing: "ease-in" });
  }

  writePanel(width) {
    this.panelWidth = width;
    this.panel.replaceChildren(...this.view());
  }

  view() {
    const { kind, layer } = this.step;
    const column = this.packet.layers[layer];
    if (kind === "forward") return mapsView(this, [[this.index, "output"]]);
    if (kind === "loss") return lossView(this);
    if (kind === "scores") return scoresView(this);
    if (kind === "update")
      return [...outcomeView(this), this.layerChoice(), ...kernelsView(this, this.index, ["before", "step", "after"])];
    if (column.kernels) return kernelsView(this, layer, ["before", "gradient"]);
    return mapsView(this, [
      ...column.inputs.map((source) => [source, "output"]),
      [layer, "gradient"],
      ...column.inputs.map((source) => [source, "back", layer]),
    ]);
  }

  /** Which layer's kernels are shown moving. */
  layerChoice() {
    const choice = this.weighted().map((index) => {
      const button = element(
        "button",
        { type: "button", "aria-pressed": String(index === this.index), "data-layer": index },
        [columnName(this.packet, index)]
      );
      button.addEventListener("click", () => this.choose({ index, channel: this.chosen[index] }));
      return button;
    });
    return element("div", { class: "choice", role: "group", "aria-label": this.packet.texts.layer }, choice);
  }

  writeTable() {
    const { kind } = this.step;
    const shows =
      this.packet.layers[this.index].kernels && kind !== "forward" ? "kernels" : this.scene.states[this.index].shows;
    this.bar.numbers.disabled = kind === "loss" || kind === "scores"; // these are numbers already
    const isThere = this.tableIsOpen && !this.bar.numbers.disabled;
    this.table.replaceChildren(...(isThere ? [numbersTable(this, this.index, shows)] : []));
  }

  close() {
    this.pause();
    this.observer.disconnect();
    this.root.remove();
  }
}

/** Streamlit calls this for every new packet; the walk itself stays. */
export default function mountTrainingStep({ data, parentElement }) {
  return keepStanding(TrainingStep, parentElement, (walk) => walk.receive(data));
}
