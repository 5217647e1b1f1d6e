// A picture of ±1 under the hand: a click flips a cell, a drag paints, arrow keys move and Space flips.

import { cssColour, tableIndex, textOn } from "../shared/colour.js";
import { element, fill } from "../shared/dom.js";
import { momentsOf } from "../shared/moments.js";
import { isPlainKey } from "../shared/plainkey.js";

export class InkGrid {
  /** @param {{onChange: (values: number[]) => void, onPoint?: () => void}} answers called at every cell that changes */
  constructor({ onChange, onPoint }) {
    this.onChange = onChange;
    this.cells = [];
    this.here = 0;
    this.paints = null;
    this.node = element("div", { class: "ink-grid", role: "grid" });
    const acts = {
      pointerdown: (event) => this.press(event),
      pointermove: (event) => this.drag(event),
      pointerup: () => this.release(),
      pointercancel: () => this.release(),
      lostpointercapture: () => this.release(),
      keydown: (event) => this.key(event),
      pointerenter: () => onPoint?.(),
      focusin: (event) => this.enter(event),
    };
    for (const [name, act] of Object.entries(acts)) this.node.addEventListener(name, act);
  }

  get isHeld() {
    return this.paints !== null;
  }

  /**
   * @param {{side: number, values: number[], table: Uint32Array, texts: Record<string, string>, label: string,
   *   lit?: (at: number) => boolean, differs?: (at: number) => boolean}} shown
   */
  show(shown) {
    Object.assign(this, { values: shown.values, shown });
    if (this.cells.length !== shown.side ** 2) this.build(shown.side);
    this.node.setAttribute("aria-label", shown.label);
    this.cells.forEach((_, at) => this.paint(at));
  }

  build(side) {
    this.side = side;
    this.written = [];
    this.node.style.setProperty("--across", String(side));
    this.cells = Array.from({ length: side * side }, (_, at) =>
      element("button", { type: "button", "data-at": at, role: "gridcell" })
    );
    const lines = Array.from({ length: side }, (_, row) =>
      element("div", { role: "row" }, this.cells.slice(row * side, (row + 1) * side))
    );
    this.node.replaceChildren(...lines);
  }

  paint(at) {
    const { table, texts, lit } = this.shown;
    const value = this.values[at];
    const isLit = lit?.(at) ?? false;
    const key = `${value}|${isLit}|${table[0]}|${table[255]}|${at === this.here}`;
    if (this.written[at] === key) return;
    this.written[at] = key;
    const cell = this.cells[at];
    const pixel = table[tableIndex(value, -1, 1)];
    Object.assign(cell.style, { background: cssColour(pixel), color: textOn(pixel) });
    cell.textContent = value > 0 ? "1" : "\u22121";
    cell.tabIndex = at === this.here ? 0 : -1;
    cell.setAttribute("aria-selected", String(value > 0)); // what a cell of a grid may say; a pressed one is a button's
    cell.dataset.lit = String(isLit);
    cell.setAttribute(
      "aria-label",
      fill(value > 0 ? texts.ink : texts.paper, { row: Math.floor(at / this.side), col: at % this.side })
    );
  }

  press(event) {
    const at = placeUnder(event.target);
    if (at < 0 || event.button !== 0) return;
    event.preventDefault();
    this.cells[at].focus();
    this.node.setPointerCapture(event.pointerId);
    this.paints = -this.values[at];
    this.put(at, this.paints);
  }

  drag(event) {
    if (this.paints === null) return;
    const root = this.node.getRootNode();
    for (const moment of momentsOf(event)) {
      const under = root.elementFromPoint(moment.clientX, moment.clientY);
      if (under && this.node.contains(under)) this.put(placeUnder(under), this.paints);
    }
  }

  release() {
    this.paints = null;
  }

  put(at, value) {
    if (at < 0 || this.values[at] === value) return;
    this.values = this.values.map((old, i) => (i === at ? value : old));
    this.paint(at);
    this.onChange(this.values);
  }

  enter(event) {
    const at = placeUnder(event.target);
    if (at >= 0) this.go(at);
  }

  go(at) {
    const before = this.here;
    this.here = at;
    this.paint(before);
    this.paint(at);
  }

  key(event) {
    const at = placeUnder(event.target);
    if (at < 0 || !isPlainKey(event)) return;
    const moves = { ArrowUp: -this.side, ArrowDown: this.side, ArrowLeft: -1, ArrowRight: 1 };
    const next = at + (moves[event.key] ?? 0);
    if (event.key in moves) {
      const wraps = Math.abs(moves[event.key]) === 1 && Math.floor(next / this.side) !== Math.floor(at / this.side);
      if (!wraps && next >= 0 && next < this.cells.length) this.cells[next].focus();
    } else if (event.key === " " || event.key === "Enter") this.put(at, -this.values[at]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

function placeUnder(target) {
  return target.dataset?.at === undefined ? -1 : Number(target.dataset.at);
}
