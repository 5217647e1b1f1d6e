// The first lesson: one picture, walked down chapter by chapter; every change is answered by Python past the run of the
// page.

import { lookupTables } from "../shared/atlas.js";
import { Feed } from "../shared/feed.js";
import { Levels, searchWith } from "../shared/address.js";
import { isDark } from "../shared/colour.js";
import { element } from "../shared/dom.js";
import { isPlainKey } from "../shared/plainkey.js";
import { textsForHand } from "../shared/pointing.js";
import { HandAtRest } from "../shared/resting.js";
import { keepStanding } from "../shared/standing.js";
import { holdPage, keepFocus } from "../shared/steady.js";
import { keepStrayKeys } from "../shared/straykeys.js";
import { ChapterBar } from "./chapterbar.js";
import { Comparing } from "./comparing.js";
import { Covering } from "./covering.js";
import { Features, perfectCells } from "./features.js";
import { fromBits, readLesson, toBits } from "./packet.js";
import { CELLS_OF_PICTURE, PicturePanel } from "./picturepanel.js";
import { Voting } from "./voting.js";
import { Walking } from "./walking.js";
import { Words } from "./words.js";

const HUNDRED = 100;
const OF_FEATURES = 27;
const FEATURES = 2; // chapters
const MATCH = 3;
const STAYS = ["texts", "palettes", "layers", "ready", "ideal", "plain", "covering"];
const LINK_NAMES = ["picture", "features", "votes", "sharpness", "chapter"];
const VIEW = { pooling: "pool", feature: "0", map: "conv2" }; // what is looked at where nothing else is chosen
const POOLING = 5; // chapter
const STACK = 6;

class Lesson {
  constructor(parent) {
    this.feature = 0;
    this.chapter = 1;
    this.painted = 0;
    this.feed = new Feed({
      onAnswer: (bytes, question) => this.answer(bytes, question),
      onProblem: (sentence) => this.complain(sentence),
    });
    this.build();
    this.rest = new HandAtRest(this.root, () => this.tell());
    this.levels = new Levels({ root: this.root, onArrive: ({ chapter }) => this.open(chapter) });
    parent.append(this.root);
    keepStrayKeys(this.root);
    keepFocus(this.root);
  }

  build() {
    const onTold = () => {
      this.paint();
      this.report();
    };
    const onPicture = (key) => this.picture.take(key);
    const walking = (layer, question) =>
      new Walking({
        layer,
        question,
        onStep: () => this.paintPicture(),
        onChannel: (at) => this.choose(at),
        onTold,
        onView: () => this.report(),
      });
    this.bar = new ChapterBar((chapter) => this.turn(chapter));
    this.picture = new PicturePanel({
      onPicture: (values) => this.change({ picture: toBits(values) }),
      onStartOver: () => this.change(this.tools.plain),
    });
    this.stages = [
      new Comparing({ onPicture, onTold }),
      new Features({
        onChange: (at, values) => this.putFeature(at, values),
        onChoose: (at) => this.choose(at),
        onRestore: () => this.change({ features: this.tools.plain.features }),
        onTold,
      }),
      walking("conv1", "match"),
      walking("relu1", "relu"),
      walking("pool", "pool"),
      walking(null, "stack"),
      new Voting({
        onVotes: (votes) => this.change({ votes: votes.map((vote) => Math.round(vote * HUNDRED)) }),
        onSharpness: (sharpness) => this.change({ sharpness }),
        onRestore: () => this.change({ votes: this.tools.plain.votes, sharpness: this.tools.plain.sharpness }),
        onPicture,
        onTold,
      }),
      new Covering({ onTold }),
    ];
    this.words = new Words();
    this.notice = element("p", { class: "notice", role: "status", hidden: true });
    const stage = element("div", { class: "lesson-stage" }, [this.notice, ...this.stages.map((one) => one.node)]);
    const body = element("div", { class: "lesson-body" }, [this.words.node, this.picture.node, stage]);
    this.root = element("div", { class: "cnnviz-lesson" }, [this.bar.node, this.words.lead, body]);
    this.root.addEventListener("keydown", (event) => this.key(event));
    // the page's theme: see style.css
    this.root.addEventListener("transitionrun", ({ target }) => target === this.root && this.paint());
  }

