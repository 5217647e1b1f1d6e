// The grid of weights: one number field a cell, on its colour. Typed, stepped by keys, dragged up and down.

import { fitNumbers } from "../shared/celltext.js";
import { cssColour, tableIndex, textOn } from "../shared/colour.js";
import { element, fill } from "../shared/dom.js";
import { isPlainKey } from "../shared/plainkey.js";
import { exactText, onGrid, parseWeight, weightText } from "./weights.js";

const DEAD_PIXELS = 4; // before a press becomes a drag
// as the style sheet
const CELL_SIZES = { large: { cell: 64, type: 16 }, middle: { cell: 50, type: 13 }, small: { cell: 42, type: 11 } };
const FULL_DRAG = 160; // pixels from 0 to the end of the range

/**
 * @typedef {{onPick: (at: number) => void, onValue: (at: number, value: number, isFinal: boolean) => void}} GridAnswers
 */

export class WeightGrid {
  /** @param {GridAnswers} answers */
  constructor(answers) {
    this.answers = answers;
    this.fields = [];
    this.rows = this.cols = 0;
    this.drag = null;
    this.typing = -1;
    this.root = element("div", { class: "weights", role: "grid" });
    for (const [name, act] of Object.entries({
      pointerdown: (event) => this.press(event),
      pointermove: (event) => this.move(event),
      pointerup: (event) => this.release(event),
      pointercancel: (event) => this.release(event),
      keydown: (event) => this.key(event),
      input: (event) => this.type(event),
      focusin: (event) => this.enter(event),
      focusout: (event) => this.leave(event),
    }))
      this.root.addEventListener(name, act);
  }

  /** Whether a hand or a key is at work here, so that nothing must be written over. */
  get isHeld() {
    return this.drag !== null || this.typing >= 0;
  }

  /**
   * @param {{rows: number, cols: number, values: ArrayLike<number>, picked: number, half: number, step: number,
   *   table: Uint32Array, texts: Record<string, string>, low?: number, high?: number}} shown colours from `low` to
   *   `high`,
   *   from −half to +half where these are not given
   */
  show(shown) {
    Object.assign(this, { low: -shown.half, high: shown.half }, shown);
    if (this.fields.length !== shown.rows * shown.cols || this.laidCols !== shown.cols) this.build();
    const { cell, type } = CELL_SIZES[this.root.dataset.size];
    const room = (this.root.clientWidth / shown.cols || cell) - 5;
    const { texts, size } = fitNumbers(shown.values, {
      room,
      most: type,
      weight: 400,
      digits: this.digits,
      write: weightText,
    });
    this.root.style.setProperty("--type", `${size}px`);
    this.fields.forEach((field, at) => this.paint(field, at, texts[at]));
  }

  build() {
    const { rows, cols } = this;
    this.typing = -1;
    this.laidCols = cols;
    this.root.style.setProperty("--across", String(cols));
    this.root.style.setProperty("--down", String(rows));
    this.root.dataset.size = Math.max(rows, cols) > 7 ? "small" : Math.max(rows, cols) > 5 ? "middle" : "large";
    this.written = [];
    this.fields = Array.from({ length: rows * cols }, (_, at) =>
      element("input", { type: "text", inputmode: "decimal", autocomplete: "off", spellcheck: "false", "data-at": at })
    );
    const lines = Array.from({ length: rows }, (_, row) =>
      element(
        "div",
        { role: "row" },
        this.fields.slice(row * cols, (row + 1) * cols).map((field) => element("div", { role: "gridcell" }, [field]))
      )
    );
    this.root.replaceChildren(...lines);
    this.fields.forEach((field, at) => {
      const words = fill(this.texts.weight, { row: Math.floor(at / cols), col: at % cols });
      field.setAttribute("aria-label", words);
    });
  }

  get digits() {
    return this.cols > 7 ? 2 : 3;
  }

