// Training, watched: the runs are asked how they are, painted, and looked at in any recorded moment.

import { element, fill } from "../shared/dom.js";
import { followTheme } from "../shared/theme.js";
import { keepStanding } from "../shared/standing.js";
import { keepFocus } from "../shared/steady.js";
import { keepStrayKeys } from "../shared/straykeys.js";
import { readAspect, writeAspect } from "./aspect.js";
import { Column } from "./column.js";
import { Controls } from "./controls.js";
import { LookBar } from "./lookbar.js";
import { readTrainer } from "./packet.js";
import { Plots } from "./plots.js";
import { Poll } from "./poll.js";
import { colouredScene } from "./scene.js";
import { Timeline } from "./timeline.js";
import { saveFile } from "../shared/savefile.js";
import { RunNumbers } from "./numbers.js";
import { Held } from "./held.js";
import { Hint } from "./hint.js";
import { Questions } from "./questions.js";
import { isOneMoment, momentsText, turnOf } from "./words.js";

class Trainer {
  constructor(parent) {
    this.stamp = undefined;
    this.painted = 0;
    this.aspect = readAspect(); // which plane, which axis: also in a link
    this.scene = {};
    this.held = new Held();
    this.questions = new Questions(this.held);
    this.told = null; // what the page heard last
    this.poll = new Poll({
      write: () => this.question(),
      onAnswer: (bytes, question) => this.answer(readTrainer(bytes), question),
      onProblem: (sentence, question, status) => {
        this.questions.takeBack(question, status);
        this.complain(sentence);
      },
      pause: () => this.questions.pace(),
    });
    this.build();
    parent.append(this.root);
    keepStrayKeys(this.root);
    keepFocus(this.root);
    this.observer = new ResizeObserver(() => this.measure());
    this.observer.observe(this.root);
  }

  build() {
    this.controls = new Controls({ onDo: (name, value) => this.act(name, value) });
    this.notice = element("p", { class: "tr-notice", role: "status", hidden: true });
    this.plots = new Plots({
      isLog: this.aspect.isLog,
      onLog: (isLog) => this.arrange({ isLog }),
      onScrub: (step) => this.timeline.go(step),
    });
    this.timeline = new Timeline({ onAt: (at) => this.turn(at) });
    this.numbers = new RunNumbers({ onCsv: () => this.act("csv") });
    this.lookbar = new LookBar({ onLook: (change) => this.aim(change) });
    this.columns = [0, 1].map(
      (place) =>
        new Column({
          onCell: (cell) => this.open(place, cell),
          onPlane: (change) => this.arrange(change),
          onImage: (index) => this.aim({ subject: { kind: "set", index } }),
          onDrop: () => this.drop(place),
        })
    );
    this.hint = new Hint();
    this.recorded = element("p", { class: "tr-notice tr-recorded" });
    this.both = element(
      "div",
      { class: "tr-columns" },
      this.columns.map((column) => column.root)
    );
    this.body = element("div", { class: "tr-body" }, [
      this.recorded,
      this.controls.root,
      this.plots.root,
      this.timeline.root,
      this.numbers.root,
      this.lookbar.root,
      this.both,
    ]);
    this.root = element("div", { class: "cnnviz-trainer" }, [this.notice, this.hint.root, this.body]);
    followTheme(this.root, () => this.paint());
  }

  /** A packet from a run of the page. */
  receive(packet, send) {
    this.send = send;
    const { texts, palettes, series, url, language, stamp, drawing, orders, example } = packet;
    this.tools = { texts, palettes, series };
    this.poll.url = url;
    this.language = language;
    this.held.example = example;
    this.offersInside = packet.offers_inside;
    const isNew = drawing && String(drawing.values) !== String(this.drawing?.values);
    this.drawing = drawing;
    if (isNew || !drawing) this.questions.look.subject.kind = drawing ? "drawing" : "set";
    const isOrdered = orders !== this.orders; // by a button of the page
    this.orders = orders;
    if (stamp !== this.stamp) this.adopt(packet);
    else if (isOrdered) this.obey();
    else if (isNew && this.runs.length > 0) this.poll.soon();
    this.paint();
  }

