// What the reader does to the network: acts are queued, carried out by Python, and taken off when they are answered.

import { fill } from "../shared/dom.js";
import { HandAtRest } from "../shared/resting.js";
import { EditsBar } from "./bar.js";
import { EditsPanel } from "./panel.js";

const TOLD_PYTHON_AFTER = 250; // ms without an act
const PANEL_HEIGHT = 300;
const AS_TRAINED = { done: "", undone: "", view: "after", open: false, version: 0, lines: [] };

export class Edits {
  /** @param {object} explorer */
  constructor(explorer) {
    this.explorer = explorer;
    this.state = AS_TRAINED;
    this.key = null;
    this.acts = [];
    this.version = 0;
    this.view = "after";
    this.isOpen = false;
    this.bar = new EditsBar({ onOpen: (isOpen) => this.open(isOpen), onView: (view) => this.look(view) });
    this.panel = new EditsPanel({
      onEdit: (edit, isSame) => this.act({ do: edit, same: isSame }),
      onStep: (step) => this.act(step),
      onClose: () => this.open(false),
    });
    this.rest = new HandAtRest(explorer.panel.root, (isLeaving) => this.tell(isLeaving));
    explorer.panel.crumbs.after(this.bar.root);
    explorer.panel.steps.after(this.bar.button);
    explorer.panel.table.before(this.panel.root);
  }

  /** Whether anything was ever edited or opened here: else nobody has to be told of it. */
  get isUsed() {
    return this.version > 0 || this.state.done !== "" || this.isOpen;
  }

  /** The height that the panel wants, in pixels: the network makes room for it. */
  get height() {
    return this.isOpen ? PANEL_HEIGHT : 0;
  }

  /** What goes with every question about this network. */
  said() {
    const { done, undone } = this.state;
    return this.isUsed ? { surgery: { done, undone, view: this.view, open: this.isOpen, version: this.version } } : {};
  }

  /** What goes with a question for the whole packet: also what Python has not carried out yet. */
  question() {
    return this.isUsed ? { ...this.said(), acts: this.acts.map(({ act }) => act), has: this.key } : {};
  }

  /**
   * One act more. A hand that goes on moving takes the place of its own last act, which may be under way already.
   * @param {string | {do: object, same: boolean}} act
   */
  act(act) {
    this.version += 1;
    const last = this.acts.at(-1);
    if (act.same && last?.act.same && isSameTarget(last.act.do, act.do)) this.acts.pop();
    this.acts.push({ act, serial: this.version });
    if (this.view === "before") this.view = "after"; // or one would not see what one does
    this.ask();
  }

  open(isOpen) {
    this.version += 1;
    this.isOpen = isOpen;
    this.wantsFocus = isOpen;
    this.ask();
  }

  look(view) {
    this.version += 1;
    this.view = view;
    this.ask();
  }

  ask() {
    this.rest.hold(this.told());
    const asked = this.explorer.ask(true);
    this.rest.soon(asked ? TOLD_PYTHON_AFTER : 0);
  }

  told() {
    return { ...this.said().surgery, acts: this.acts.map(({ act }) => act) };
  }

  /** Python hears of it when the hand rests; of the acts too, where no short way or no time is left for them. */
  tell(isLeaving) {
    const isBusy = this.acts.length > 0 || this.panel.editor.isHeld;
    if (isBusy && this.explorer.feed.url && !isLeaving) this.rest.soon(TOLD_PYTHON_AFTER);
    else this.explorer.send("surgery", this.told());
  }

  /**
   * A run of the page says what Python has of the edits; what was done on a page before this one, and Python has not
   * heard of, is done here.
   */
  hear(network, { done, undone } = AS_TRAINED) {
    const left = this.rest.hear([network, done, undone]);
    if (!left) return;
    this.state = { ...this.state, done: left.done, undone: left.undone };
    this.view = left.view;
    this.version += 1;
    this.acts = left.acts.map((act) => ({ act, serial: this.version }));
    this.ask();
  }

  /** Whether a packet shows less than what the reader has done. */
  isOvertaken(packet) {
    return packet.surgery !== undefined && packet.surgery.version < this.version;
  }

  /** Whether an answer counts on nothing that is no longer on the screen. */
  canRead({ surgery }) {
    return !surgery || surgery.base === null || surgery.base === this.key;
  }

  /** Whether the values on the screen are after − before, which have no arithmetic to walk through. */
  get isDifference() {
    return this.state.view === "difference";
  }

  /** Takes over what Python says; a packet that says nothing leaves all as it is. */
  adopt(packet) {
    const said = packet.surgery;
    this.key = said?.key ?? null; // of what Python calls what is on the screen now
    if (!said) return;
    this.state = said.texts ? said : { ...this.state, ...said }; // without words, what is on offer stays
    this.version = Math.max(this.version, said.version);
    this.acts = this.acts.filter(({ serial }) => serial > said.version);
    if (said.version === this.version) Object.assign(this, { view: said.view, isOpen: said.open });
  }

  /** Bar and panel, after a packet or another selection. */
  show() {
    const { scene, walk, say, panel } = this.explorer;
    const edits = this.state;
    if (!edits.texts) return;
    const count = edits.lines.length;
    const badge = count === 0 ? "" : count === 1 ? edits.texts.badge_one : fill(edits.texts.badge, { count });
    const hasKernel = scene.open !== null && scene.packet.layers[scene.open.index].kind === "convolution";
    this.bar.show({
      texts: edits.texts,
      badge,
      view: this.view,
      isOpen: this.isOpen,
      hasKernel,
      isWalking: !walk.root.hidden,
    });
    panel.root.dataset.edited = String(count > 0);
    this.panel.show({ edits, scene, say, url: this.url, isOpen: this.isOpen, isBehind: this.acts.length > 0 });
    if (this.wantsFocus && !this.panel.root.hidden) {
      this.wantsFocus = false;
      this.panel.root.scrollIntoView({ block: "nearest" });
    }
  }

  close() {
    this.rest.close();
    this.panel.close();
  }
}

function isSameTarget(one, other) {
  return one.op === other.op && one.layer === other.layer && one.out === other.out && one.into === other.into;
}
