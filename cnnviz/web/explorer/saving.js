// "Save": what is open as a picture or as numbers, the map alone or its whole layer.

import { scaleOf } from "../shared/atlas.js";
import { element, putText } from "../shared/dom.js";
import { saveNumbers } from "../network/savenumbers.js";
import { savePicture } from "../network/savepicture.js";

const WAYS = ["map_png", "map_csv", "layer_png", "layer_csv"];

export class Saving {
  /** @param {object} explorer */
  constructor(explorer) {
    this.explorer = explorer;
    this.isOpen = false;
    this.button = element("button", { type: "button", class: "save-button", "aria-expanded": "false" });
    this.ways = WAYS.map((way) => element("button", { type: "button", "data-save": way }));
    this.box = element("div", { class: "saving", role: "group", hidden: true }, this.ways);
    explorer.panel.numbers.after(this.button);
    explorer.panel.bar.after(this.box);
    this.button.addEventListener("click", () => this.toggle());
    for (const way of this.ways) way.addEventListener("click", () => this.save(way.dataset.save));
  }

  toggle() {
    this.isOpen = !this.isOpen;
    this.show();
  }

  /** The button, and what can be saved of what is open. */
  show() {
    const { packet, open } = this.explorer.scene;
    const { texts } = packet;
    const layer = open && packet.layers[open.index];
    const canSave = Boolean(layer?.output);
    putText(this.button, texts.save);
    this.button.title = canSave ? texts.save_hint : texts.save_closed;
    this.button.disabled = !canSave;
    this.button.setAttribute("aria-expanded", String(this.isOpen && canSave));
    this.box.setAttribute("aria-label", texts.save);
    this.box.hidden = !(this.isOpen && canSave);
    for (const way of this.ways) {
      putText(way, texts[`save_${way.dataset.save}`]);
      way.hidden = way.dataset.save.startsWith("map") && layer?.form !== "maps";
    }
  }

  save(way) {
    const { scene, panel } = this.explorer;
    const saved = this.saved(way.startsWith("map") ? scene.open.channel : null);
    if (way.endsWith("csv")) return saveNumbers(saved);
    const { color, backgroundColor } = getComputedStyle(panel.root);
    return savePicture(saved, { ink: color, ground: backgroundColor });
  }

  /** What is open, as it is shown. @returns {import("../network/savenumbers.js").Saved} */
  saved(channel) {
    const { scene, edits } = this.explorer;
    const { packet, open, scope, tables } = scene;
    const { form, count, rows, cols, output, classes } = packet.layers[open.index];
    const scale = (at) => {
      const { table, ...ends } = scaleOf(packet.layers[open.index], scope, at);
      return { ...ends, table: tables[table] };
    };
    return {
      network: packet.title ?? "",
      layer: packet.layers[open.index].path,
      note: edits.state.lines.length > 0 ? packet.texts[`save_${edits.state.view}`] : "",
      values: output.values,
      classes: classes ? packet.classes : null,
      hasOwnRanges: scope === "map",
      texts: packet.texts,
      form,
      count,
      rows,
      cols,
      channel,
      scale,
    };
  }
}