  /** Other runs than before: those that the page names, or after a reload those that this tab remembers. */
  adopt({ stamp, kept, run, aside }) {
    const isFirst = this.stamp === undefined;
    this.stamp = stamp;
    const remembered = isFirst && !kept && !run ? this.held.remembered() : null;
    this.held.hold(remembered ?? { kept, run, aside });
    if (remembered) this.report();
    else if (!kept && !run && !aside) this.told = JSON.stringify(this.news()); // the page knows that there is none
    this.timeline.stop();
    this.timeline.at = null;
    this.questions.awaitNothing();
    if (this.runs.length > 0) this.poll.soon();
  }

  get runs() {
    return this.held.runs;
  }

  get current() {
    return this.held.current;
  }

  /** The page hears which runs there are, and of each turn that the present one takes. */
  report() {
    const news = this.news();
    if (JSON.stringify(news) === this.told) return;
    this.told = JSON.stringify(news);
    this.send.held(news);
  }

  news() {
    const turns = this.runs.filter((run) => !run.isExample).map((run) => turnOf(run.state));
    return { ...this.held.tokens, stamp: this.stamp, turns };
  }

  /** A button of the page has told the run what to do: it is seen here as if it had been pressed here. */
  obey() {
    this.timeline.go(null);
    this.questions.await();
    this.poll.soon();
  }

  /**
   * The step that is looked at, null for the head of each run; beside a run that goes on, the kept one follows its
   * step.
   */
  get at() {
    return this.timeline.at ?? (this.runs.length > 1 && this.current.state === "running" ? this.current.step : null);
  }

  question() {
    return this.questions.write({
      language: this.language,
      at: this.timeline.at,
      keptAt: this.at,
      drawing: this.canDraw() ? this.drawing : null,
      aspect: this.aspect,
    });
  }

  answer(header, question) {
    this.notice.hidden = !header.problem;
    this.notice.textContent = header.problem ?? "";
    if (header.file) saveFile(header.file);
    for (const told of header.runs) this.take(told);
    this.playExample();
    const gone = header.runs.filter((told) => told.state === "gone").map((told) => told.token);
    if (gone.length > 0) this.forget(gone);
    this.report();
    if (question.is_live === (this.timeline.at === null) || this.timeline.timer) this.paint();
  }

  /** The recorded run plays once by itself, so that something moves before anything was pressed. */
  playExample() {
    if (!this.current?.isExample || this.hasPlayed || this.current.moments.length < 2) return;
    this.hasPlayed = true;
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const { moments, last } = this.held;
    this.timeline.show({
      moments,
      last,
      head: last,
      isRunning: false,
      name: (at) => this.nameOf(at),
      texts: this.tools.texts,
    });
    this.timeline.start();
  }

