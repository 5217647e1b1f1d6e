// The reader's picture, always in sight: to draw on, and the ready-made ones.

import { element } from "../shared/dom.js";
import { InkGrid } from "./inkgrid.js";
import { paintSmall } from "./numbers.js";
import { fromBits, toBits } from "./packet.js";

const SIDE_OF_PICTURE = 9;
export const CELLS_OF_PICTURE = SIDE_OF_PICTURE ** 2;

export class PicturePanel {
  /** @param {{onPicture: (values: number[]) => void, onStartOver: () => void}} answers */
  constructor(answers) {
    this.answers = answers;
    this.title = element("h2", {});
    this.grid = new InkGrid({ onChange: (values) => answers.onPicture(values) });
    this.hint = element("p", { class: "faint" });
    this.readyTitle = element("h3", {});
    this.ready = element("div", { class: "ready", role: "group" });
    this.ready.addEventListener("click", (event) => this.take(event.target.closest("button")?.dataset.key));
    this.clear = element("button", { type: "button", class: "quiet" });
    this.clear.addEventListener("click", () => answers.onPicture(Array(CELLS_OF_PICTURE).fill(-1)));
    this.startOver = element("button", { type: "button", class: "quiet" });
    this.startOver.addEventListener("click", () => answers.onStartOver());
    const buttons = element("div", { class: "picture-buttons" }, [this.clear, this.startOver]);
    this.node = element("section", { class: "picture-panel" }, [
      this.title,
      this.grid.node,
      this.hint,
      buttons,
      this.readyTitle,
      this.ready,
    ]);
  }

  get isHeld() {
    return this.grid.isHeld;
  }

  /** Puts a ready-made picture in place. */
  take(key) {
    const preset = this.presets?.find((one) => one.key === key);
    if (preset) this.answers.onPicture(fromBits(preset.bits, CELLS_OF_PICTURE));
  }

  show({ picture, tables, tools, lit }) {
    const { texts, ready } = tools;
    this.presets = ready;
    this.title.textContent = texts.picture;
    this.hint.textContent = texts.picture_hint;
    this.clear.textContent = texts.clear;
    this.startOver.textContent = texts.start_over;
    this.readyTitle.textContent = texts.ready;
    this.ready.setAttribute("aria-label", texts.ready);
    this.grid.show({ side: SIDE_OF_PICTURE, values: picture, table: tables.inputs, texts, label: texts.picture, lit });
    if (this.language !== texts.language) this.build(ready);
    if (this.language !== texts.language || this.table !== tables.inputs) this.paintReady(ready, tables.inputs);
    Object.assign(this, { language: texts.language, table: tables.inputs });
    const bits = toBits(picture);
    ready.forEach((preset, at) => this.ready.children[at].setAttribute("aria-pressed", String(preset.bits === bits)));
  }

  paintReady(ready, table) {
    ready.forEach(({ bits }, at) => {
      const canvas = this.ready.children[at].querySelector("canvas");
      paintSmall(canvas, {
        values: fromBits(bits, CELLS_OF_PICTURE),
        rows: SIDE_OF_PICTURE,
        cols: SIDE_OF_PICTURE,
        table,
      });
    });
  }

  build(ready) {
    this.ready.replaceChildren(
      ...ready.map(({ key, title }) =>
        element("button", { type: "button", "data-key": key }, [element("canvas", {}), title])
      )
    );
  }
}
