// The bench: picture × kernel = result, under the hand; every change is answered by Python past the run of the page.

import { beginningOf } from "../walk/beginning.js";
import { Levels } from "../shared/address.js";
import { element, putText } from "../shared/dom.js";
import { Past } from "../shared/history.js";
import { textsForHand } from "../shared/pointing.js";
import { HandAtRest } from "../shared/resting.js";
import { keepStanding } from "../shared/standing.js";
import { holdPage, keepFocus } from "../shared/steady.js";
import { keepStrayKeys } from "../shared/straykeys.js";
import { followTheme } from "../shared/theme.js";
import { Walk } from "../walk/view.js";
import { benchSearch, viewLink } from "./address.js";
import { ExampleRow } from "./examples.js";
import { Feed } from "../shared/feed.js";
import { KernelPane } from "./kernelpane.js";
import { underTheHand, paneSide } from "./measures.js";
import { readConvLab, recordOf } from "./packet.js";
import { PicturePane } from "./picturepane.js";
import { refreshBench } from "./pictures.js";
import { ResultPane } from "./resultpane.js";
import { Settings } from "./settings.js";

const WALK_LATER = 90; // ms by which the walk follows the hand

class Bench {
  constructor(parent) {
    this.unit = 0;
    this.token = undefined;
    this.past = new Past();
    this.painted = 0;
    this.begins = { soon: true, now: false }; // the walk: with the next setup, with the next picture of this one
    this.scene = {
      packet: null,
      scope: "layer",
      atlases: new Map(),
      tables: {},
      ink: {},
      open: { index: 1, channel: 0 },
    };
    this.feed = new Feed({
      onAnswer: (bytes, question) => this.answer(bytes, question),
      onProblem: (sentence) => this.complain(sentence),
    });
    this.build();
    this.rest = new HandAtRest(this.root, () => this.tell());
    this.levels = new Levels({ root: this.root, onArrive: (view) => this.tools && this.arrive(view) });
    parent.append(this.root);
    keepStrayKeys(this.root);
    keepFocus(this.root);
    this.observer = new ResizeObserver(() => this.measure());
    this.observer.observe(this.root);
    followTheme(this.root, () => this.paint());
  }

  build() {
    this.lessons = new ExampleRow(
      (example) => this.take(example),
      () => this.report()
    );
    this.picture = new PicturePane({
      onPicture: (key) => this.takePicture(key),
      onValues: (values, isFinal) => this.putNumbers(values, isFinal),
      onSize: (rows, cols) => this.act({ name: "picture-size", rows, cols }),
    });
    this.kernel = new KernelPane({
      onWeights: (weights, bias) => this.putWeights(weights, bias),
      onAct: (act) => this.act(act),
      onPick: (unit) => this.pick(unit),
      onTravel: (direction) => this.travel(direction),
      onView: () => this.report(),
    });
    this.result = new ResultPane({
      onPoint: (row, col) => this.point({ row, col }),
      onLeave: () => this.point(null),
      onOpen: (unit) => this.open(unit),
      onPick: (row, col) => this.walkTo(row, col),
    });
    this.settings = new Settings({ onSet: (change) => this.set(change), onAct: (act) => this.act(act) });
    this.notice = element("p", { class: "lab-notice", role: "status", hidden: true });
    this.walk = new Walk({
      onStep: (place) => this.follow(place),
      onPlace: () => {},
      onTurn: (unit) => this.open(unit),
    });
    const panes = element("div", { class: "lab-panes" }, [this.picture.root, this.kernel.root, this.result.root]);
    this.root = element("div", { class: "cnnviz-laboratory" }, [
      this.lessons.root,
      panes,
      this.notice,
      this.settings.root,
      this.walk.root,
    ]);
    this.root.addEventListener("keydown", (event) => this.press(event));
  }

  /** A packet from a run of the page: words and tools, and a setup where Python asks for another. */
  receive(bytes, send) {
    this.send = send;
    const packet = readConvLab(bytes, null);
    const { palettes, actions, examples, brought, url, language, token } = packet;
    const texts = textsForHand(packet.texts);
    const isNew = texts.language !== this.tools?.texts.language;
    this.tools = { texts, palettes, actions, examples };
    this.brought = new Map(brought.map((picture) => [picture.key, picture]));
    this.feed.url = url;
    this.language = language;
    if (isNew) this.lessons.write(examples, texts);
    const left = this.rest.hear([token, packet.setup, packet.view]);
    if (token !== this.token) {
      if (this.token !== undefined) this.rest.drop();
      this.feed.forget();
      // Back from another page leads to the setup of then
      const view = this.token === undefined ? this.levels.view : null;
      this.token = token;
      if (this.setup) this.past.keep(this.setup, null);
      this.choose(left ? { ...packet, view: left.view } : packet);
      this.adopt(packet);
      if (left) this.takeUp(left);
      else if (view) this.arrive(view);
      else this.stand();
    } else {
      this.paint();
    }
  }

