// Training, watched: the runs are asked how they are, painted, and looked at in any recorded moment.

import { lookupTables } from "../explorer/atlas.js";
import { inkOf } from "../explorer/scene.js";
import { isDark } from "../shared/colour.js";
import { element, isOnPage } from "../shared/dom.js";
import { followTheme } from "../shared/theme.js";
import { Column } from "./column.js";
import { Controls } from "./controls.js";
import { LookBar } from "./lookbar.js";
import { floatsAsText, readTrainer } from "./packet.js";
import { Plots } from "./plots.js";
import { Poll } from "./poll.js";
import { Timeline } from "./timeline.js";
import { saveFile } from "./files.js";
import { Memory } from "./memory.js";
import { isOneMoment } from "./words.js";

const PACE = { starting: 150, loading: 150, running: 300, paused: 1500 }; // ms between questions
const AT_ONCE = 40; // until what the hand wanted is seen
const OBEYS = 1500; // ms in which that is looked for
const RARELY = 15_000; // where nothing happens any more: so that the server knows of the reader
const REST = 200; // ms without a move of the slider
const PLANE_GAP = 1500; // ms between planes while a run is at work
const trainers = new WeakMap();

class Trainer {
  constructor(parent) {
    this.stamp = undefined;
    this.painted = 0;
    this.runs = [];
    this.commands = [];
    this.method = "pca";
    this.look = { subject: { kind: "set", index: 0 }, layer: null, channel: 0 };
    this.scene = {};
    this.planeAt = -Infinity;
    this.turnedAt = -Infinity;
    this.awaited = { until: -Infinity, from: "" };
    this.memory = new Memory();
    this.poll = new Poll({
      write: () => this.question(), onAnswer: (bytes, question) => this.answer(readTrainer(bytes), question),
      onProblem: (sentence) => this.complain(sentence), pause: () => this.pace(),
    });
    this.build();
    parent.append(this.root);
    this.observer = new ResizeObserver(() => this.measure());
    this.observer.observe(this.root);
  }

  build() {
    this.controls = new Controls({ onDo: (name, rate) => this.act(name, rate) });
    this.notice = element("p", { class: "tr-notice", role: "status", hidden: true });
    this.plots = new Plots({ onScrub: (step) => this.timeline.go(step) });
    this.timeline = new Timeline({ onAt: (at) => this.turn(at) });
    this.lookbar = new LookBar({ onLook: (change) => this.aim(change) });
    this.columns = [0, 1].map((place) => new Column({ onCell: (cell) => this.open(place, cell), onMethod: (method) => this.arrange(method) }));
    this.hint = element("div", { class: "tr-hint" });
    this.both = element("div", { class: "tr-columns" }, this.columns.map((column) => column.root));
    this.body = element("div", { class: "tr-body" }, [this.controls.root, this.plots.root, this.timeline.root, this.lookbar.root, this.both]);
    this.root = element("div", { class: "cnnviz-trainer" }, [this.notice, this.hint, this.body]);
    followTheme(this.root, () => this.paint());
  }

  /** A packet from a run of the page. */
  receive(packet, send) {
    this.send = send;
    const { texts, palettes, series, url, language, stamp, kept, run, drawing } = packet;
    this.tools = { texts, palettes, series };
    this.poll.url = url;
    this.language = language;
    const isNew = drawing && String(drawing.values) !== String(this.drawing?.values);
    this.drawing = drawing;
    if (isNew || !drawing) this.look.subject.kind = drawing ? "drawing" : "set";
    if (stamp !== this.stamp) this.adopt({ stamp, kept, run });
    else if (isNew && this.runs.length > 0) this.poll.soon();
    this.paint();
  }

  /** Other runs than before: those that the page names, or after a reload those that this tab remembers. */
  adopt({ stamp, kept, run }) {
    const isFirst = this.stamp === undefined;
    this.stamp = stamp;
    const remembered = isFirst && !kept && !run ? this.memory.read() : null;
    this.hold(remembered ?? { kept, run });
    if (remembered && this.runs.length > 0) this.report();
    this.timeline.stop();
    this.timeline.at = null;
    if (this.runs.length > 0) this.poll.soon();
  }

  hold({ kept, run }) {
    const known = new Map(this.runs.map((one) => [one.token, one]));
    const held = [[kept, true], [run, false]].filter(([token]) => token);
    this.runs = held.map(([token, isKept]) => Object.assign(known.get(token) ?? freshRun(token), { isKept }));
    this.runs.forEach((one) => (one.letter = one.isKept ? "A" : this.runs.length > 1 ? "B" : ""));
    this.memory.write({ kept, run });
  }

