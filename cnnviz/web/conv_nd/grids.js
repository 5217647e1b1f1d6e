// Maps of numbers on their colours: one whose numbers can be typed over, and one of which a cell can be chosen.

import { cssColour, tableIndex, textOn } from "../shared/colour.js";
import { element, fill, putText } from "../shared/dom.js";
import { isPlainKey } from "../shared/plainkey.js";
import { entryOf, parseNumber, placeOf } from "./numbers.js";

const STEPS = {
  ArrowLeft: [0, 0, -1],
  ArrowRight: [0, 0, 1],
  ArrowUp: [0, -1, 0],
  ArrowDown: [0, 1, 0],
  PageUp: [-1, 0, 0],
  PageDown: [1, 0, 0],
};

/**
 * @typedef {{field: {shape: number[], values: Float32Array}, texts: string[]}} Grid `shape`: maps, rows, columns
 * @typedef {{title: string, grid: Grid, scale: object, texts: object, axes: number, slices: number, around:
 *   number[]}} Scene `slices`: of each channel of a volume, padding included; `around`: the padding of slices, rows and
 *   columns
 */

/** What a map, and a cell of it, is called: counted without padding. */
function namesOf({ title, texts, axes, slices, around }) {
  const mapName = (map) => {
    const [channel, slice] = [Math.floor(map / slices), (map % slices) - around[0]];
    if (slice < 0 || slice >= slices - 2 * around[0]) return texts.padding_here;
    return fill(channel > 0 ? texts.both : texts.slice, { channel, slice });
  };
  const cellName = ([map, row, col]) => {
    const name = axes === 3 ? mapName(map) : "";
    return fill(texts[`name_${axes}`], { grid: title, map: name, row: row - around[1], col: col - around[2] });
  };
  return { mapName, cellName };
}

/** The tables of a grid; what stands in their cells is told by the two below. */
class Maps {
  constructor(key) {
    this.title = element("h2", {});
    this.maps = element("div", { class: "nd-maps" });
    this.root = element("section", { class: "nd-grid", "data-grid": key }, [this.title, this.maps]);
    this.root.addEventListener("keydown", (event) => this.key(event));
    this.cells = [];
  }

  /** @param {Scene} scene @param {unknown} rest that the cells are built from */
  lay(scene, rest = null) {
    this.shape = scene.grid.field.shape;
    putText(this.title, scene.title);
    const stamp = JSON.stringify([this.shape, scene.title, scene.axes, scene.slices, scene.around, rest]);
    if (stamp === this.stamp) return;
    this.stamp = stamp;
    const [maps, rows, cols] = this.shape;
    const { mapName } = namesOf(scene);
    this.cells = [];
    const figures = [];
    for (let map = 0; map < maps; map += 1) {
      const lines = Array.from({ length: rows }, (_row, row) => {
        const cells = Array.from({ length: cols }, (_col, col) => this.make([map, row, col], scene));
        const name = scene.axes === 1 && rows > 1 ? fill(scene.texts.channel, { channel: row }) : "";
        return element("tr", {}, name ? [element("th", { scope: "row" }, [name]), ...cells] : cells);
      });
      const name = scene.axes === 3 ? mapName(map) : "";
      const table = element("table", { role: "grid", "aria-label": name ? `${scene.title}, ${name}` : scene.title }, [
        element("tbody", {}, lines),
      ]);
      figures.push(element("figure", {}, [...(name ? [element("figcaption", {}, [name])] : []), table]));
    }
    this.maps.replaceChildren(...figures);
  }

  make(place) {
    const td = element("td", { role: "gridcell", "data-place": place.join(" ") });
    this.cells.push(td);
    return td;
  }

  paintCell(td, value, { table, low, high }) {
    const pixel = table[tableIndex(value, low, high)];
    td.style.background = cssColour(pixel);
    td.style.color = textOn(pixel);
  }

  /** Where a key leads from the cell that has the focus; null where it leads nowhere. */
  target(event) {
    const td = event.target.closest?.("td");
    const step = STEPS[event.key];
    if (!td || !step || !isPlainKey(event)) return null;
    const place = td.dataset.place.split(" ").map((n, axis) => Number(n) + step[axis]);
    const isHere = place.every((n, axis) => n >= 0 && n < this.shape[axis]);
    return { place, isHere, td };
  }
}

