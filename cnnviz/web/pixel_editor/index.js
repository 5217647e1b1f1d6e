// The network's input under the hand: a click or a drag sets pixels, so do the arrow keys and Space; all can be undone.

import { isDark, lookupTable } from "../shared/colour.js";
import { element, fill, putText } from "../shared/dom.js";
import { valueText } from "../shared/format.js";
import { GridPicture, cellAfterKey, fitCells } from "../shared/gridpicture.js";
import { INK_DRAWN, tell } from "../shared/live.js";
import { momentsOf } from "../shared/moments.js";
import { isPlainKey } from "../shared/plainkey.js";
import { HandAtRest } from "../shared/resting.js";
import { keepStanding } from "../shared/standing.js";
import { keepFocus } from "../shared/steady.js";
import { keepStrayKeys } from "../shared/straykeys.js";
import { followTheme } from "../shared/theme.js";
import { attachField, base64Of, readWire } from "../shared/wire.js";
import { FULL, PixelEdits, lineOfCells } from "./edits.js";

const HEIGHT = 420; // pixels that the picture may take
const LARGEST_CELL = 14;
const REST_MS = 300;
const STEP = 25.5; // levels that plus and minus go: a tenth
const BUTTONS = ["undo", "redo", "all"];

/** The picture with a dot in every pixel that is set by hand. */
class EditedPicture extends GridPicture {
  paint() {
    super.paint();
    const context = this.canvas.getContext("2d");
    const { cell, cols } = this.shape;
    const { x, y } = this.corner(0);
    context.fillStyle = this.accent;
    for (const place of this.edited ?? []) {
      const [row, col] = [Math.floor(place / cols), place % cols];
      context.fillRect(x + col * cell + cell / 2 - 1, y + row * cell + cell / 2 - 1, 3, 3);
    }
  }
}

class PixelEditor {
  constructor(parent) {
    this.edits = new PixelEdits();
    this.version = 0;
    this.painted = 0;
    this.cursor = null;
    this.isPainting = false;
    /** @type {?object} the cell that a drag was seen in last */
    this.under = null;
    this.picture = new EditedPicture();
    this.level = element("input", { type: "range", min: 0, max: 1, step: 0.05, value: 1 });
    this.levelText = element("span", {});
    this.buttons = Object.fromEntries(BUTTONS.map((name) => [name, element("button", { type: "button" })]));
    this.readout = element("output", { class: "pixel-readout" });
    this.root = element("div", { class: "cnnviz-pixels" }, [
      element("label", { class: "pixel-level" }, [this.levelText, this.level]),
      this.picture.canvas,
      this.readout,
      element("div", { class: "pixel-buttons" }, Object.values(this.buttons)),
    ]);
    this.rest = new HandAtRest(this.root, () => this.tell());
    parent.append(this.root);
    this.listen();
    keepStrayKeys(this.root);
    keepFocus(this.root);
    this.observer = new ResizeObserver(() => this.paint());
    this.observer.observe(this.root);
    followTheme(this.root, () => this.paint());
  }

