// The open map before and after the edits, and the difference, side by side on one colour scale.

import { paintAtlas } from "../explorer/atlas.js";
import { element, fill } from "../shared/dom.js";
import { formatNumber } from "../shared/format.js";

const SIDES = ["before", "after", "difference"];

export class ThreeMaps {
  constructor() {
    this.figures = SIDES.map((side) => {
      const canvas = element("canvas", { role: "img" });
      const caption = element("figcaption", {});
      return { side, canvas, caption, node: element("figure", { "data-side": side }, [canvas, caption]) };
    });
    this.range = element("p", { class: "surgery-hint" });
    this.root = element("div", { class: "surgery-maps" }, [...this.figures.map(({ node }) => node), this.range]);
  }

  /** @param {import("../explorer/paint.js").Scene} scene @param {Record<string, string>} texts */
  show(scene, texts) {
    const { packet, open, tables } = scene;
    const { fields } = packet;
    this.root.hidden = !(open && fields.map_after);
    if (this.root.hidden) return;
    const { ranges } = packet.layers[open.index];
    const half = scene.scope === "map" ? ranges.map[open.channel] : ranges[scene.scope];
    for (const { side, canvas, caption } of this.figures) {
      const field = fields[`map_${side}`];
      const [rows, cols] = field.shape;
      paintAtlas(field.values, { count: 1, rows, cols }, () => ({ table: tables.activations, low: -half, high: half }), { canvas });
      caption.textContent = texts[`map_${side}`];
      canvas.setAttribute("aria-label", texts[`map_${side}`]);
    }
    this.range.textContent = fill(texts.range, { value: formatNumber(half, 2) });
  }
}
