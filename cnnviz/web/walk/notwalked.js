// What is said of an open layer whose arithmetic nobody has written down here: its name, its type, and what still
// works.

import { element, fill } from "../shared/dom.js";

/** Whether a layer's cells can be walked, as Python says: the input was not computed, what is unsupported not known. */
export function isWalked(layers, index) {
  return layers[index].is_walked;
}

export class NotWalked {
  /** @param {HTMLElement} stage the card stands before it */
  constructor(stage) {
    this.node = element("p", { class: "not-walked", role: "status", hidden: true });
    stage.before(this.node);
  }

  /** @param {import("../network/paint.js").Scene} scene */
  show({ packet, open }) {
    this.node.hidden = !open || open.index === 0 || isWalked(packet.layers, open.index);
    if (this.node.hidden) return;
    const text = fill(packet.texts.walk.not_walked, {
      layer: packet.texts.layers[open.index].name,
      type: packet.layers[open.index].type,
    });
    if (this.node.textContent !== text) this.node.textContent = text;
  }
}
