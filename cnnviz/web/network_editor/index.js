// The editor: a list of layers, what follows from it, and the ways to change it. Python judges every change.

import { Feed } from "../shared/feed.js";
import { searchWith, writeSearch } from "../shared/address.js";
import { element, fill, svgElement } from "../shared/dom.js";
import { HandAtRest } from "../shared/resting.js";
import { keepStanding } from "../shared/standing.js";
import { keepFocus } from "../shared/steady.js";
import { keepStrayKeys } from "../shared/straykeys.js";
import { layOut, paintShapes, stepsOf } from "./diagram.js";
import { Past } from "../shared/history.js";
import { PartRow, problemNote } from "./row.js";

const OWN = "";

class BlueprintEditor {
  constructor(parent) {
    this.past = new Past();
    this.said = "null";
    this.rows = [];
    this.adding = null; // where a layer is about to be added
    this.feed = new Feed({
      onAnswer: (bytes, question) => this.answer(bytes, question),
      onProblem: (sentence) => this.refuse(sentence),
    });
    this.build();
    this.rest = new HandAtRest(this.root, () => this.tell());
    parent.append(this.root);
    keepStrayKeys(this.root);
    keepFocus(this.root);
  }

  build() {
    this.presets = element("select", { class: "bp-list" });
    this.presetLabel = element("span", {});
    this.presets.addEventListener("change", () => this.takePreset(this.presets.value));
    this.undo = this.button("undo", "↶", () => this.travel("undo"));
    this.redo = this.button("redo", "↷", () => this.travel("redo"));
    const top = element("div", { class: "bp-top" }, [
      element("label", { class: "bp-field" }, [this.presetLabel, this.presets]),
      this.undo,
      this.redo,
    ]);
    this.svg = svgElement("svg", { role: "img" });
    this.diagram = element("div", { class: "bp-diagram", tabindex: 0 }, [this.svg]);
    this.heads = element("div", { class: "bp-heads", "aria-hidden": "true" });
    this.list = element("ol", { class: "bp-rows" });
    this.add = element("button", { type: "button", class: "bp-add" });
    this.add.addEventListener("click", () => this.open(this.parts.length));
    this.ending = element("div", {});
    this.status = element("p", { class: "bp-status", role: "status" });
    this.keys = element("p", { class: "bp-keys" });
    this.root = element("section", { class: "cnnviz-blueprint" }, [
      top,
      this.diagram,
      this.heads,
      this.list,
      this.ending,
      this.add,
      this.status,
      this.keys,
    ]);
    this.root.addEventListener("keydown", (event) => this.press(event));
  }

  button(act, sign, onClick) {
    const made = element("button", { type: "button", class: "bp-act", "data-act": act }, [sign]);
    made.addEventListener("click", onClick);
    return made;
  }

  /** A packet from a run of the page: words, ready-made networks, and a network where Python asks for another. */
  receive(packet, send) {
    this.send = send;
    this.feed.url = packet.url;
    const isNew = packet.texts.language !== this.texts?.language;
    this.texts = packet.texts;
    if (JSON.stringify(packet.presets) !== this.offered) this.offer(packet.presets);
    if (isNew) this.write();
    const left = this.rest.hear([packet.token, packet.look.record]);
    if (packet.token === this.token && !isNew) return;
    if (packet.token !== this.token) this.lay(packet);
    else this.inOtherWords(packet.look);
    if (left) this.change(left.parts, { title: left.title });
  }

  /** What Python has put here: what the hand made of the network before it is overtaken. */
  lay({ token, look }) {
    this.token = token;
    this.record = look.record;
    this.look = look;
    this.refusal = null;
    this.feed.forget();
    this.rest.drop();
    this.rebuild();
    this.say(null);
  }

  /** The page speaks another language: what Python said of the network is said anew, what the hand has made stays. */
  inOtherWords(look) {
    if (JSON.stringify(look.record) !== JSON.stringify(this.record)) this.change(this.parts, { isTravel: true });
    else {
      this.look = look;
      this.refusal = null;
      this.rebuild();
    }
  }

  get parts() {
    return this.record.parts;
  }

  offer(presets) {
    this.offered = JSON.stringify(presets);
    this.ready = presets;
  }

