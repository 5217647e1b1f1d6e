// The confusion matrix as a table of buttons: a click shows the pictures behind a count.

import { cssColour, tableIndex, textOn } from "../shared/colour.js";
import { element, fill } from "../shared/dom.js";
import { isPlainKey } from "../shared/plainkey.js";
import { ThumbRow } from "./thumbs.js";

export class Matrix {
  /** @param {{onCell: (cell: ?number[]) => void}} answers */
  constructor(answers) {
    this.answers = answers;
    this.cell = null;
    this.title = element("h3", {});
    this.table = element("table", { class: "tr-matrix" });
    this.note = element("p", { class: "tr-small" });
    this.pictures = new ThumbRow("cell");
    this.root = element("section", { class: "tr-confusion" }, [
      this.title,
      element("div", { class: "tr-scroll", tabindex: 0 }, [this.table]),
      this.note,
      this.pictures.root,
    ]);
    this.table.addEventListener("click", (event) => this.pick(event.target.closest("td")));
    this.table.addEventListener("keydown", (event) => this.key(event));
  }

  /** As on any button; the page does not scroll. */
  key(event) {
    const td = event.target.closest("td");
    if (!td || !["Enter", " "].includes(event.key) || !isPlainKey(event)) return;
    event.preventDefault();
    this.pick(td);
  }

  /**
   * @param {{counts: number[][], step: number, classes: string[], texts: Record<string, string>, table: Uint32Array}}
   *   shown
   */
  show({ counts, step, classes, texts, table }) {
    Object.assign(this, { counts, texts, classes });
    const total = counts.flat().reduce((sum, n) => sum + n, 0);
    const right = counts.reduce((sum, row, at) => sum + row[at], 0);
    this.title.textContent = fill(texts.confusion, { right, total, step });
    if (this.drawn !== classes.join("\n")) this.build();
    const most = Math.max(1, ...counts.map((row, at) => Math.max(0, ...row.filter((_n, other) => other !== at))));
    for (const td of this.cells) {
      const [row, col] = [Number(td.dataset.row), Number(td.dataset.col)];
      const n = counts[row][col];
      const pixel = table[tableIndex(row === col ? 0 : n, 0, most)];
      td.textContent = n ? String(n) : "";
      td.style.background = row === col ? "" : cssColour(pixel);
      td.style.color = row === col ? "" : textOn(pixel);
      td.tabIndex = n ? 0 : -1;
      td.setAttribute("aria-label", fill(texts.confusion_cell, { n, truth: classes[row], guess: classes[col] }));
    }
    this.mark();
  }

  build() {
    const { classes, texts } = this;
    this.drawn = classes.join("\n");
    const short = (name) => (classes.length > 4 ? name.slice(0, 3) : name);
    const head = element("tr", {}, [
      element("th", {}, [texts.truth_guess]),
      ...classes.map((name) => element("th", { scope: "col", title: name }, [short(name)])),
    ]);
    const rows = classes.map((name, row) =>
      element("tr", {}, [
        element("th", { scope: "row", title: name }, [short(name)]),
        ...classes.map((_name, col) =>
          element("td", { "data-row": row, "data-col": col, "data-right": row === col, role: "button" })
        ),
      ])
    );
    this.table.replaceChildren(element("thead", {}, [head]), element("tbody", {}, rows));
    this.cells = [...this.table.querySelectorAll("td")];
  }

  pick(td) {
    if (!td) return;
    const cell = [Number(td.dataset.row), Number(td.dataset.col)];
    const isSame = this.cell && String(this.cell) === String(cell);
    this.cell = isSame || !this.counts[cell[0]][cell[1]] ? null : cell;
    this.mark();
    this.answers.onCell(this.cell);
  }

  mark() {
    for (const td of this.cells) {
      const isOpen = this.cell !== null && String(this.cell) === `${td.dataset.row},${td.dataset.col}`;
      td.dataset.open = String(isOpen);
      td.setAttribute("aria-pressed", String(isOpen));
    }
    if (!this.cell) this.hide();
  }

  hide() {
    this.note.textContent = this.texts.confusion_hint;
    this.pictures.root.hidden = true;
  }

  /** @param {?{cell: number[], images: object, shares: number[], total: number}} found the pictures of the open cell */
  showPictures(found) {
    if (!found || !this.cell || String(found.cell) !== String(this.cell)) return;
    const [truth, guess] = found.cell.map((at) => this.classes[at]);
    const [shown] = found.images.shape;
    const shares = found.shares.values; // none where the weights of just that moment are not recorded
    const text = shares.length > 0 ? this.texts.cell_pictures_sure : this.texts.cell_pictures;
    this.note.textContent = fill(text, { shown, total: found.total, truth, guess });
    this.pictures.root.hidden = shown === 0;
    const words = Array.from({ length: shown }, (_, at) => ({
      text: shares.length > 0 ? `${Math.round(100 * shares[at])} %` : "",
      mark: "",
      isRight: null,
    }));
    this.pictures.show(found.images, words, 40);
  }
}