  report() {
    this.send.held({ kept: this.tokenOf(true), run: this.tokenOf(false), stamp: this.stamp });
  }

  tokenOf(isKept) {
    return this.runs.find((run) => run.isKept === isKept)?.token ?? null;
  }

  /** The run that buttons act on. */
  get current() {
    return this.runs.at(-1) ?? null;
  }

  get last() {
    return this.runs.reduce((most, run) => Math.max(most, run.step), 0);
  }

  /** The step that is looked at, null for the head of each run; beside a run that goes on, the kept one follows its step. */
  get at() {
    return this.timeline.at ?? (this.runs.length > 1 && this.current.state === "running" ? this.current.step : null);
  }

  pace() {
    if (this.runs.length === 0) return null;
    if (performance.now() < this.awaited.until && this.awaited.from === this.standing()) return AT_ONCE;
    const isBehind = (run) => run.plane?.is_awaited || (run.look && run.plane?.step !== run.look.step);
    if (this.runs.some(isBehind)) return PACE.running;
    return PACE[this.current.state] ?? RARELY;
  }

  standing() {
    return `${this.current.state} ${this.current.step}`;
  }

  /** What is asked: how the runs are, what to do, which moment to look at. */
  question() {
    const commands = this.commands.splice(0);
    const { index } = this.look.subject;
    const kind = this.canDraw() ? this.look.subject.kind : "set";
    const isLive = this.timeline.at === null;
    const withPlane = this.wantsPlane(isLive);
    return {
      language: this.language, commands, at: this.timeline.at, layer: this.look.layer, channel: this.look.channel, subject: { kind, index },
      image: kind === "drawing" ? floatsAsText(this.drawing.values) : undefined, plane: withPlane ? this.method : null,
      runs: this.runs.map((run) => ({ token: run.token, version: run.version, statics: Boolean(run.statics), cell: run.cell, ...(run.isKept ? { at: this.at } : {}) })),
      is_live: isLive,
    };
  }

  /** The plane costs most: now and then while the run goes on, and when the hand on the slider rests. */
  wantsPlane(isLive) {
    const now = performance.now();
    if (now - this.turnedAt < REST) return false;
    if (isLive && this.current?.state === "running" && now - this.planeAt < PLANE_GAP) return false;
    this.planeAt = now;
    return true;
  }

  answer(header, question) {
    this.notice.hidden = !header.problem;
    this.notice.textContent = header.problem ?? "";
    if (header.file) saveFile(header.file);
    for (const told of header.runs) this.take(told);
    const gone = header.runs.filter((told) => told.state === "gone").map((told) => told.token);
    if (gone.length > 0) this.forget(gone);
    if (question.is_live === (this.timeline.at === null) || this.timeline.timer) this.paint();
  }

  /** What is new of a run; what was not sent stays as it was. */
  take(told) {
    const run = this.runs.find(({ token }) => token === told.token);
    if (!run) return;
    const { curves, moments, statics, plane, ...rest } = told;
    Object.assign(run, rest);
    if (curves) run.curves = curves;
    if (moments) run.moments = Array.from(moments.values);
    if (statics) {
      run.statics = statics;
      if (this.look.subject.kind === "drawing") this.poll.soon(); // now it is known whether the drawing fits
    }
    if (plane) run.plane = plane;
    if (this.timeline.timer === null && told.look) run.moment = told.look.step;
  }

  /** Whether the drawing on the table has the size of what these networks read. */
  canDraw() {
    const shape = this.current?.statics?.input_shape;
    return Boolean(this.drawing && shape && String(this.drawing.shape) === String(shape));
  }

  forget(gone) {
    const left = this.runs.filter(({ token }) => !gone.includes(token));
    this.hold({ kept: left.find((run) => run.isKept)?.token, run: left.find((run) => !run.isKept)?.token });
    this.report();
    this.notice.hidden = false;
    this.notice.textContent = this.tools.texts.gone;
  }

  complain(sentence) {
    this.notice.hidden = false;
    this.notice.textContent = sentence ?? this.tools.texts.nobody;
  }

  act(name, rate) {
    const { token } = this.current;
    if (name === "keep") return this.keep();
    if (name === "reset") this.drop(token);
    const others = this.commands.filter((command) => !(name === "rate" && command.do === "rate"));
    this.commands = [...others, { token, do: name, ...(name === "rate" ? { rate } : {}), ...(name === "save" ? { at: this.current.look?.step ?? null } : {}) }];
    if (["resume", "step"].includes(name)) this.timeline.go(null);
    if (["pause", "resume", "step", "stop"].includes(name)) this.awaited = { until: performance.now() + OBEYS, from: this.standing() };
    return this.poll.soon();
  }