  /** A packet from a run of the page: words, and a lesson where Python asks for another. */
  receive(bytes, send) {
    this.send = send;
    const packet = readLesson(bytes);
    this.tools = Object.fromEntries(STAYS.map((name) => [name, packet[name]]));
    this.tools.texts = textsForHand(packet.texts);
    this.plainFeatures = fromBits(this.tools.plain.features, OF_FEATURES);
    this.feed.url = packet.url;
    this.language = packet.language;
    const { token, lesson, chapter, view: look, answers } = packet;
    const left = this.rest.hear([token, lesson, chapter, look, answers]);
    if (packet.token === this.token) return this.paint();
    if (this.token !== undefined) this.rest.drop();
    this.feed.forget();
    this.token = token;
    Object.assign(packet, left && { chapter: left.chapter, view: left.view, answers: left.answers });
    const view = this.packet ? null : this.levels.view; // Back from another page leads to the chapter of then
    this.chapter = view?.chapter ?? packet.chapter;
    if (!view) this.levels.turn({ chapter: this.chapter });
    this.stages.forEach(({ question }, at) => question.restore(packet.answers[at + 1] ?? null));
    this.feature = Number(packet.view.feature);
    this.stages[POOLING - 1].chosen = packet.view.pooling;
    this.stages[STACK - 1].chosen = packet.view.map;
    this.adopt(packet, true);
    this.writeAddress();
    if (left) this.change(left.lesson);
    if (left || this.chapter !== packet.chapter) this.report();
    return this.bar.bringInSight();
  }

  answer(bytes, question) {
    const isLatest = this.asked === question;
    this.adopt(readLesson(bytes), isLatest);
    if (isLatest) this.report();
  }

  /** New numbers; what the reader has changed since they were asked for stays as it is. */
  adopt(packet, isLatest) {
    this.packet = packet;
    if (isLatest) this.record = packet.lesson;
    this.notice.hidden = true;
    this.paint();
    this.painted += 1;
    this.root.dataset.painted = String(this.painted); // counted, so that tests can wait for it
  }

  /**
   * The reader changes a part of the lesson: it is on screen at once, what follows from it when Python has answered.
   */
  change(part) {
    this.record = { ...this.record, ...part };
    if (Object.keys(part).join() === "picture") this.paintPicture(); // the rest waits for the answer
    else this.paint();
    this.rest.hold(this.made);
    this.asked = { lesson: this.record, language: this.language };
    this.feed.ask(this.asked);
  }

  putFeature(at, values) {
    const features = fromBits(this.record.features, OF_FEATURES).map((old, i) =>
      Math.floor(i / 9) === at ? values[i % 9] : old
    );
    this.change({ features: toBits(features) });
  }

  choose(feature) {
    if (feature !== this.feature) this.stages.forEach((stage) => stage.stepper?.stop());
    this.feature = feature;
    this.paint();
    this.report();
  }

  turn(chapter) {
    if (chapter < 1 || chapter > this.stages.length || chapter === this.chapter) return;
    this.levels.turn({ chapter });
    this.open(chapter);
  }

  /** Shows a chapter; its entry in the browser's history is there. */
  open(chapter) {
    if (!this.packet || chapter === this.chapter) return;
    this.stages[this.chapter - 1].stepper?.stop();
    this.chapter = chapter;
    this.paint();
    this.bar.bringInSight();
    if (this.root.getBoundingClientRect().top < 0) this.root.scrollIntoView({ block: "start" });
    this.report();
  }

  /** What every part of the page shows from. */
  get view() {
    const { packet, tools, tables, feature, chapter, record } = this;
    const features = fromBits(record.features, OF_FEATURES);
    const isOwn = [0, 1, 2].map((at) =>
      features.some((value, i) => Math.floor(i / 9) === at && value !== this.plainFeatures[i])
    );
    const texts = {
      ...tools.texts,
      features: tools.texts.features.map((sign, at) => (isOwn[at] ? tools.texts.own_features[at] : sign)),
    };
    return {
      packet,
      tools: { ...tools, texts },
      tables,
      feature,
      chapter,
      isOwn,
      picture: fromBits(record.picture, CELLS_OF_PICTURE),
      features: [0, 1, 2].map((at) => features.slice(9 * at, 9 * at + 9)),
      votes: record.votes.map((vote) => vote / HUNDRED),
      sharpness: record.sharpness,
    };
  }

