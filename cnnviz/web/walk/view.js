// One cell in numbers, and the walk over all of them: play, pause, one step on or back, jump. No server on the way.

import { element, fill } from "../shared/dom.js";
import { PROBABILITY_DIGITS, formatNumber, valueText } from "../shared/format.js";
import { isPlainKey } from "../shared/plainkey.js";
import { nearestOutput, walkModel } from "./model.js";
import { Player } from "./player.js";
import { sceneOf } from "./scenes.js";
import { SeesScene } from "./sees.js";
import { SteerBar } from "./steerbar.js";

const TOLD_AFTER = 400; // ms without a step until Python hears where the walk stands

export class Walk {
  /**
   * @param {{onStep: (place: object) => void, onPlace: (place: object) => void,
   *   onTurn: (channel: number, cell: number[]) => void, onMode?: (mode: string) => void}}
   *   answers at every step, when the walk rests, and when another map is asked for
   */
  constructor(answers) {
    this.answers = answers;
    this.player = new Player(() => this.stepped());
    this.scenes = new Map();
    this.asking = { url: null, say: {} };
    this.mode = "sum";
    this.isVeiled = false;
    this.isGuessing = false;
    this.isRevealed = true;
    this.peeked = null;
    this.isAtStrongest = false; // where it began, until the first step
    this.build();
  }

  build() {
    this.bar = new SteerBar({
      rate: this.player.rate,
      onStart: () => this.start(),
      onMove: (steps) => this.move(steps),
      onToggle: () => this.toggle(),
      onEnd: () => this.end(),
      onRate: (rate) => this.player.setRate(rate),
      onJump: (position) => this.jump(position),
      onGuess: (is) => this.setGuessing(is),
    });
    this.title = element("h2", { class: "walk-title" });
    this.value = element("output", { class: "walk-value" });
    this.turns = [-1, 1].map((way) => {
      const made = element("button", { type: "button" }, [way < 0 ? "‹" : "›"]);
      made.addEventListener("click", () => this.turn(way));
      return made;
    });
    this.stage = element("div", { class: "walk-stage" });
    this.notice = element("p", { class: "walk-notice", role: "alert", hidden: true });
    this.modes = element(
      "div",
      { class: "scopes walk-modes", role: "group" },
      ["sum", "sees"].map((mode) => element("button", { type: "button", "data-mode": mode }))
    );
    this.modes.addEventListener("click", (event) => this.setMode(event.target.dataset.mode));
    this.root = element("section", { class: "walk", tabindex: "-1", hidden: true }, [
      element("div", { class: "walk-top" }, [
        element("div", { class: "walk-head" }, [
          element("div", { class: "walk-turn" }, [this.turns[0], this.title, this.value, this.turns[1]]),
          this.modes,
        ]),
        this.bar.root,
      ]),
      this.notice,
      this.stage,
    ]);
    this.root.addEventListener("keydown", (event) => this.key(event));
  }

  /**
   * Shows the open layer's cell; where the walk stands stays, unless `cell` says otherwise.
   * @param {import("../network/paint.js").Scene} scene
   * @param {?{row: number, col: number}} cell
   * @returns {boolean} false where this layer has no walk
   */
  show(scene, cell) {
    this.pictures = scene;
    this.texts = scene.packet.texts.walk;
    this.ink = { ...scene.ink, veil: getComputedStyle(this.root).getPropertyValue("--veil") || "#888" };
    const model = walkModel(scene);
    const Scene = model && sceneOf(model);
    if (!Scene) return false;
    const isOther = this.model?.index !== model.index || this.model?.channel !== model.channel;
    const isOneByOne = (model.kind === "fully connected" && model.layer.form !== "maps") || model.layer.form === "bars";
    if (isOther && !isOneByOne) this.isVeiled = false;
    this.model = model;
    this.player.count = model.count;
    if (cell) this.player.at = this.positionOf(cell);
    this.player.at = Math.min(this.player.at, model.count - 1);
    this.put(this.mode === "sees" && this.asking.url ? SeesScene : Scene);
    return true;
  }