  /** The finished run stays on the page as A; the next one becomes B. */
  keep() {
    this.hold({ kept: this.current.token, run: null });
    this.report();
    this.paint();
  }

  drop(token) {
    const left = this.runs.filter((run) => run.token !== token);
    this.hold({ kept: left[0]?.isKept ? left[0].token : null, run: null });
    this.timeline.at = null;
    this.report();
    this.paint();
  }

  turn(at) {
    this.turnedAt = performance.now();
    this.plots.mark(at);
    this.poll.soon();
  }

  aim(change) {
    Object.assign(this.look, change);
    this.paint();
    this.poll.soon();
  }

  open(place, cell) {
    this.runs[place].cell = cell;
    if (cell) this.poll.soon();
  }

  arrange(method) {
    this.method = method;
    this.poll.soon();
  }

  measure() {
    if (this.root.clientWidth === 0) return;
    this.plots.measure();
    for (const column of this.columns) column.measure();
    this.paint();
  }

  recolour() {
    const dark = isDark(this.root);
    if (this.scene.dark === dark && this.scene.of === this.tools.palettes) return;
    this.root.dataset.theme = dark ? "dark" : "light";
    const ink = inkOf(this.root, dark);
    const soft = dark ? "rgba(255,255,255,0.66)" : "rgba(0,0,0,0.62)";
    this.scene = { dark, ink: { ...ink, soft }, tables: lookupTables(this.tools.palettes[dark ? "dark" : "light"]), of: this.tools.palettes };
  }

  paint() {
    if (!this.tools || this.root.clientWidth === 0) return;
    this.recolour();
    const { texts, series } = this.tools;
    const scene = Object.assign(this.scene, { texts, series, method: this.method });
    const { current } = this;
    this.hint.hidden = current !== null;
    this.body.hidden = current === null;
    if (!current) return this.showHint(texts);
    this.controls.show(current, texts);
    const moments = [...new Set(this.runs.flatMap((run) => run.moments))].sort((a, b) => a - b);
    this.timeline.show({ moments, last: this.last, head: this.at ?? this.last, isRunning: current.state === "running", texts });
    this.showTime(!this.runs.every(isOneMoment));
    this.plots.show({ runs: this.runs, last: this.last, at: this.at, scene });
    this.showLookBar(current, texts);
    this.both.dataset.count = String(this.runs.length);
    this.columns.forEach((column, at) => {
      column.root.hidden = at >= this.runs.length;
      if (this.runs[at]) column.show(this.runs[at], scene);
    });
    this.painted += 1;
    this.tellWhereItStands(current);
  }

  /** Curves and the slider: not where nothing is known but one moment. */
  showTime(isThere) {
    if (this.plots.root.hidden === !isThere) return;
    for (const part of [this.plots, this.timeline]) part.root.hidden = !isThere;
    if (isThere) this.plots.measure();
  }

  /** For tests and benchmarks, which wait for it. */
  tellWhereItStands(current) {
    Object.assign(this.root.dataset, { painted: this.painted, state: current.state, step: current.step, moment: current.look?.step ?? "", live: this.timeline.at === null });
  }

  showHint(texts) {
    if (this.hinted === texts.language) return;
    this.hinted = texts.language;
    this.hint.replaceChildren(element("p", {}, [texts.hint]), element("ul", {}, texts.hints_list.map((text) => element("li", {}, [text]))));
  }

  showLookBar({ look, statics }, texts) {
    this.lookbar.root.hidden = !look || !statics;
    if (!look || !statics) return;
    const kinds = this.canDraw() ? ["drawing", "set"] : ["set"];
    this.lookbar.show({
      subject: this.look.subject, kinds, pictures: statics.pictures, layers: look.layers, layer: look.layer, channels: look.channels, channel: look.channel, texts,
    });
  }

  close() {
    this.poll.close();
    this.timeline.close();
    this.observer.disconnect();
    this.root.remove();
  }
}

function freshRun(token) {
  return { token, state: "starting", step: 0, steps: 0, rate: null, left: null, per_second: null, version: null, moments: [], curves: null, look: null, statics: null, cell: null, sentence: "" };
}

/** Streamlit calls this for every new packet; the trainer itself stays. */
export default function mountTrainer({ data, parentElement, setStateValue }) {
  let trainer = trainers.get(parentElement);
  if (!trainer) {
    trainer = new Trainer(parentElement);
    trainers.set(parentElement, trainer);
  }
  trainer.receive(readTrainer(data), { held: (runs) => setStateValue("held", runs) });
  return () => {
    if (isOnPage(parentElement)) return;
    trainer.close();
    trainers.delete(parentElement);
  };
}