/** A grid whose numbers can be typed over; padding around them cannot. */
export class NumbersGrid extends Maps {
  /** @param {string} key @param {(at: number, value: number) => void} onNumber `at`: counted without padding */
  constructor(key, onNumber) {
    super(key);
    this.onNumber = onNumber;
    this.root.addEventListener("focusin", ({ target }) => target.matches("input") && this.enter(target));
    this.root.addEventListener("input", ({ target }) => this.type(target));
    this.root.addEventListener("focusout", ({ target }) => target.matches("input") && this.settle(target));
  }

  /**
   * @param {Scene & {numbers: number[], isPadding: ?boolean[], reads: ?Set<number>, largest: number}} scene `numbers`:
   *   as they were typed; `reads`: the cells under the window that is shown
   */
  show(scene) {
    const { grid, numbers, isPadding, reads, scale } = scene;
    this.largest = scene.largest;
    this.numbers = numbers;
    this.lay(scene, isPadding);
    let own = 0;
    this.cells.forEach((td, at) => {
      this.paintCell(td, grid.field.values[at], scale);
      td.dataset.reads = String(Boolean(reads?.has(at)));
      const field = td.firstElementChild;
      if (!field) return;
      field.dataset.at = String(own);
      const isTyped = field.getRootNode().activeElement === field;
      if (!isTyped && field.value !== String(numbers[own])) field.value = String(numbers[own]);
      field.style.width = `${Math.max(2, String(numbers[own]).length) + 1}ch`;
      own += 1;
    });
  }

  make(place, scene) {
    const td = super.make(place);
    if (scene.isPadding?.[entryOf(place, this.shape)]) {
      td.dataset.padding = "true";
      td.title = scene.texts.padding_here;
      td.append("0");
      return td;
    }
    const name = namesOf(scene).cellName(place);
    const isFirst = !this.cells.some((one) => one !== td && one.firstElementChild);
    td.append(element("input", {
      type: "text", inputmode: "decimal", autocomplete: "off", "aria-label": name, tabindex: isFirst ? 0 : -1,
    })); // prettier-ignore
    return td;
  }

  enter(field) {
    for (const td of this.cells) if (td.firstElementChild) td.firstElementChild.tabIndex = -1;
    field.tabIndex = 0;
    field.select();
  }

  type(field) {
    const value = parseNumber(field.value, this.largest);
    field.setAttribute("aria-invalid", String(value === null));
    if (value !== null) this.onNumber(Number(field.dataset.at), value);
  }

  settle(field) {
    field.removeAttribute("aria-invalid");
    field.value = String(this.numbers[Number(field.dataset.at)]);
  }

  /** Up and down always, to the side where the caret has nowhere to go. */
  key(event) {
    const way = this.target(event);
    const field = event.target;
    if (!way || !field.matches("input")) return;
    const isWhole = field.selectionStart === 0 && field.selectionEnd === field.value.length;
    const isStill = field.selectionStart === field.selectionEnd;
    const canMove = { ArrowLeft: isStill && field.selectionStart > 0,
      ArrowRight: isStill && field.selectionStart < field.value.length }; // prettier-ignore
    if (!isWhole && canMove[event.key]) return;
    event.preventDefault();
    if (way.isHere) this.cells[entryOf(way.place, this.shape)].firstElementChild?.focus();
  }
}

/** A grid of which a cell can be chosen, by hand and by key. */
export class ResultGrid extends Maps {
  /** @param {string} key @param {(place: number[]) => void} onCell */
  constructor(key, onCell) {
    super(key);
    this.onCell = onCell;
    this.root.addEventListener("click", ({ target }) => {
      const td = target.closest?.("td");
      if (td) this.onCell(td.dataset.place.split(" ").map(Number));
    });
  }

  /** @param {Scene & {chosen: number[]}} scene */
  show(scene) {
    this.lay(scene);
    const { cellName } = namesOf(scene);
    const chosen = entryOf(scene.chosen, this.shape);
    this.cells.forEach((td, at) => {
      this.paintCell(td, scene.grid.field.values[at], scene.scale);
      putText(td, scene.grid.texts[at]);
      td.dataset.chosen = String(at === chosen);
      td.tabIndex = at === chosen ? 0 : -1;
      td.setAttribute("aria-selected", String(at === chosen));
      const name = cellName(placeOf(at, this.shape));
      td.setAttribute("aria-label", fill(scene.texts.value, { name, value: scene.grid.texts[at] }));
    });
  }

  key(event) {
    const way = this.target(event);
    if (!way) return;
    event.preventDefault();
    if (!way.isHere) return;
    this.onCell(way.place);
    this.cells[entryOf(way.place, this.shape)].focus();
  }
}
