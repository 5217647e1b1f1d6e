// The open map before and after the edits, and the difference, side by side on one colour scale.

import { paintAtlas } from "../shared/atlas.js";
import { showLegends } from "../network/legends.js";
import { fitEnds } from "../shared/celltext.js";
import { element } from "../shared/dom.js";

const SIDES = ["before", "after", "difference"];

export class ThreeMaps {
  constructor() {
    this.figures = SIDES.map((side) => {
      const canvas = element("canvas", { role: "img" });
      const caption = element("figcaption", {});
      return {
        side,
        canvas,
        caption,
        atlas: { canvas },
        node: element("figure", { "data-side": side }, [canvas, caption]),
      };
    });
    this.scale = element("div", { class: "surgery-scale" });
    this.root = element("div", { class: "surgery-maps" }, [...this.figures.map(({ node }) => node), this.scale]);
  }

  /** @param {import("../network/paint.js").Scene} scene @param {Record<string, string>} texts */
  show(scene, texts) {
    const { packet, open, tables } = scene;
    const { fields } = packet;
    this.root.hidden = !(open && fields.map_after);
    if (this.root.hidden) return;
    if (texts !== this.texts) this.name(texts);
    const { ranges } = packet.layers[open.index];
    const half = scene.scope === "map" ? ranges.map[open.channel] : ranges[scene.scope];
    const scale = { table: tables.activations, low: -half, high: half };
    for (const figure of this.figures) {
      const field = fields[`map_${figure.side}`];
      const [rows, cols] = field.shape;
      figure.atlas = paintAtlas(field.values, { count: 1, rows, cols }, () => scale, figure.atlas);
    }
    showLegends(this.scale, [
      { table: scale.table, ends: fitEnds(-half, half, { room: this.scale.clientWidth || 120 }), css: "" },
    ]);
  }

  name(texts) {
    this.texts = texts;
    this.scale.title = texts.one_scale;
    for (const { side, canvas, caption } of this.figures) {
      caption.textContent = texts[`map_${side}`];
      canvas.setAttribute("aria-label", texts[`map_${side}`]);
    }
  }
}
