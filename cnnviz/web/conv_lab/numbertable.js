// A small map as a table of numbers on their colours: read, pointed at, clicked.

import { OMITTED, fitNumbers } from "../shared/celltext.js";
import { cssColour, tableIndex, textOn } from "../shared/colour.js";
import { element, putText } from "../shared/dom.js";
import { listenToPointing } from "../shared/pointing.js";
import { exactText, weightText } from "../kernel_editor/weights.js";

const WIDEST = 64; // a column, as in the style sheet

export class NumberTable {
  /**
   * @param {{onPoint?: (row: number, col: number) => void, onPick?: (row: number, col: number) => void, onLeave?: () =>
   *   void}} answers
   */
  constructor(answers = {}) {
    this.answers = answers;
    this.root = element("table", { class: "lab-table" });
    this.cells = [];
    this.root.addEventListener("click", (event) => this.tell(event, "onPick"));
    listenToPointing(
      this.root,
      (event) => this.tell(event, "onPoint"),
      () => this.answers.onLeave?.()
    );
  }

  /**
   * @param {{values: ArrayLike<number>, rows: number, cols: number, table: Uint32Array, low: number, high: number,
   *   label: string, side: number}} shown `side`: pixels there are for all columns
   */
  show({ values, rows, cols, table, low, high, label, side }) {
    if (this.rows !== rows || this.cols !== cols) this.build(rows, cols);
    this.root.setAttribute("aria-label", label);
    const room = Math.min(WIDEST, side / cols) - 6;
    const { texts, size } = fitNumbers(values, {
      room,
      most: this.isSmall ? 12 : 15,
      weight: 400,
      digits: 4,
      write: weightText,
    });
    this.root.style.setProperty("--type", `${size}px`);
    this.cells.forEach((cell, at) => {
      const pixel = table[tableIndex(values[at], low, high)];
      putText(cell, texts[at]);
      if (texts[at] === OMITTED) cell.title = exactText(values[at]);
      else if (cell.title) cell.removeAttribute("title");
      Object.assign(cell.style, { background: cssColour(pixel), color: textOn(pixel) });
    });
  }

  build(rows, cols) {
    Object.assign(this, { rows, cols });
    this.cells = Array.from({ length: rows * cols }, (_, at) =>
      element("td", { "data-row": Math.floor(at / cols), "data-col": at % cols })
    );
    const lines = Array.from({ length: rows }, (_, row) =>
      element("tr", {}, this.cells.slice(row * cols, (row + 1) * cols))
    );
    this.root.replaceChildren(element("tbody", {}, lines));
    this.root.style.setProperty("--across", String(cols));
    this.root.style.setProperty("--down", String(rows));
    this.isSmall = Math.max(rows, cols) > 7;
  }

  /** @param {?{row: number, col: number}} marked */
  mark(marked) {
    this.cells.forEach((cell) => delete cell.dataset.lit);
    if (marked) this.cells[marked.row * this.cols + marked.col].dataset.lit = "true";
  }

  tell(event, answer) {
    const cell = event.target.closest?.("td");
    if (cell) this.answers[answer]?.(Number(cell.dataset.row), Number(cell.dataset.col));
  }
}
