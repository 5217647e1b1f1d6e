// The walk over one map: where the window is, what lies under it, their products, and the cell that they make.
// Forward, back, jump, by itself; covered until the window has been there; or the reader guesses first.

import { gradientOf } from "../shared/colour.js";
import { element, fill } from "../shared/dom.js";
import { isPlainKey } from "../shared/plainkey.js";
import { RATES, Player } from "../walk/player.js";
import {
  averageDigits,
  averageSentence,
  cellOf,
  largestSentence,
  meanSentence,
  reluSentence,
  sumDigits,
} from "./arithmetic.js";
import { Numbers } from "./numbers.js";
import { mapOf } from "./packet.js";
import { CellGuess } from "./predict.js";

const ACTS = ["first", "step_back", "play", "step_on", "last"];

export class Stepper {
  /** @param {{onStep: () => void}} answers called whenever the window stands elsewhere */
  constructor({ onStep }) {
    this.onStep = onStep;
    this.player = new Player(() => this.stepped());
    this.player.rate = RATES[1];
    this.isCovered = false;
    this.isGuessing = false;
    this.isPending = false;
    this.seen = new Set();
    this.build();
  }

  build() {
    this.guess = new CellGuess(() => this.reveal());
    this.map = new Numbers({ onPick: (at) => this.jump(at) });
    this.mapTitle = element("h3", {});
    this.sources = element("div", { class: "step-sources" });
    this.rows = element("div", { class: "step-rows" });
    this.sentence = element("p", { class: "step-sentence", "aria-live": "polite" });
    this.buttons = Object.fromEntries(ACTS.map((act) => [act, element("button", { type: "button", "data-act": act })]));
    for (const [act, button] of Object.entries(this.buttons)) button.addEventListener("click", () => this.act(act));
    this.slider = element("input", { type: "range", min: 0, step: 1, class: "step-slider" });
    this.slider.addEventListener("input", () => this.jump(Number(this.slider.value)));
    this.count = element("output", { class: "step-count" });
    this.guessBox = element("input", { type: "checkbox" });
    this.guessBox.addEventListener("change", () => this.setGuessing(this.guessBox.checked));
    this.guessLabel = element("span", {});
    this.coverButton = element("button", { type: "button", class: "quiet" });
    this.coverButton.addEventListener("click", () => this.setCovered(!this.isCovered));
    this.bar = element("div", { class: "step-bar" }, [...Object.values(this.buttons), this.slider, this.count]);
    const extras = element("div", { class: "step-extras" }, [
      element("label", { class: "check" }, [this.guessBox, this.guessLabel]),
      this.coverButton,
    ]);
    const sum = element("div", { class: "step-sum" }, [this.sources, this.rows, this.sentence, this.guess.node]);
    this.legend = element("div", { class: "legend", "aria-hidden": "true" }, [
      element("i", {}),
      element("span", {}, ["\u22121"]),
      element("span", {}, ["0"]),
      element("span", {}, ["1"]),
    ]);
    const target = element("div", { class: "step-target" }, [this.mapTitle, this.map.node, this.legend]);
    this.node = element("section", { class: "stepper" }, [
      this.bar,
      extras,
      element("div", { class: "step-area" }, [sum, target]),
    ]);
    this.node.addEventListener("keydown", (event) => this.key(event));
    this.grids = [];
  }

  /**
   * @param {{step: import("./arithmetic.js").Step, name: string, texts: Record<string, any>, tables: Record<string,
   *   Uint32Array>,
   *   withSource: boolean, sourceName: (channel: number) => string, key: string}} shown `key`: which map it is; another
   *   one starts at its first cell. `withSource`: the map before is shown here, with the window on it
   */
  show(shown) {
    const isOther = this.shown?.key !== shown.key;
    this.shown = shown;
    const [, rows, cols] = shown.step.output.shape;
    this.player.count = rows * cols;
    if (isOther) this.restart();
    this.paint();
  }

  restart() {
    this.player.at = 0;
    this.seen = new Set([0]);
    this.isPending = this.isGuessing;
    this.guess.ask();
  }

  /** Where the window stands. */
  get place() {
    const cols = this.shown.step.output.shape[2];
    return { row: Math.floor(this.player.at / cols), col: this.player.at % cols };
  }