  put(Scene) {
    if (!this.scenes.has(Scene)) this.scenes.set(Scene, new Scene(this));
    this.scene = this.scenes.get(Scene);
    if (this.stage.firstChild !== this.scene.node) this.stage.replaceChildren(this.scene.node);
    this.root.hidden = false;
    this.writeTexts();
    this.scene.hold(this.model, this.stage.clientWidth);
    this.paint();
  }

  /** The arithmetic of the cell, or what the cell sees. */
  setMode(mode) {
    if (!mode || mode === this.mode) return;
    this.mode = mode;
    this.show(this.pictures, null);
    this.answers.onMode?.(mode);
  }

  /** Again with what is there: after another choice, or another width. */
  refresh() {
    if (this.root.hidden || !this.model) return;
    this.scene.hold(this.model, this.stage.clientWidth);
    this.paint();
  }

  hide() {
    this.model = null; // first: a pause is a step, and would lead back here
    this.player.pause();
    clearTimeout(this.telling);
    this.isVeiled = false;
    this.isAtStrongest = false;
    this.peeked = null;
    this.root.hidden = true;
  }

  writeTexts() {
    const { texts } = this;
    this.bar.writeTexts(texts, this.mode !== "sees");
    this.turns.forEach((made, i) => {
      made.hidden = !this.canTurn();
      made.title = texts[i === 0 ? "map_before" : "map_after"];
      made.setAttribute("aria-label", made.title);
    });
    this.modes.hidden = !this.asking.url;
    for (const made of this.modes.children) {
      made.textContent = texts[`mode_${made.dataset.mode}`];
      made.setAttribute("aria-pressed", String(made.dataset.mode === this.mode));
    }
    this.root.setAttribute("aria-label", texts.title);
  }

  paint() {
    const { player, texts, model } = this;
    const position = this.peeked ?? player.at;
    this.scene.paint(position);
    const { at, isPlaying } = player;
    this.bar.show({ at, position, count: model.count, isPlaying }, texts);
    this.title.textContent = this.heading(position);
    const write = model.layer.form === "bars" ? (value) => formatNumber(value, PROBABILITY_DIGITS) : valueText;
    this.value.textContent = this.isHidden(position) ? "= ?" : `= ${write(this.valueAt(position))}`;
    this.warn(position);
    this.root.dataset.position = String(position);
    this.root.dataset.playing = String(player.isPlaying);
  }

  /** A value that is not a number is said, never drawn as if it were one. */
  warn(position) {
    const value = this.valueAt(position);
    this.notice.hidden = Number.isFinite(value);
    if (!this.notice.hidden) this.notice.textContent = fill(this.texts.not_finite, { value });
  }

  /** The number on screen at a step: PyTorch's. */
  valueAt(position) {
    const { layer, channel } = this.model;
    const isUnit = ["cells", "bars"].includes(layer.form);
    return layer.output.values[isUnit ? position : channel * layer.rows * layer.cols + position];
  }

  /** Why one is at this cell, and what one can do here. */
  prompt() {
    const { begins_at_strongest: begins, prompt_walk: does } = this.texts;
    return this.isAtStrongest ? `${begins} ${does}` : does;
  }

  /** Whether the same cell of another map can be walked to. */
  canTurn() {
    return this.model.layer.form === "maps" && this.model.layer.count > 1;
  }

  turn(way) {
    const { count } = this.model.layer;
    if (this.canTurn()) this.answers.onTurn((this.model.channel + way + count) % count, this.cellOf(this.player.at));
  }

  heading(position) {
    const { model, texts } = this;
    const { form } = model.layer;
    if ((model.kind === "fully connected" && form !== "maps") || ["cells", "bars"].includes(form)) {
      const layer = model.packet.texts.layers[model.index].name;
      return fill(model.classes ? texts.heading_class : texts.heading_unit, {
        layer,
        name: model.classes?.[position] ?? position,
      });
    }
    if (form === "strip") return fill(texts.heading_entry, { layer: model.name, entry: position });
    const [row, col] = this.cellOf(position);
    return fill(texts.heading, { map: model.name, row, col });
  }

  /** [row, column] of a step: row by row, one step is one output cell. */
  cellOf(position) {
    return [Math.floor(position / this.model.layer.cols), position % this.model.layer.cols];
  }

  positionOf({ row, col }) {
    const { layer, count } = this.model;
    if (["cells", "bars"].includes(layer.form)) return this.model.channel;
    return Math.max(0, Math.min(count - 1, row * layer.cols + col));
  }