  /** Tabs and switches as they were left, or as the link has them. */
  choose({ view, link }) {
    this.unit = view.map;
    this.kernel.choose(view);
    if (view.chapter) this.lessons.open(view.chapter, link.example ?? null);
  }

  /** Which tabs and switches are chosen. */
  get view() {
    const { map, ...rest } = this.kernel.view;
    return { map: this.unit ?? map, ...rest, chapter: this.lessons.chapter };
  }

  /** The answer of the short way; the picture is there already where it was left out. */
  answer(bytes, question) {
    const isLatest = this.asked === question;
    this.adopt(readConvLab(bytes, this.scene.packet.layers[0]), isLatest);
    if (isLatest) this.report();
  }

  /** New numbers; what the reader has changed since they were asked for stays as it is. */
  adopt(packet, isLatest = true) {
    Object.assign(packet, { texts: this.tools.texts, palettes: this.tools.palettes, classes: null });
    this.scene.packet = packet;
    if (isLatest) {
      const isHeld = this.setup && this.isHeld;
      this.setup = isHeld ? underTheHand(this.setup, packet.setup) : packet.setup;
      this.unit = packet.unit;
      if (this.begins.soon) this.begins = { soon: false, now: true };
    }
    this.scene.open = { index: 1, channel: packet.unit };
    this.notice.hidden = !packet.problem;
    putText(this.notice, packet.is_nearest ? `${packet.problem} ${this.tools.texts.shown_nearest}` : packet.problem);
    this.paint();
    this.painted += 1;
    this.root.dataset.example = packet.link.example ?? "";
    this.root.dataset.painted = String(this.painted); // counted, so that tests and benchmarks can wait for it
  }

  /** Widths are read when they change, not in the middle of painting, where the browser would have to lay out anew. */
  measure() {
    this.sides = { picture: paneSide(this.picture.root), result: paneSide(this.result.root) };
    this.paint();
  }

  /** Everything that is seen, from the packet that is there. */
  paint() {
    const { scene } = this;
    const { packet } = scene;
    if (!packet || this.root.clientWidth === 0) return;
    this.sides ??= { picture: paneSide(this.picture.root), result: paneSide(this.result.root) };
    refreshBench(scene, this.root, this.tools.palettes);
    const { texts } = this.tools;
    this.picture.show(scene, packet, this.sides.picture);
    this.picture.writeList(this.pictures(), this.setup.picture.key);
    this.result.show(scene, packet, this.sides.result);
    this.settings.show(this.setup, texts);
    this.kernel.showSteps({ undo: this.past.back.length > 0, redo: this.past.forth.length > 0 }, texts);
    this.kernel.show(this.setup, {
      unit: this.unit,
      table: scene.tables.weights,
      actions: this.tools.actions,
      readyMade: packet.ready_made,
      texts,
    });
    this.lessons.mark(packet.link.example ?? null);
    this.walkSoon();
  }

  /** The walk comes after the result that the hand waits for, while the hand moves some ten times a second. */
  walkSoon() {
    this.walking ??= setTimeout(
      () => {
        this.walking = null;
        const isShown = this.walk.show(this.scene, this.begins.now ? this.beginning() : null);
        if (!isShown) this.walk.hide();
        this.begins.now &&= !isShown;
      },
      this.isHeld ? WALK_LATER : 0
    );
  }

  /** Where the walk over another result begins: at the cell that is pointed at, else at its strongest one. */
  beginning() {
    const { layers, unit } = this.scene.packet;
    const isThere = this.pointed && this.pointed.row < layers[1].rows && this.pointed.col < layers[1].cols;
    return beginningOf(layers[1], unit, isThere ? this.pointed : null);
  }

  /** Whether a hand is at a weight or a number. */
  get isHeld() {
    return this.kernel.isHeld || this.picture.isHeld;
  }

  /** The pictures that there are: those of ours, and what was brought along. */
  pictures() {
    const { texts } = this.tools;
    const own = this.setup.picture.key === "own" ? [["own", texts.own]] : [];
    return [
      ...own,
      ...[...this.brought.values()].map(({ key, title }) => [key, title]),
      ...Object.entries(texts.pictures),
    ];
  }

  /** Asks for what comes out of the setup as it now is. */
  ask(rest = {}, withPicture = false) {
    this.rest.hold({ setup: this.setup, view: this.view });
    this.asked = { setup: this.setup, unit: this.unit, language: this.language, with_picture: withPicture, ...rest };
    this.feed.ask(this.asked);
  }

