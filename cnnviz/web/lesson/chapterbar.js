// The row of chapters: a small picture of each stage on the way down, and Back and Next.

import { element, fill } from "../shared/dom.js";
import { formatNumber } from "../shared/format.js";
import { isPlainKey } from "../shared/plainkey.js";
import { paintSmall } from "./numbers.js";
import { mapOf } from "./packet.js";

export class ChapterBar {
  /** @param {(chapter: number) => void} onTurn chapters count from 1 */
  constructor(onTurn) {
    this.onTurn = onTurn;
    this.row = element("div", { class: "chapter-row", role: "group" });
    this.row.addEventListener("click", (event) => this.click(event.target.closest("button")));
    this.row.addEventListener("keydown", (event) => this.key(event));
    this.back = element("button", { type: "button", class: "turn", "data-by": -1 });
    this.next = element("button", { type: "button", class: "turn next", "data-by": 1 });
    this.place = element("span", { class: "faint chapter-place" });
    for (const button of [this.back, this.next])
      button.addEventListener("click", () => onTurn(this.chapter + Number(button.dataset.by)));
    this.node = element("nav", { class: "chapter-bar" }, [
      this.row,
      element("div", { class: "turns" }, [this.back, this.place, this.next]),
    ]);
  }

  click(button) {
    if (button) this.onTurn(Number(button.dataset.chapter));
  }

  key(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const to = this.chapter + (by ?? 0);
    if (by === undefined || !isPlainKey(event) || to < 1 || to > this.buttons.length) return;
    event.preventDefault();
    event.stopPropagation();
    this.onTurn(to);
    this.buttons[to - 1].focus();
  }

  show({ packet, tables, tools, feature, features, chapter }) {
    const { texts } = tools;
    if (this.language !== texts.language) this.build(texts);
    this.language = texts.language;
    this.chapter = chapter;
    this.buttons.forEach((button, at) => {
      const isHere = at + 1 === chapter;
      button.setAttribute("aria-current", isHere ? "step" : "false");
      button.tabIndex = isHere ? 0 : -1;
    });
    this.back.setAttribute("aria-disabled", String(chapter === 1)); // which keeps the focus where it is
    this.next.setAttribute("aria-disabled", String(chapter === this.buttons.length));
    this.place.textContent = fill(texts.chapter_of, { at: chapter, count: this.buttons.length });
    this.paint(packet, tables, feature, features);
  }

  build(texts) {
    this.row.setAttribute("aria-label", texts.chapter_row);
    this.row.title = texts.chapter_keys;
    this.buttons = texts.chapters.map(({ title }, at) => {
      const picture =
        at === 6 ? element("output", {}) : at === 7 ? element("span", { class: "same" }, ["="]) : element("canvas", {});
      return element("button", { type: "button", "data-chapter": at + 1 }, [
        element("span", { class: "small-picture" }, [picture]),
        element("span", { class: "chapter-title" }, [`${at + 1} ${title}`]),
      ]);
    });
    this.row.replaceChildren(...this.buttons);
    this.back.textContent = `‹ ${texts.back}`;
    this.next.textContent = `${texts.next} ›`;
  }

  paint(packet, tables, feature, features) {
    const stages = [
      ["input", 0, tables.inputs],
      null,
      ["conv1", feature, tables.activations],
      ["relu1", feature, tables.activations],
      ["pool", feature, tables.activations],
      ["pool2", feature, tables.activations],
    ];
    stages.forEach((stage, at) => {
      const canvas = this.buttons[at].querySelector("canvas");
      if (stage === null) {
        paintSmall(canvas, { values: features[feature], rows: 3, cols: 3, table: tables.weights });
        return;
      }
      const [path, channel, table] = stage;
      const { shape } = packet.outputs[path];
      paintSmall(canvas, { values: mapOf(packet.outputs[path], channel), rows: shape[1], cols: shape[2], table });
    });
    const at = packet.answer === "O" ? 1 : 0;
    this.buttons[6].querySelector("output").textContent =
      packet.answer === "neither" || packet.is_blank ? "?" : `${packet.answer} ${formatNumber(packet.scores[at], 2)}`;
  }

  /** On a phone the row scrolls: what is open must be in sight. */
  bringInSight() {
    const button = this.buttons[this.chapter - 1];
    this.row.scrollLeft = button.offsetLeft - (this.row.clientWidth - button.offsetWidth) / 2;
  }
}