  /** Places of the layer before that the window covers. */
  get window() {
    return new Set(cellOf(this.shown.step, this.place.row, this.place.col).places);
  }

  act(act) {
    if (act === "play") this.player.toggle();
    else if (act === "first") this.jump(0);
    else if (act === "last") this.toEnd();
    else this.player.move(act === "step_on" ? 1 : -1);
  }

  /** All that the window passes on its way is seen. */
  toEnd() {
    for (let at = 0; at < this.player.count; at += 1) this.seen.add(at);
    this.jump(this.player.count - 1);
  }

  jump(at) {
    this.player.pause();
    this.player.goTo(at);
  }

  stepped() {
    if (!this.shown) return;
    const isElsewhere = this.stood !== this.player.at;
    this.stood = this.player.at;
    if (isElsewhere) {
      if (this.isGuessing) this.player.isPlaying = false;
      this.isPending = this.isGuessing;
      this.guess.ask();
      if (!this.isPending) this.seen.add(this.player.at);
    }
    const hadFocus = this.isPending && Object.values(this.buttons).includes(this.node.getRootNode().activeElement);
    this.paint();
    if (hadFocus) this.guess.field.focus(); // the guess is what comes next
    this.onStep();
  }

  reveal() {
    this.isPending = false;
    this.seen.add(this.player.at);
    this.paint();
    this.buttons.step_on.focus({ preventScroll: true });
  }

  setGuessing(isOn) {
    this.isGuessing = isOn;
    this.isPending = isOn;
    this.player.pause();
    if (isOn) this.isCovered = true;
    if (isOn) this.seen.delete(this.player.at);
    this.guess.ask();
    this.paint();
    if (isOn) this.guess.field.focus();
  }

  setCovered(isCovered) {
    this.isCovered = isCovered;
    if (isCovered) this.seen = new Set(this.isPending ? [] : [this.player.at]);
    this.paint();
  }

  paint() {
    const { step, texts, tables, name } = this.shown;
    const cell = cellOf(step, this.place.row, this.place.col);
    const [, rows, cols] = step.output.shape;
    const isHidden = (at) => (this.isPending && at === this.player.at) || (this.isCovered && !this.seen.has(at));
    this.map.show({
      rows,
      cols,
      values: mapOf(step.output, step.channel),
      table: tables.activations,
      at: this.player.at,
      label: name,
      covered: isHidden,
      name: (row, col, text) => fill(text === null ? texts.covered_cell : texts.cell, { row, col, value: text }),
    });
    this.mapTitle.textContent = name;
    if (this.legendOf !== tables) this.legend.firstChild.style.background = gradientOf(tables.activations);
    this.legendOf = tables;
    this.paintSources(cell);
    this.paintRows(cell);
    this.sentence.textContent = this.isPending ? texts.hidden_sum : sentenceOf(cell, step, texts);
    this.sentence.dataset.outside = String(cell.patches[0].values.includes(null) && step.layer.kind === "convolution");
    this.guess.show({ isOn: this.isGuessing, isPending: this.isPending, value: cell.value, texts });
    this.paintBar();
  }

  /** The layer before, each map that is looked at, with the window framed. */
  paintSources(cell) {
    const { withSource, step, tables, sourceName } = this.shown;
    const channels = withSource ? cell.patches.map((patch) => patch.channel) : [];
    const lit = new Set(cell.places);
    const grids = this.several(this.sources, "source", channels.length);
    channels.forEach((channel, i) => {
      grids[i].title.textContent = sourceName(channel);
      grids[i].grid.show({
        rows: cell.height,
        cols: cell.width,
        values: mapOf(step.source, channel),
        table: tables.activations,
        lit: (at) => lit.has(at),
        label: sourceName(channel),
      });
    });
  }