  /** The unit of a step, as Python counts units. */
  unitOf(position) {
    const { layer, channel } = this.model;
    if (layer.form !== "maps") return { layer: layer.path, channel: position, row: 0, col: 0 };
    const [row, col] = this.cellOf(position);
    return { layer: layer.path, channel, row, col };
  }

  veilFrom(position) {
    if (this.isHidden(position)) return position;
    return this.isVeiled ? position + 1 : Infinity;
  }

  /** Whether the reader still guesses the value of this step. */
  isHidden(position) {
    return this.isGuessing && !this.isRevealed && position === this.player.at;
  }

  atlas(index) {
    return this.pictures.atlases.get(`map:${index}`);
  }

  /** What pointing at the map before, and at the map itself, does. */
  sourceAnswers() {
    return this.answersFor((row, col) => nearestOutput(this.model, row, col));
  }

  resultAnswers() {
    return this.answersFor((row, col) => ({ row, col }));
  }

  /** Pointing shows the step of a cell, a click goes there; nothing happens once the walk is left. */
  answersFor(cellAt) {
    const acting = (act) => (row, col) => this.model && act(this.positionOf(cellAt(row, col)));
    return {
      onPoint: acting((at) => this.peek(at)),
      onPick: acting((at) => this.jump(at)),
      onLeave: () => this.model && this.peek(null),
    };
  }

  /** Shows another step while the pointer is on it; the walk itself stays where it is. */
  peek(position) {
    if (this.player.isPlaying || this.peeked === position) return;
    this.peeked = position;
    if (this.model) this.paint();
  }

  settle() {
    if (this.peeked !== null) this.jump(this.peeked);
  }

  jump(position) {
    this.player.pause();
    this.isRevealed = !this.isGuessing;
    this.peeked = null;
    this.player.goTo(position);
  }

  /** One step on or back; while guessing, a step on first reveals what was guessed. */
  move(steps) {
    if (steps > 0 && this.isHidden(this.player.at)) return this.reveal();
    this.isVeiled = true;
    this.isRevealed = !this.isGuessing;
    this.peeked = null;
    return this.player.move(steps);
  }

  reveal() {
    this.isRevealed = true;
    this.paint();
  }

  start() {
    this.isVeiled = true;
    this.jump(0);
  }

  end() {
    this.isVeiled = false;
    this.jump(this.player.count - 1);
  }

  toggle() {
    this.isVeiled = true;
    this.isRevealed = true;
    this.peeked = null;
    this.player.toggle();
  }

  setGuessing(is) {
    this.isGuessing = is;
    this.isVeiled = is;
    this.isRevealed = !is;
    this.paint();
  }

  stepped() {
    if (!this.model) return;
    this.isAtStrongest = false;
    this.paint();
    this.answers.onStep(this.standing());
    clearTimeout(this.telling);
    if (!this.player.isPlaying) this.telling = setTimeout(() => this.tell(), TOLD_AFTER);
  }

  tell() {
    if (this.model) this.answers.onPlace(this.standing());
  }

  /** The cell on which the walk stands, as a change of the reader's selection. */
  standing() {
    const isUnit = ["cells", "bars"].includes(this.model.layer.form);
    const [row, col] = isUnit ? [0, 0] : this.cellOf(this.player.at);
    return { row, col, ...(isUnit ? { channel: this.player.at } : {}) };
  }

  key(event) {
    if (!isPlainKey(event) || event.target.matches("input, select")) return;
    const wide = this.model?.layer.cols ?? 1;
    const acts = {
      ArrowRight: () => this.move(1),
      ArrowLeft: () => this.move(-1),
      ArrowDown: () => this.move(wide),
      ArrowUp: () => this.move(-wide),
      PageDown: () => this.turn(1),
      PageUp: () => this.turn(-1),
      Home: () => this.start(),
      End: () => this.end(),
      " ": () => this.toggle(),
      Enter: () => (this.isHidden(this.player.at) ? this.reveal() : this.toggle()),
    };
    const isButton = event.target.matches("button") && [" ", "Enter"].includes(event.key);
    if (!(event.key in acts) || isButton) return;
    event.preventDefault();
    acts[event.key]();
  }
}
