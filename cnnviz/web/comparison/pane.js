// One side of the comparison: the whole network of a packet, painted and labelled as in the explorer.

import { putText, element } from "../shared/dom.js";
import { Stage } from "../explorer/stage.js";
import { cellAt, onTiles } from "../explorer/hit.js";
import { leastWidth } from "../network/layout.js";
import { litBy } from "../network/reads.js";
import { paintLit } from "../network/paint.js";
import { refreshPictures } from "../network/scene.js";

const LEAST_PANE = 440; // pixels: narrower than this the layers stand one below the other
const BELOW = 300; // pixels of the screen for what stands under both sides

export class Pane {
  /**
   * @param {"one"|"other"} side
   * @param {{onHover: (cell: ?object) => void, onClick: (cell: ?object) => void, onLabel: (label: HTMLElement) => void,
   *   onKey: (event: KeyboardEvent) => void, onScroll: (left: number) => void}} answers
   */
  constructor(side, answers) {
    this.side = side;
    this.title = element("h2", {});
    this.answer = element("p", { class: "side-answer", "aria-live": "polite" });
    const parts = {
      base: element("canvas", { class: "base", "aria-hidden": "true" }),
      over: element("canvas", { class: "over", tabindex: "0", role: "application" }),
      labels: element("div", { class: "labels" }),
      notes: element("div", { class: "labels notes" }),
      legends: element("div", { class: "legends", "aria-hidden": "true" }),
    };
    const stage = element("div", { class: "stage" }, Object.values(parts));
    const root = element("section", { class: "side", "data-side": side }, [this.title, this.answer, stage]);
    this.panel = { ...parts, stage, root };
    this.scene = { packet: null, layout: null, scope: "layer", atlases: new Map(), tables: {}, ink: {}, open: null };
    this.stage = new Stage(this.panel, this.scene, { onStill: () => {}, aroundLabels: (write) => write() });
    const { over, labels } = this.panel;
    over.addEventListener("pointermove", (event) => answers.onHover(this.cellUnder(event)));
    over.addEventListener("pointerleave", () => answers.onHover(null));
    over.addEventListener("click", (event) => answers.onClick(this.cellUnder(event)));
    over.addEventListener("keydown", (event) => answers.onKey(event));
    labels.addEventListener("click", (event) => answers.onLabel(event.target.closest("button")));
    stage.addEventListener("scroll", () => answers.onScroll(stage.scrollLeft));
  }

  /** @param {import("../network/packet.js").Packet} packet @param {string} title @param {HTMLElement} root */
  adopt(packet, title, root) {
    this.scene.packet = packet;
    this.packet = packet;
    putText(this.title, title);
    putText(this.answer, packet.verdict.headline);
    this.colour(root);
  }

  colour(root) {
    refreshPictures(this.scene, root);
  }

  layOut() {
    const { layers, plan } = this.packet;
    this.stage.narrow = LEAST_PANE;
    this.stage.least = plan ? 0 : leastWidth(layers);
    return this.stage.layOut(false, BELOW);
  }

  cellUnder(event) {
    return this.scene.layout && cellAt(this.scene.layout, this.packet.layers, event.offsetX, event.offsetY);
  }

  /** Lights a cell and what it reads; null: nothing. @param {?object} cell */
  light(cell) {
    const { scene, panel } = this;
    if (!scene.layout) return;
    const lit = cell ? onTiles(litBy(scene.packet.layers, cell), scene.layout) : [];
    paintLit(panel.over.getContext("2d"), scene, cell, lit);
    panel.over.dataset.lit = cell ? [cell.index, cell.channel, cell.row, cell.col].join(".") : "";
  }

  close() {
    this.stage.close();
  }
}
