// The walk over the open map begins; one whose numbers are still on their way begins as soon as they are here.

import { comesWithSteps } from "../network/packet.js";
import { beginningOf } from "../walk/beginning.js";

export class Beginning {
  /** @param {object} explorer */
  constructor(explorer) {
    this.explorer = explorer;
    /** @type {?{index: number, channel: number}} the map whose walk was asked for too soon */
    this.waiting = null;
  }

  /** Opens the walk over the open map, and says where it begins. */
  begin() {
    const { explorer } = this;
    const { open, packet } = explorer.scene;
    const state = explorer.walkState();
    const isBegun = state === "soon" && comesWithSteps(packet.layers, open.index);
    this.waiting = state === "soon" && !isBegun ? open : null;
    if (state !== "yes" && !isBegun) return;
    const isHere = (cell) => cell?.part === "result" && cell.index === open.index && cell.channel === open.channel;
    const pointed = [explorer.cell, explorer.cursor, explorer.left].find(isHere);
    const { isStrongest, ...place } = beginningOf(packet.layers[open.index], open.channel, pointed ?? null);
    explorer.walk.isAtStrongest = isStrongest;
    explorer.select(place);
  }

  /** New numbers are here; whoever went elsewhere meanwhile waits for nothing. */
  arrive() {
    const { waiting, explorer } = this;
    if (!waiting) return;
    const { open } = explorer.scene;
    const isStill = open?.index === waiting.index && open.channel === waiting.channel;
    if (isStill && explorer.selection.row === null) this.begin();
    else this.waiting = null;
  }
}