  listen() {
    const { canvas } = this.picture;
    canvas.tabIndex = 0;
    canvas.addEventListener("pointerdown", (event) => this.press(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => this.release());
    canvas.addEventListener("pointerleave", () => this.isPainting || this.hasFocus() || this.point(null));
    canvas.addEventListener("keydown", (event) => this.key(event));
    this.root.addEventListener("keydown", (event) => this.shortcut(event));
    this.level.addEventListener("input", () => this.showTexts());
    const acts = { undo: () => this.edits.undo(), redo: () => this.edits.redo(), all: () => this.takeBackAll() };
    for (const name of BUTTONS) this.buttons[name].addEventListener("click", () => acts[name]() && this.changed(true));
  }

  /** A new packet; what the hand has done since is not written over. */
  receive(bytes, send) {
    const { header, body } = readWire(bytes);
    attachField(header.drawn, body);
    this.send = send;
    this.packet = header;
    if (header.token !== this.token) this.edits.lay(header.cells);
    this.token = header.token;
    const left = this.rest.hear([header.token, header.cells]);
    if (left) this.takeUp(left);
    this.paint();
    this.painted += 1;
    this.root.dataset.painted = String(this.painted); // counted, so that tests can wait for it
  }

  paint() {
    if (!this.packet || this.root.clientWidth === 0) return;
    const { drawn, palettes, texts } = this.packet;
    const [rows, cols] = drawn.shape;
    const table = lookupTable(palettes[isDark(this.root) ? "dark" : "light"].inputs);
    const { cell } = fitCells({ count: 1, rows, cols }, this.root.clientWidth, HEIGHT, LARGEST_CELL);
    const accent = getComputedStyle(this.root).getPropertyValue("--st-primary-color").trim() || "#d9480f";
    const shape = { count: 1, rows, cols, cell, across: 1 };
    this.picture.edited = [...this.edits.cells.keys()];
    this.picture.help = texts.help;
    this.picture.show(this.edits.over(drawn.values), shape, { table, low: 0, high: 1 }, texts.label, accent);
    this.picture.mark(this.cursor);
    this.showTexts();
  }

  showTexts() {
    const { texts, drawn } = this.packet;
    putText(this.levelText, fill(texts.level, { value: valueText(Number(this.level.value)) }));
    for (const name of BUTTONS) putText(this.buttons[name], texts[name]);
    this.buttons.undo.disabled = this.edits.before.length === 0;
    this.buttons.redo.disabled = this.edits.after.length === 0;
    this.buttons.all.disabled = this.edits.cells.size === 0;
    const count = this.edits.cells.size ? ` · ${fill(texts.count, { count: this.edits.cells.size })}` : "";
    if (!this.cursor) return putText(this.readout, texts.nothing + count);
    const place = this.placeOf(this.cursor);
    const level = this.edits.cells.get(place);
    const before = valueText(drawn.values[place]);
    const value = level === undefined ? before : valueText(level / FULL);
    const text = fill(level === undefined ? texts.as_drawn : texts.edited, { ...this.cursor, value, drawn: before });
    putText(this.readout, text + count);
  }

  /** Whether keys move the cursor, so that the pointer's going away means nothing. */
  hasFocus() {
    return this.picture.canvas.getRootNode().activeElement === this.picture.canvas;
  }

  placeOf({ row, col }) {
    return row * this.packet.drawn.shape[1] + col;
  }

  /** The level that a pixel has now, 0 to 255. */
  levelAt(place) {
    return this.edits.cells.get(place) ?? this.packet.drawn.values[place] * FULL;
  }

  point(cell) {
    this.cursor = cell;
    this.picture.mark(cell);
    this.showTexts();
  }

  press(event) {
    if (event.button !== 0) return;
    event.preventDefault();
    this.picture.canvas.focus();
    this.picture.canvas.setPointerCapture(event.pointerId);
    this.isPainting = true;
    this.under = null;
    this.edits.begin();
    this.put(this.picture.cellAt(event));
  }

  move(event) {
    const isStill = event.movementX === 0 && event.movementY === 0; // the page has moved below it
    if (!this.isPainting) return isStill ? undefined : this.point(this.picture.cellAt(event));
    for (const moment of momentsOf(event)) this.put(this.picture.cellAt(moment));
    return undefined;
  }

  release() {
    if (!this.isPainting) return;
    this.isPainting = false;
    this.edits.end();
    this.changed(true);
  }

  put(cell) {
    const before = this.under ?? cell;
    this.under = cell;
    if (!cell) return;
    this.cursor = { k: 0, row: cell.row, col: cell.col };
    const level = Number(this.level.value) * FULL;
    const news = lineOfCells(before, cell).map((one) => this.edits.set(this.placeOf(one), level));
    if (news.includes(true)) this.changed(false);
    else this.point(this.cursor);
  }

  key(event) {
    if (!isPlainKey(event)) return;
    const next = cellAfterKey(event.key, this.cursor, this.picture.shape);
    if (next) this.point(next);
    else if (!this.cursor || !this.act(event.key, this.placeOf(this.cursor))) return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** What a key does to the pixel under the cursor; whether it does anything. */
  act(key, place) {
    const level = Number(this.level.value) * FULL;
    const now = this.levelAt(place);
    const levels = { " ": level, Enter: level, "+": now + STEP, "-": now - STEP, Delete: null, Backspace: null };
    if (!(key in levels)) return false;
    this.edits.begin();
    this.edits.set(place, levels[key]);
    this.edits.end();
    this.changed(true);
    return true;
  }

  shortcut(event) {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    const isBack = key === "z" && !event.shiftKey;
    if (!isBack && key !== "y" && key !== "z") return;
    event.preventDefault();
    event.stopPropagation();
    if (isBack ? this.edits.undo() : this.edits.redo()) this.changed(true);
  }

  takeBackAll() {
    this.edits.begin();
    this.edits.cells.clear();
    return true;
  }

  /** The network answers at once; Python hears of it when the hand rests. */
  changed(isWhole) {
    this.paint();
    this.version += 1;
    this.rest.hold(this.edits);
    this.rest.stop();
    const image = base64Of(this.edits.over(this.packet.drawn.values));
    const ink = { token: `pixels ${this.token}`, version: this.version, image, isWhole };
    const isHeard = tell(INK_DRAWN, ink);
    if (isWhole) this.rest.soon(isHeard ? REST_MS : 0);
  }

  /** What an editor before this one could not tell any more. */
  takeUp(edits) {
    this.edits = edits;
    this.rest.hold(edits);
    this.rest.soon(0);
  }

  tell() {
    this.send({ token: this.token, cells: this.edits.packed() });
  }

  close() {
    this.edits.end();
    this.rest.close();
    this.observer.disconnect();
    this.root.remove();
  }
}

/** Streamlit calls this for every new packet; the cursor stays, and what can be undone. */
export default function mountPixelEditor({ data, parentElement, setStateValue }) {
  return keepStanding(PixelEditor, parentElement, (editor) =>
    editor.receive(data, (pixels) => setStateValue("pixels", pixels))
  );
}