  /** What is new of a run; what was not sent stays as it was. */
  take(told) {
    const run = this.held.find(told.token);
    if (!run) return;
    const { curves, moments, statics, plane, ...rest } = told;
    Object.assign(run, rest);
    if (curves) run.curves = curves;
    if (moments) run.moments = Array.from(moments.values);
    if (statics) {
      run.statics = statics;
      if (this.questions.look.subject.kind === "drawing") this.poll.soon(); // now it is known whether the drawing fits
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
    this.held.forget(gone);
    this.timeline.at = null; // it may lie beyond the end of what is left
    this.report();
    this.notice.hidden = false;
    this.notice.textContent = this.tools.texts.gone;
  }

  complain(sentence) {
    this.notice.hidden = false;
    this.notice.textContent = sentence ?? this.tools.texts.nobody;
  }

  act(name, value) {
    const { token } = this.current;
    if (name === "keep") return this.keep();
    if (name === "reset") return this.drop(this.runs.length - 1);
    if (name === "inside")
      return this.send.inside({
        token,
        at: this.current.look?.step ?? null,
        index: this.questions.look.subject.index,
      });
    const isSetting = ["rate", "speed"].includes(name);
    const more = isSetting ? { [name]: value } : name === "save" ? { at: this.current.look?.step ?? null } : {};
    this.questions.order({ token, do: name, ...more });
    if (name === "step") this.timeline.go(null);
    if (["step", "stop"].includes(name)) this.questions.await();
    return this.poll.soon();
  }

  /** The finished run stays on the page as A; the next one becomes B. */
  keep() {
    this.held.keep();
    this.report();
    this.paint();
  }

  /** A run leaves the page: its worker is free, its recording can be brought back. */
  drop(place) {
    const { token } = this.runs[place];
    this.questions.order({ token, do: "aside" });
    this.held.putAside(token);
    this.timeline.stop();
    this.timeline.at = null;
    this.report();
    this.poll.soon();
    this.paint();
  }

  turn(at) {
    this.questions.turn();
    this.plots.mark(at);
    this.poll.soon();
  }

  aim(change) {
    Object.assign(this.questions.look, change);
    this.paint();
    this.poll.soon();
  }

  open(place, cell) {
    this.runs[place].cell = cell;
    if (cell) this.poll.soon();
  }

  arrange(change) {
    Object.assign(this.aspect, change);
    writeAspect(this.aspect);
    this.paint();
    this.poll.soon();
  }

  measure() {
    if (this.root.clientWidth === 0) return;
    this.plots.measure();
    for (const column of this.columns) column.measure();
    this.paint();
  }

  paint() {
    if (!this.tools || this.root.clientWidth === 0) return;
    const { texts, series, palettes } = this.tools;
    this.scene = colouredScene(this.scene, this.root, palettes);
    const scene = Object.assign(this.scene, { texts, series, method: this.aspect.method, aspect: this.aspect });
    const { current } = this;
    this.hint.root.hidden = current !== null;
    this.body.hidden = current === null;
    if (!current) return this.hint.show(texts);
    this.recorded.hidden = !current.isExample || !current.title; // until it has come
    this.recorded.replaceChildren(
      ...[fill(texts.recorded, { title: current.title ?? "" }), texts.then].map((text) => element("span", {}, [text]))
    );
    this.controls.root.hidden = current.isExample;
    this.controls.show(current, texts, this.offersInside);
    const { moments, last } = this.held;
    this.timeline.show({
      moments,
      last,
      head: this.at ?? last,
      isRunning: current.state === "running",
      name: (at) => this.nameOf(at),
      texts,
    });
    this.showTime(!this.runs.every(isOneMoment));
    this.plots.show({ runs: this.runs, last, at: this.at, scene });
    this.numbers.show(current, texts);
    this.showLookBar(current, texts);
    this.both.dataset.count = String(this.runs.length);
    this.columns.forEach((column, at) => {
      column.root.hidden = at >= this.runs.length;
      if (this.runs[at]) column.show(this.runs[at], scene);
    });
    this.painted += 1;
    this.tellWhereItStands(current);
  }

  /** Which moments are shown at a step; the kept run follows one that goes on. */
  nameOf(at) {
    return momentsText(this.runs, (run) => (run.isKept ? (at ?? this.at) : at), this.tools.texts);
  }

  /** Curves and the slider: not where nothing is known but one moment. */
  showTime(isThere) {
    if (this.plots.root.hidden === !isThere) return;
    for (const part of [this.plots, this.timeline]) part.root.hidden = !isThere;
    if (isThere) this.plots.measure();
  }

  /** For tests and benchmarks, which wait for it. */
  tellWhereItStands(current) {
    Object.assign(this.root.dataset, {
      painted: this.painted,
      state: current.isExample ? "example" : current.state,
      step: current.step,
      moment: current.look?.step ?? "",
      live: this.timeline.at === null,
    });
  }

  showLookBar({ look, statics }, texts) {
    this.lookbar.root.hidden = !look || !statics;
    if (!look || !statics) return;
    const kinds = this.canDraw() ? ["drawing", "set"] : ["set"];
    this.lookbar.show({
      subject: this.questions.look.subject,
      kinds,
      pictures: statics.pictures,
      layers: look.layers,
      layer: look.layer,
      channels: look.channels,
      channel: look.channel,
      texts,
    });
  }

  close() {
    this.poll.close();
    this.timeline.close();
    this.observer.disconnect();
    this.root.remove();
  }
}

/** Streamlit calls this for every new packet; the trainer itself stays. */
export default function mountTrainer({ data, parentElement, setStateValue, setTriggerValue }) {
  const send = {
    held: (runs) => setStateValue("held", runs),
    inside: (what) => setTriggerValue("inside", what),
  };
  return keepStanding(Trainer, parentElement, (trainer) => trainer.receive(readTrainer(data), send));
}