  write() {
    const { texts } = this;
    this.root.setAttribute("aria-label", texts.title);
    this.diagram.setAttribute("aria-label", texts.diagram);
    this.svg.setAttribute("aria-label", texts.diagram);
    this.presetLabel.textContent = texts.start;
    this.add.textContent = `+ ${texts.add}`;
    this.keys.textContent = texts.keys;
    for (const act of [this.undo, this.redo]) {
      act.title = texts[act.dataset.act];
      act.setAttribute("aria-label", texts[act.dataset.act]);
    }
    this.heads.replaceChildren(...["output", "parameters", "sees"].map((name) => element("span", {}, [texts[name]])));
  }

  // What changes the list.

  setField(at, name, value) {
    this.change(
      this.parts.map((part, i) => (i === at ? { ...part, [name]: value } : part)),
      {
        at,
        what: `${at}.${name}`,
      }
    );
  }

  setKind(at, kind) {
    this.change(this.parts.with(at, this.texts.fresh[kind]), { focus: at });
  }

  insert(at, kind) {
    this.adding = null;
    this.change(this.parts.toSpliced(at, 0, this.texts.fresh[kind]), { focus: at });
  }

  useTool(at, act) {
    if (act === "add") return this.open(at + 1);
    if (act === "remove") return this.change(this.parts.toSpliced(at, 1), { focus: at });
    const to = at + (act === "up" ? -1 : 1);
    if (to < 0 || to >= this.parts.length) return undefined;
    const parts = [...this.parts];
    [parts[at], parts[to]] = [parts[to], parts[at]];
    return this.change(parts, { focus: to });
  }

  takePreset(key) {
    const preset = this.ready.find((one) => one.key === key);
    if (preset) this.change(preset.parts, { title: preset.title });
  }

  travel(way) {
    const parts = this.past[way](this.parts);
    if (parts) this.change(parts, { isTravel: true });
  }

  /**
   * Another list of layers: shown at once, judged by Python.
   * @param {object[]} parts
   * @param {{at?: number, what?: ?string, focus?: number, title?: string, isTravel?: boolean}} how
   */
  change(parts, how) {
    this.record = { ...this.record, parts, title: how.title ?? this.record.title };
    this.how = { what: null, ...how };
    if (how.what === undefined) this.rebuild(how.focus);
    this.rest.hold(this.record);
    this.asked = { blueprint: this.record, language: this.texts.language };
    this.say({ is_pending: true, sentence: null });
    this.feed.ask(this.asked);
  }

  /**
   * The page hears at once that something stands here which it does not have (yet): nobody trains what is not shown.
   */
  say(trouble) {
    if (JSON.stringify(trouble) === this.said) return;
    this.said = JSON.stringify(trouble);
    this.send.trouble(trouble);
  }

  /** What Python says of the latest change; the way back leads to what was accepted before it. */
  answer(bytes, question) {
    if (question !== this.asked) return;
    const before = this.look.record.parts;
    if (!this.how.isTravel && JSON.stringify(before) !== JSON.stringify(this.parts))
      this.past.keep(before, this.how.what);
    this.accept(JSON.parse(new TextDecoder().decode(bytes)));
    this.rest.soon();
  }

  accept(look) {
    this.look = look;
    this.refusal = null;
    this.paint();
  }

  /** A number that is out of its bounds: the network stays what it was, the sentence stands at the layer. */
  refuse(sentence) {
    this.record = this.look.record;
    this.refusal = { at: this.how.at ?? null, sentence: sentence ?? this.texts.nobody };
    this.rest.hold(this.record);
    this.rest.leave(); // what was accepted before is told, then what is wrong now
    this.say({ is_pending: false, sentence: this.refusal.sentence });
    if (this.refusal.at === null || this.rows.length !== this.parts.length) this.rebuild();
    this.paint();
  }

  // What is seen.

  /** All rows anew, where layers came, went or changed places; keys go on where they were. */
  rebuild(focus = this.focused()) {
    this.rows = this.parts.map(
      (part, at) =>
        new PartRow(part, this.texts, {
          onField: (name, value) => this.setField(at, name, value),
          onKind: (kind) => this.setKind(at, kind),
          onTool: (act) => this.useTool(at, act),
          onMend: (mend) => this.change(mend.parts, { focus: at }),
          onWalk: (by) => this.rows[at + by]?.focus(),
        })
    );
    const slots = this.rows.flatMap((row, at) => [this.slot(at), row.root]);
    this.list.replaceChildren(...slots, ...(this.adding === this.rows.length ? [this.menu(this.rows.length)] : []));
    this.paint();
    if (focus !== null) (this.rows[Math.min(focus, this.rows.length - 1)] ?? this.add).focus();
  }