  /** What stands there now can be had back. `what`: a field that changes many times in one gesture. */
  keep(what = null) {
    this.past.keep(this.setup, what);
  }

  /** Back to what was before, or forth again; what changed nothing is no step. */
  travel(direction) {
    const now = JSON.stringify(this.setup);
    let next = this.past[direction](this.setup);
    while (next && JSON.stringify(next) === now) next = this.past[direction](next);
    if (!next) return this.paint();
    this.setup = next;
    return this.ask({}, true);
  }

  press(event) {
    const key = event.key.toLowerCase();
    if (!(event.ctrlKey || event.metaKey) || event.altKey || !["z", "y"].includes(key)) return;
    event.preventDefault();
    if (!this.isHeld) this.travel(key === "y" || event.shiftKey ? "redo" : "undo");
  }

  set(change) {
    this.keep(Object.keys(change).join());
    this.setup = { ...this.setup, ...change };
    this.ask();
  }

  act(act) {
    this.keep();
    this.ask({ act }, true);
  }

  takePicture(key) {
    this.keep();
    this.begins.soon = true;
    this.ask({ picture: this.brought.get(key) ?? { key } }, true);
  }

  take(example) {
    if (!example.setup) return this.send.part(example.part);
    this.levels.turn({ setup: example.setup, unit: 0 });
    return this.arrive({ setup: example.setup, unit: 0 });
  }

  /** Lays a setup on the bench: of an example, or of the browser's history. */
  arrive({ setup, unit }) {
    this.keep();
    Object.assign(this, { setup, unit });
    this.begins.soon = true;
    this.ask({}, true);
  }

  /** What a bench before this one could not tell any more. */
  takeUp({ setup }) {
    this.keep();
    this.setup = setup;
    this.ask({}, true);
  }

  /** The browser's Back brings what is on the bench again. */
  stand() {
    this.levels.stand(0, { setup: this.setup, unit: this.unit });
  }

  putWeights(weights, bias) {
    const change = { kernel: recordOf(this.setup.kernel.shape, weights), bias: bias ? [...bias] : null };
    const { kernel, bias: was } = this.setup;
    // not where a hand comes to rest
    if (JSON.stringify(change) !== JSON.stringify({ kernel, bias: was })) this.keep("weights");
    this.setup = { ...this.setup, ...change };
    this.ask();
  }

  putNumbers(values) {
    this.keep("numbers");
    const { shape } = this.scene.packet.layers[0].output;
    this.setup = { ...this.setup, picture: { key: "own", ...recordOf(shape, values) } };
    this.ask({}, true);
  }

  /** Another kernel, or another channel or weight of it. */
  pick(unit) {
    if (unit === this.unit) this.report();
    else this.open(unit);
  }

  open(unit) {
    if (unit === this.unit) return;
    this.unit = unit;
    this.ask();
  }

  point(cell) {
    if (!this.scene.packet) return;
    this.pointed = cell;
    this.result.mark(cell);
    this.picture.light(cell);
  }

  /** The walk stands at a cell: picture and result show it too. */
  follow({ row, col }) {
    this.point({ row, col });
  }

  walkTo(row, col) {
    this.walk.jump(row * this.scene.packet.layers[1].cols + col);
    this.walk.root.scrollIntoView({ block: "nearest", behavior: "smooth" });
  }

  complain(sentence) {
    this.notice.hidden = false;
    this.notice.textContent = sentence ?? this.tools.texts.nobody;
  }

  report() {
    this.rest.hold({ setup: this.setup, view: this.view });
    this.rest.soon();
  }

  /** The hand rests: the page hears of it, the address says it. */
  tell() {
    holdPage(this.root);
    this.send.made({ token: this.token, setup: this.setup });
    if (JSON.stringify(this.view) !== this.viewSaid) this.send.view(this.view);
    this.viewSaid = JSON.stringify(this.view);
    this.stand();
    const { link } = this.scene.packet;
    this.levels.write(benchSearch({ ...link, ...viewLink(this.view, this.lessons.chapterOf(link.example)) }));
  }

  close() {
    this.feed.close();
    this.rest.close();
    clearTimeout(this.walking);
    this.levels.close();
    this.observer.disconnect();
    this.kernel.close();
    this.walk.hide();
    this.root.remove();
  }
}

/** Streamlit calls this for every new packet; the bench itself stays. */
export default function mountConvLab({ data, parentElement, setStateValue, setTriggerValue }) {
  const send = {
    made: (made) => setStateValue("made", made),
    view: (view) => setStateValue("view", view),
    part: (part) => setTriggerValue("part", part),
  };
  return keepStanding(Bench, parentElement, (bench) => bench.receive(data, send));
}