  paint() {
    if (!this.packet) return;
    this.recolour();
    const { view } = this;
    this.root.dataset.chapter = String(this.chapter);
    this.bar.show(view);
    this.words.show(view, this.stages[this.chapter - 1].question.isDone);
    this.stages.forEach(({ node }, at) => (node.hidden = at + 1 !== this.chapter));
    this.stages[this.chapter - 1].show(view);
    this.paintPicture();
  }

  /** The picture, with what the chapter frames on it: perfect matches, or the window of the walk. */
  paintPicture() {
    if (!this.packet) return;
    const stage = this.stages[this.chapter - 1];
    const framed =
      this.chapter === FEATURES && stage.question.isDone
        ? perfectCells(this.packet, this.feature)
        : this.chapter === MATCH
          ? stage.windowOnPicture
          : new Set();
    this.picture.show({ ...this.view, lit: (at) => framed.has(at) });
  }

  recolour() {
    const dark = isDark(this.root);
    if (this.dark === dark && this.tables) return;
    this.dark = dark;
    this.root.dataset.theme = dark ? "dark" : "light";
    this.tables = lookupTables(this.tools.palettes[dark ? "dark" : "light"]);
  }

  /**
   * 1 to 8 open a chapter; not where a number is typed, and not while a question waits: "4" may be meant as the answer.
   */
  key(event) {
    if (!isPlainKey(event) || !/^[1-8]$/.test(event.key)) return;
    const { target } = event;
    const isTyping = target instanceof HTMLInputElement && target.type !== "checkbox" && target.type !== "range";
    const isAnswering =
      target.closest(".question") ||
      (!this.stages[this.chapter - 1].question.isDone && !target.closest(".chapter-bar"));
    if (isTyping || isAnswering) return;
    event.preventDefault();
    this.turn(Number(event.key));
  }

  complain(sentence) {
    this.notice.hidden = false;
    this.notice.textContent = sentence ?? this.tools.texts.nobody;
  }

  /** Something is chosen or answered: the page hears of it when the hand rests. */
  report() {
    this.rest.hold(this.made);
    this.rest.soon();
  }

  /** The hand rests: the page hears of it, the address says it. */
  tell() {
    holdPage(this.root);
    this.send(this.made);
    this.writeAddress();
  }

  /** What Python keeps. */
  get made() {
    const { token, record: lesson, chapter, looked: view, answers } = this;
    return { token, lesson, chapter, view, answers };
  }

  /** The answers that were given, by chapter. */
  get answers() {
    return Object.fromEntries(
      this.stages.flatMap(({ question }, at) => (question.given ? [[at + 1, question.given]] : []))
    );
  }

  /** What is looked at: the pooling of chapter 5, the feature, the map of chapter 6. */
  get looked() {
    const [pooling, map] = [POOLING, STACK].map((chapter) => this.stages[chapter - 1].chosen);
    return { pooling, feature: String(this.feature), map };
  }

  writeAddress() {
    const chapter = this.chapter > 1 ? { chapter: this.chapter } : {};
    const view = Object.fromEntries(Object.entries(this.looked).filter(([name, value]) => value !== VIEW[name]));
    this.levels.write(searchWith([...LINK_NAMES, ...Object.keys(VIEW)], { ...this.packet.link, ...chapter, ...view }));
  }

  close() {
    this.feed.close();
    this.rest.close();
    this.levels.close();
    this.stages.forEach((stage) => stage.stepper?.stop());
    this.root.remove();
  }
}

/** Streamlit calls this for every new packet; the lesson itself stays. */
export default function mountLesson({ data, parentElement, setStateValue }) {
  return keepStanding(Lesson, parentElement, (lesson) => lesson.receive(data, (made) => setStateValue("made", made)));
}
