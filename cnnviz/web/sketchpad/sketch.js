// What is on the pad and how one came there: strokes, the gesture in hand, undo and redo. No browser.

import { extendGesture, startGesture, strokesOf } from "./gesture.js";
import { thinned } from "./line.js";

/** @typedef {import("./line.js").Point} Point */
/** @typedef {import("./gesture.js").Stroke} Stroke */
/** @typedef {import("./gesture.js").Gesture} Gesture */

const MOST_STEPS = 200;
export const THINNEST = 0.03;
export const THICKEST = 0.16;
const WIDTH_STEP = 0.01;
/** An eraser takes off more than the pen puts on. */
const ERASER_FACTOR = 2;

/** @typedef {"stroke" | "drawing" | "placed" | "room" | "tool"} Change */

/** The drawing and its tools. Every change is told to `changed(kind)`. */
export class Sketch {
  /**
   * @param {number} width of the pen, as a fraction of the side
   * @param {(kind: Change) => void} [changed] a stroke grows; a drawing is finished,
   *   undone or cleared by hand; another one is put here; an example makes room for the reader's own; a tool is chosen
   */
  constructor(width, changed = () => {}) {
    /** @type {Stroke[]} */
    this.settled = [];
    /** @type {Stroke[][]} */
    this.past = [];
    /** @type {Stroke[][]} */
    this.future = [];
    /** @type {Gesture | null} */
    this.gesture = null;
    /** @type {Stroke[] | null} the example that makes room for the gesture in hand */
    this.gone = null;
    this.width = width;
    this.isEraser = false;
    this.changed = changed;
  }

  /** Everything on the pad, the stroke in hand included. */
  get strokes() {
    return this.gesture ? [...this.settled, ...strokesOf(this.gesture)] : this.settled;
  }

  get isEmpty() {
    return this.settled.length === 0 && this.gesture === null;
  }

  /** The width of what the pad's tool now leaves, or takes off. */
  get toolWidth() {
    return this.isEraser ? this.width * ERASER_FACTOR : this.width;
  }

  /**
   * @param {Point} point
   * @param {{erases?: boolean, isSmooth?: boolean}} [how]
   */
  begin(point, { erases = this.isEraser, isSmooth = true } = {}) {
    this.finish();
    if (examples.has(this.settled) && !erases) this.#makeRoom();
    const width = erases ? this.width * ERASER_FACTOR : this.width;
    this.gesture = startGesture(point, { width, erases, isSmooth });
    this.changed("stroke");
  }

  /** @param {Point[]} points */
  extend(points) {
    if (!this.gesture) return;
    for (const point of points) extendGesture(this.gesture, point);
    this.changed("stroke");
  }

  finish() {
    if (!this.gesture) return;
    const strokes = this.strokes;
    this.gesture = null;
    this.#settle(strokes);
  }

  /**
   * Put another drawing here (undo brings back the one before); a stroke in hand goes on, on top of it.
   * @param {Stroke[]} strokes
   * @param {boolean} [isExample] nobody has chosen it: who begins to draw draws on an empty pad
   */
  place(strokes, isExample = false) {
    const isFirst = this.isEmpty && this.past.length === 0;
    this.isEraser = false; // another drawing: what one wanted to erase is gone
    for (const stroke of strokes) packed.set(stroke, stroke); // Python has it in this form: its image stays the same
    if (isExample) examples.add(strokes);
    this.#settle(strokes, "placed");
    if (isFirst) this.past = [];
  }

  /** Takes everything off; says, as `undo` and `redo` do, whether that changed anything. */
  clear() {
    this.finish();
    if (this.settled.length === 0) return false;
    this.#settle([]);
    return true;
  }

  undo() {
    this.finish();
    return this.#travel(this.past, this.future);
  }

  redo() {
    this.finish();
    return this.#travel(this.future, this.past);
  }

  /**
   * The eraser, or the pen again; says whether that was possible: an empty pad has nothing to erase.
   * @param {boolean} isEraser
   */
  chooseEraser(isEraser) {
    if (isEraser && this.isEmpty) return false;
    this.isEraser = isEraser;
    this.changed("tool");
    return true;
  }

  /** @param {number} width */
  chooseWidth(width) {
    const steps = Math.round(Math.min(THICKEST, Math.max(THINNEST, width)) / WIDTH_STEP);
    this.width = Number((steps * WIDTH_STEP).toFixed(4));
    this.changed("tool");
  }

  /** @param {1 | -1} direction */
  stepWidth(direction) {
    this.chooseWidth(this.width + direction * WIDTH_STEP);
  }

  #makeRoom() {
    this.gone = this.settled;
    this.settled = [];
    this.changed("room");
  }

  /**
   * @param {Stroke[]} strokes
   * @param {Change} [kind]
   */
  #settle(strokes, kind = "drawing") {
    this.past = [...this.past, this.gone ?? this.settled].slice(-MOST_STEPS);
    this.future = [];
    this.gone = null;
    this.#put(strokes, kind);
  }

  #travel(from, to) {
    const strokes = from.pop();
    if (!strokes) return false;
    to.push(this.settled);
    this.#put(strokes, "drawing");
    return true;
  }

  /** The eraser does not outlive the ink: on an empty pad one draws. */
  #put(strokes, kind) {
    this.settled = strokes;
    if (strokes.length === 0) this.isEraser = false;
    this.changed(kind);
  }
}

/** @type {WeakSet<Stroke[]>} drawings that nobody has chosen */
const examples = new WeakSet();
/** @type {WeakMap<Stroke, Stroke>} */
const packed = new WeakMap();

/**
 * Strokes as they travel: as few points as draw the same line, to four decimals. What Python has put here goes back
 * as it came: other points, even of nearly the same line, would be another image.
 * @param {Stroke[]} strokes
 * @returns {Stroke[]}
 */
export function packStrokes(strokes) {
  return strokes.map((stroke) => {
    const known = packed.get(stroke);
    if (known) return known;
    const points = thinned(stroke.points).map(([x, y]) => /** @type {Point} */ ([fourDecimals(x), fourDecimals(y)]));
    const small = { points, width: fourDecimals(stroke.width), erases: stroke.erases };
    packed.set(stroke, small);
    return small;
  });
}

function fourDecimals(value) {
  return Math.round(value * 1e4) / 1e4;
}
