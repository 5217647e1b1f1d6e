// "Save": a button, and the ways to save that it opens. What there is to save its owner says.

import { element, putText } from "../shared/dom.js";

const WAYS = ["map_png", "map_csv", "layer_png", "layer_csv"];

export class SaveBox {
  /** @param {(way: {isMap: boolean, isTable: boolean}) => void} onSave a map or its layer; numbers or a picture */
  constructor(onSave) {
    this.isOpen = false;
    this.button = element("button", { type: "button", class: "save-button", "aria-expanded": "false" });
    this.ways = WAYS.map((way) => element("button", { type: "button", "data-save": way }));
    this.box = element("div", { class: "saving", role: "group", hidden: true }, this.ways);
    this.button.addEventListener("click", () => this.toggle());
    for (const way of this.ways) {
      const { save } = way.dataset;
      way.addEventListener("click", () => onSave({ isMap: save.startsWith("map"), isTable: save.endsWith("csv") }));
    }
  }

  toggle() {
    this.isOpen = !this.isOpen;
    this.show(this.now);
  }

  /**
   * @param {{texts: Record<string, string>, canSave: boolean, hasMaps: boolean, hint: string}} now `hasMaps`: a map can
   *   be saved without its layer; `hint`: what the button does, or why it does nothing now
   */
  show(now) {
    this.now = now;
    const { texts, canSave, hasMaps, hint } = now;
    putText(this.button, texts.save);
    this.button.title = hint;
    this.button.disabled = !canSave;
    this.button.setAttribute("aria-expanded", String(this.isOpen && canSave));
    this.box.setAttribute("aria-label", texts.save);
    this.box.hidden = !(this.isOpen && canSave);
    for (const way of this.ways) {
      putText(way, texts[`save_${way.dataset.save}`]);
      way.hidden = way.dataset.save.startsWith("map") && !hasMaps;
    }
  }
}