  /**
   * Under the window × the feature = the products; a pooling has the window only, a ReLU one number, which its sentence
   * says.
   */
  paintRows(cell) {
    const { step, tables, texts, withSource } = this.shown;
    const { rows, cols, patches } = cell;
    const isSum = step.pattern !== null;
    const isMean = step.layer.kind === "average pooling";
    const digits = isSum ? this.digitsOf(cell) : (isMean && averageDigits(cell)?.terms) || 2;
    const isInk = !withSource;
    const parts = (step.layer.kind === "activation" ? [] : patches).flatMap((patch, i) => {
      const under = {
        values: patch.values,
        table: isInk ? tables.inputs : tables.activations,
        digits: isInk ? 0 : digits,
        title: i === 0 ? texts.under : "",
      };
      if (!isSum)
        return [
          {
            ...under,
            best: this.isPending ? -1 : cell.winner,
          },
        ];
      const products = this.isPending
        ? patch.products.map(() => null)
        : patch.products.map((value, at) => (patch.pattern[at] === 0 ? null : value));
      return [
        under,
        {
          values: patch.pattern,
          table: tables.weights,
          digits: 0,
          title: i === 0 ? (isInk ? texts.times : texts.pattern) : "",
        },
        {
          values: products,
          table: tables.activations,
          digits: isInk ? 0 : digits,
          title: i === 0 ? texts.products : "",
        },
      ];
    });
    const grids = this.several(this.rows, "patch", parts.length);
    this.rows.dataset.sum = String(isSum);
    parts.forEach(({ title, ...part }, i) => {
      grids[i].title.textContent = title;
      grids[i].grid.show({ rows, cols, label: title, ...part });
      grids[i].node.dataset.sign = isSum ? ["×", "=", ""][i % 3] : "";
    });
  }

  digitsOf(cell) {
    const products = cell.patches.flatMap((patch) => patch.products.filter((_, i) => patch.pattern[i] !== 0));
    return sumDigits(products, cell, this.shown.step.divisor)?.terms ?? 2;
  }

  /** So many grids with a title in `parent`; those that are there are used again. */
  several(parent, name, count) {
    const made = (this.grids[name] ??= []);
    while (made.length < count) {
      const grid = new Numbers();
      const title = element("h4", {});
      const node = element("figure", { class: `step-${name}` }, [title, grid.node]);
      made.push({ grid, title, node });
      parent.append(node);
    }
    made.forEach(({ node }, i) => (node.hidden = i >= count));
    return made;
  }

  paintBar() {
    const { texts } = this.shown;
    const { at, count, isPlaying } = this.player;
    const labels = { ...texts, play: isPlaying ? texts.pause : texts.play };
    for (const [act, button] of Object.entries(this.buttons)) {
      button.setAttribute("aria-label", labels[act]);
      button.title = labels[act];
    }
    this.buttons.step_on.textContent = texts.step_on;
    this.buttons.play.dataset.playing = String(isPlaying);
    // keeps the focus
    for (const act of ["first", "step_back"]) this.buttons[act].setAttribute("aria-disabled", String(at === 0));
    for (const act of ["last", "step_on"]) this.buttons[act].setAttribute("aria-disabled", String(at === count - 1));
    this.slider.max = String(count - 1);
    this.slider.value = String(at);
    this.slider.setAttribute("aria-label", texts.slider);
    this.count.textContent = `${fill(texts.step_of, { at: at + 1, count })} · ${fill(texts.place, this.place)}`;
    this.guessBox.checked = this.isGuessing;
    this.guessLabel.textContent = texts.guess_first;
    this.coverButton.textContent = this.isCovered ? texts.uncover : texts.cover;
    this.node.dataset.at = String(at);
  }

  /** Left and right step, Space plays, Home and End jump; fields and grids have their own keys. */
  key(event) {
    if (event.target instanceof HTMLInputElement || !isPlainKey(event)) return;
    const act = { ArrowLeft: "step_back", ArrowRight: "step_on", Home: "first", End: "last" }[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    this.act(act);
  }

  stop() {
    this.player.pause();
  }
}

function sentenceOf(cell, step, texts) {
  if (step.layer.kind === "activation") return reluSentence(cell, texts);
  if (step.layer.kind === "max pooling") return largestSentence(cell, texts);
  if (step.layer.kind === "average pooling") return averageSentence(cell, texts);
  const said = meanSentence(cell, step.divisor, texts);
  return cell.patches[0].values.includes(null) ? `${said}. ${texts.outside}` : said;
}
