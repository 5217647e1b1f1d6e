// Why convolutions: the picture under the hand, its map computed anew by Python, the first map merely moved along.

import { paintAtlas } from "../shared/atlas.js";
import { recolour } from "../network/scene.js";
import { AnsweredPart } from "../shared/answered.js";
import { textsForHand } from "../shared/pointing.js";
import { element, putText } from "../shared/dom.js";
import { isPlainKey } from "../shared/plainkey.js";
import { attachField, readWire } from "../shared/wire.js";
import { keepStanding } from "../shared/standing.js";
import { ShiftFigure } from "./figure.js";
import { shiftText } from "./link.js";
import { ShiftControls } from "./panel.js";
import { ShiftNotes } from "./notes.js";

const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const STILL = { right: 0, down: 0 };

class Shifting extends AnsweredPart {
  constructor(parent) {
    super(parent);
    this.observer = new ResizeObserver(() => this.paint());
    this.observer.observe(this.root);
  }

  build() {
    this.drag = null;
    this.atlases = {};
    this.controls = new ShiftControls((change) => this.change(change));
    this.figures = Object.fromEntries(["moving", "after", "moved"].map((name) => [name, new ShiftFigure(name)]));
    this.lead = element("p", { class: "shift-lead" });
    this.notes = new ShiftNotes();
    const figures = element(
      "div",
      { class: "shift-figures" },
      Object.values(this.figures).map(({ node }) => node)
    );
    this.root = element("div", { class: "cnnviz-shifting" }, [this.lead, this.controls.root, figures, this.notes.root]);
    const { canvas } = this.figures.moving;
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "application");
    for (const [name, act] of Object.entries({
      pointerdown: this.press,
      pointermove: this.move,
      pointerup: this.release,
      pointercancel: this.release,
      keydown: this.key,
    })) {
      canvas.addEventListener(name, (event) => act.call(this, event));
    }
  }

  receive(bytes, send) {
    super.receive(bytes, send);
    this.writeLink();
  }

  read(bytes) {
    const { header, body } = readWire(bytes);
    for (const name of ["picture", "before", "after", "differs"]) attachField(header[name], body);
    return header;
  }

  /** Whether a packet is of what is asked now. */
  isAnswer(packet) {
    return JSON.stringify(packet.asked) === JSON.stringify(this.asked);
  }

  /** Also what is a step behind the hand: the maps follow it. */
  adopt(packet) {
    this.problem = null;
    this.atlases = {};
    this.take(packet);
    this.root.dataset.shift = `${packet.asked.right} ${packet.asked.down}`;
  }

  question() {
    const { brought } = this.tools;
    return { shift: { ...this.asked, picture: brought[this.asked.picture] ?? { key: this.asked.picture } } };
  }

  /** The start needs no words. */
  link() {
    const { start } = this.tools;
    const isStart = Object.keys(start).every((name) => this.asked[name] === start[name]);
    return { why: isStart ? null : shiftText(this.asked) };
  }

  /** Moves by the hand: picture and first map follow in this frame, their numbers as soon as Python has them. */
  moveTo(right, down) {
    const within = (value) => Math.max(-this.tools.furthest, Math.min(this.tools.furthest, value));
    const place = { right: within(right), down: within(down) };
    if (place.right !== this.asked.right || place.down !== this.asked.down) this.change(place);
  }

  press(event) {
    if (event.button !== 0) return;
    this.drag = {
      id: event.pointerId,
      x: event.clientX,
      y: event.clientY,
      right: this.asked.right,
      down: this.asked.down,
    };
    event.currentTarget.setPointerCapture(event.pointerId);
    event.currentTarget.dataset.held = "true";
  }

  move(event) {
    const { drag } = this;
    if (!drag || event.pointerId !== drag.id) return;
    const { cell } = this.figures.moving;
    this.moveTo(
      drag.right + Math.round((event.clientX - drag.x) / cell),
      drag.down + Math.round((event.clientY - drag.y) / cell)
    );
  }

  release(event) {
    if (event.pointerId !== this.drag?.id) return;
    this.drag = null;
    delete event.currentTarget.dataset.held;
  }

  key(event) {
    const { right, down } = this.asked;
    if (!isPlainKey(event)) return;
    if (event.key === "Home") this.moveTo(0, 0);
    else if (event.key in KEYS) this.moveTo(right + KEYS[event.key][0], down + KEYS[event.key][1]);
    else return;
    event.preventDefault();
  }

  /** Everything that is seen, from what is asked and the latest answer. */
  paint() {
    if (!this.packet || this.root.clientWidth === 0) return;
    if (recolour(this, this.root, this.tools.palettes)) this.atlases = {};
    this.controls.show({ asked: this.asked, tools: this.tools });
    putText(this.lead, textsForHand(this.tools.texts).drag);
    this.paintFigures();
    this.notes.show({
      packet: this.packet,
      texts: this.tools.texts,
      problem: this.problem,
      isCurrent: this.isAnswer(this.packet),
    });
  }

  paintFigures() {
    const { packet, asked, ink, figures, tools } = this;
    const inputs = { table: this.tables.inputs, low: packet.low, high: packet.high };
    const values = { table: this.tables.activations, low: -packet.reach, high: packet.reach };
    const side = this.side();
    const shared = { wraps: asked.wraps, ink, side };
    const place = { right: asked.right, down: asked.down };
    figures.moving.show({ ...shared, atlas: this.atlas("picture", inputs), scale: inputs, place, isFramed: true });
    figures.after.show({ ...shared, wraps: false, atlas: this.atlas("after", values), scale: values, place: STILL });
    const differs = this.isAnswer(packet) ? packet.differs.values : null;
    figures.moved.show({ ...shared, atlas: this.atlas("before", values), scale: values, place, differs });
    for (const [name, { caption, canvas }] of Object.entries(figures)) {
      putText(caption, tools.texts[name]);
      canvas.setAttribute("aria-label", `${tools.texts[name]}: ${asked.right}, ${asked.down}`);
    }
  }

  /** Three side by side; where there is no room for that, the picture and its map, so that both are seen at once. */
  side() {
    const { clientWidth } = this.root;
    return clientWidth > 700 ? Math.min(380, (clientWidth - 56) / 3) : (clientWidth - 12) / 2;
  }

  atlas(name, scale) {
    const [, rows, cols] = this.packet[name].shape;
    this.atlases[name] ??= paintAtlas(
      this.packet[name].values.subarray(0, rows * cols),
      { count: 1, rows, cols },
      () => scale
    );
    return this.atlases[name];
  }

  complain(sentence) {
    this.problem = sentence ?? this.tools.texts.nobody;
    this.paint();
  }

  close() {
    this.observer.disconnect();
    super.close();
  }
}

/** Streamlit calls this for every new packet; what the reader has in hand stays. */
export default function mountShiftDemo({ data, parentElement, setStateValue }) {
  return keepStanding(Shifting, parentElement, (part) => part.receive(data, (asked) => setStateValue("made", asked)));
}
