// "Save" in the explorer: what is open as a picture or as numbers, the map alone or its whole layer.

import { scaleOf, withTable } from "../shared/atlas.js";
import { SaveBox } from "../network/savebox.js";
import { saveNumbers } from "../network/savenumbers.js";
import { savePicture } from "../network/savepicture.js";

export class Saving {
  /** @param {object} explorer */
  constructor(explorer) {
    this.explorer = explorer;
    this.box = new SaveBox((way) => this.save(way));
    explorer.panel.numbers.after(this.box.button);
    explorer.panel.bar.after(this.box.box);
  }

  /** The button, and what can be saved of what is open. */
  show() {
    const { packet, open } = this.explorer.scene;
    const { texts } = packet;
    const layer = open && packet.layers[open.index];
    const canSave = Boolean(layer?.output);
    const hint = canSave ? texts.save_hint : texts.save_closed;
    this.box.show({ texts, canSave, hasMaps: layer?.form === "maps", hint });
  }

  save({ isMap, isTable }) {
    const { scene, panel } = this.explorer;
    const saved = this.saved(isMap ? scene.open.channel : null);
    return isTable ? saveNumbers(saved) : savePicture(saved, panel.root);
  }

  /** What is open, as it is shown. @returns {import("../network/savenumbers.js").Saved} */
  saved(channel) {
    const { scene, edits } = this.explorer;
    const { packet, open, scope, tables } = scene;
    const { form, count, rows, cols, output, classes } = packet.layers[open.index];
    const scale = (at) => withTable(tables, scaleOf(packet.layers[open.index], scope, at));
    const network = packet.title ?? "";
    return {
      names: [network],
      about: [[packet.texts.csv_network, network]],
      layer: packet.layers[open.index].path,
      note: edits.state.lines.length > 0 ? packet.texts[`save_${edits.state.view}`] : "",
      parts: [{ name: "", title: network, values: output.values, scale, hasOwnRanges: scope === "map" }],
      classes: classes ? packet.classes : null,
      texts: packet.texts,
      form,
      count,
      rows,
      cols,
      channel,
    };
  }
}