  /** The row that has the focus, anywhere in it; null where none has. */
  focused() {
    const active = this.root.getRootNode().activeElement;
    const at = this.rows.findIndex((row) => row.root.contains(active));
    return at < 0 ? null : at;
  }

  paint() {
    const { look, texts } = this;
    const isCurrent =
      look.record.parts.length === this.parts.length &&
      look.record.parts.every((part, at) => part.kind === this.parts[at].kind);
    this.rows.forEach((row, at) => {
      const refusal = this.refusal?.at === at ? this.refusal.sentence : null;
      row.show(this.parts[at], isCurrent ? look.rows[at] : null, {
        isFirst: at === 0,
        isLast: at === this.rows.length - 1,
        refusal,
      });
    });
    if (!isCurrent) return;
    paintShapes(this.svg, layOut(stepsOf(look.record.input_shape, texts.input, look.rows)), (row) =>
      this.rows[row]?.focus()
    );
    this.ending.replaceChildren(
      ...(look.ending ? [problemNote(look.ending, (mend) => this.change(mend.parts, {}))] : [])
    );
    this.sum();
    this.mark();
    this.undo.disabled = this.past.back.length === 0;
    this.redo.disabled = this.past.forth.length === 0;
    this.root.dataset.text = look.text;
    this.root.dataset.sound = String(!look.problem);
  }

  sum() {
    const { look, texts } = this;
    const total = look.parameters ? fill(texts.total, look) : "";
    const loose = this.refusal && this.refusal.at === null ? this.refusal.sentence : null;
    const wrong = look.rows.find((row) => row.problem)?.name ?? texts.end;
    this.status.textContent = loose ?? (look.problem ? fill(texts.stuck, { name: wrong }) : `${texts.fits} ${total}.`);
    this.status.dataset.wrong = String(Boolean(loose ?? look.problem));
  }

  /** The ready-made network that is on screen, or that it is the reader's own. */
  mark() {
    const found = this.ready.find((preset) => preset.text === this.look.text);
    const own = found ? [] : [element("option", { value: OWN }, [this.texts.own])];
    const options = this.ready.map((preset) => element("option", { value: preset.key }, [preset.title]));
    this.presets.replaceChildren(...own, ...options);
    this.presets.value = found?.key ?? OWN;
  }

  /** The thin line between two layers, where a third can be added. */
  slot(at) {
    if (this.adding === at) return this.menu(at);
    const button = element(
      "button",
      { type: "button", class: "bp-plus", "aria-label": this.texts.add_here, title: this.texts.add_here },
      ["+"]
    );
    button.addEventListener("click", () => this.open(at));
    return element("li", { class: "bp-slot", role: "presentation" }, [button]);
  }

  menu(at) {
    const kinds = Object.entries(this.texts.kinds).map(([kind, text]) => {
      const button = element("button", { type: "button", "data-kind": kind }, [text]);
      button.addEventListener("click", () => this.insert(at, kind));
      return button;
    });
    const close = element("button", { type: "button", class: "bp-cancel" }, [this.texts.cancel]);
    close.addEventListener("click", () => this.open(null));
    const made = element("li", { class: "bp-menu" }, [element("span", {}, [this.texts.add_what]), ...kinds, close]);
    made.addEventListener("keydown", (event) => event.key === "Escape" && this.open(null));
    return made;
  }

  open(at) {
    const before = this.adding;
    this.adding = at;
    this.rebuild(at === null ? (before ?? 0) : null);
    this.list.querySelector(".bp-menu button")?.focus();
  }

  press(event) {
    if (!(event.ctrlKey || event.metaKey) || !["z", "y"].includes(event.key.toLowerCase())) return;
    event.preventDefault();
    this.travel(event.key.toLowerCase() === "y" || event.shiftKey ? "redo" : "undo");
  }

  /** The hand rests: the page hears of it, the address says it. */
  tell() {
    this.send.made({ token: this.token, record: this.look.record });
    this.say(null);
    const { name, text } = this.look.link;
    writeSearch(searchWith([name], text ? { [name]: text } : {}));
  }

  close() {
    this.feed.close();
    this.rest.close();
    this.root.remove();
  }
}

/** Streamlit calls this for every new packet; the editor itself stays. */
export default function mountNetworkEditor({ data, parentElement, setStateValue }) {
  const send = {
    made: (made) => setStateValue("made", made),
    trouble: (what) => setStateValue("trouble", what),
  };
  return keepStanding(BlueprintEditor, parentElement, (editor) => editor.receive(data, send));
}