  /** @param {string} text of its value, as long as its cell takes */
  paint(field, at, text = weightText(this.values[at], this.digits)) {
    const value = this.values[at];
    const pixel = this.table[tableIndex(value, this.low, this.high)];
    const key = `${value} ${text} ${pixel} ${at === this.picked} ${at === this.typing}`;
    if (this.written[at] === key) return; // most weights stay while one moves
    this.written[at] = key;
    Object.assign(field.style, { background: cssColour(pixel), color: textOn(pixel) });
    field.tabIndex = at === this.picked ? 0 : -1;
    field.dataset.picked = String(at === this.picked);
    if (at !== this.typing) field.value = text;
    field.title = exactText(value);
  }

  press(event) {
    const at = placeOf(event.target);
    if (at < 0 || event.button !== 0) return;
    this.drag = { at, x: event.clientX, y: event.clientY, from: this.values[at], isMoving: false, id: event.pointerId };
    this.answers.onPick(at);
  }

  move(event) {
    const { drag } = this;
    if (!drag || event.pointerId !== drag.id) return;
    const up = drag.y - event.clientY;
    if (!drag.isMoving) {
      if (Math.hypot(up, event.clientX - drag.x) < DEAD_PIXELS) return;
      drag.isMoving = true;
      this.finish();
      this.root.setPointerCapture(drag.id);
    }
    event.preventDefault();
    this.answers.onValue(drag.at, onGrid(drag.from + (up / FULL_DRAG) * this.half, this.step), false);
  }

  release(event) {
    const { drag } = this;
    if (!drag || event.pointerId !== drag.id) return;
    this.drag = null;
    if (drag.isMoving) this.answers.onValue(drag.at, this.values[drag.at], true);
    else if (event.type === "pointerup") this.fields[drag.at].select();
  }

  enter(event) {
    const at = placeOf(event.target);
    if (at >= 0 && at !== this.picked) this.answers.onPick(at);
  }

  leave(event) {
    if (placeOf(event.target) === this.typing) this.finish();
  }

  /** What stands in a field is a value as soon as it is a number. */
  type(event) {
    const at = placeOf(event.target);
    if (at < 0) return;
    this.typing = at;
    const value = parseWeight(event.target.value);
    event.target.setAttribute("aria-invalid", String(value === null));
    if (value !== null) this.answers.onValue(at, value, false);
  }

  /** The end of typing: the field shows the value that is in force. */
  finish() {
    const at = this.typing;
    if (at < 0) return;
    this.typing = -1;
    this.fields[at]?.removeAttribute("aria-invalid");
    if (this.fields[at]) this.paint(this.fields[at], at);
    this.answers.onValue(at, this.values[at], true);
  }

  key(event) {
    const at = placeOf(event.target);
    if (at < 0 || !isPlainKey(event)) return;
    const isTyping = this.typing === at;
    const moves = { ArrowUp: -this.cols, ArrowDown: this.cols, ArrowLeft: -1, ArrowRight: 1 };
    const steps = { PageUp: 10, PageDown: -10 };
    if (event.key === "Enter" || event.key === "Escape") this.finish();
    else if (event.key in steps)
      this.answers.onValue(
        at,
        onGrid(this.values[at] + steps[event.key] * this.step * (event.shiftKey ? 10 : 1), this.step),
        true
      );
    else if (event.key in moves && !(isTyping && ["ArrowLeft", "ArrowRight"].includes(event.key)))
      this.go(at, event.key, moves[event.key]);
    else return;
    if (event.key === "Escape" && !isTyping) return; // it means something to the page
    event.preventDefault();
  }

  go(at, key, by) {
    const next = at + by;
    const wraps = (key === "ArrowLeft" && at % this.cols === 0) || (key === "ArrowRight" && next % this.cols === 0);
    if (wraps || next < 0 || next >= this.fields.length) return;
    this.finish();
    this.fields[next].focus();
    this.fields[next].select();
  }
}

function placeOf(target) {
  return target instanceof HTMLInputElement && target.dataset.at !== undefined ? Number(target.dataset.at) : -1;
}
