// The network on its canvases: where everything lies, and how it moves there from one view to the next.

import { fitCanvas } from "../shared/canvas.js";
import { between, focus } from "../network/focus.js";
import { planKey, wholeLayout } from "../network/graphlayout.js";
import { writeLegends } from "../network/legends.js";
import { paintScene } from "../network/paint.js";
import { writeLabels } from "./heads.js";
import { writeNotes } from "./panel.js";
import { printZoom } from "./sizes.js";

const MOVE_MS = 480;
const ABOVE = 262; // pixels of the page above the network

export class Stage {
  /**
   * @param {object} panel
   * @param {import("../network/paint.js").Scene} scene
   * @param {{onStill: () => void, aroundLabels: (write: () => void) => void}} answers `onStill`: the network has
   *   come to rest; `aroundLabels` writes them, and keeps what they had
   */
  constructor(panel, scene, { onStill, aroundLabels }) {
    Object.assign(this, { panel, scene, onStill, aroundLabels });
    this.frame = 0;
    panel.stage.addEventListener("scroll", () => this.markEnds(), { passive: true });
    /** @type {number | undefined} the width below which layers stand one below the other, where it is not the usual */
    this.narrow = undefined;
    this.least = 0; // pixels that columns side by side take at least: a narrower place is scrolled
  }

  /**
   * Lays the present view out and paints it.
   * @param {boolean} moves whether the network travels there
   * @param {number} below pixels of what stands below it and must be seen with it
   * @returns {boolean} false where there is nothing to show, or no room
   */
  layOut(moves, below) {
    const { scene, panel } = this;
    const { clientWidth } = panel.root;
    if (!scene.packet || clientWidth === 0) return false;
    const width = clientWidth < this.narrow ? clientWidth : Math.max(clientWidth, this.least);
    const room = { width, height: window.innerHeight - ABOVE - below, narrow: this.narrow };
    const target = this.placed(room);
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    cancelAnimationFrame(this.frame);
    this.width = clientWidth;
    if (!moves || !scene.layout || still) this.show(target);
    else this.depart(scene.layout, target);
    return true;
  }

  /** The layout of the present view; the same object as long as nothing that it depends on changes. */
  placed(room) {
    const { layers, plan, detail } = this.scene.packet;
    const { open } = this.scene;
    const isOpen = detail && layers[open?.index]?.path === detail.layer && open.channel === detail.channel;
    const terms = isOpen ? this.scene.packet.terms : null;
    const names = layers.map((layer) => [layer.path, layer.count, layer.range_group]);
    const key = JSON.stringify([room, open, names, planKey(plan), terms]);
    if (this.place?.key !== key) {
      const layout = open
        ? focus(layers, room, open.index, open.channel, plan, terms)
        : wholeLayout(layers, plan, room);
      this.place = { key, layout };
    }
    return this.place.layout;
  }

  /** The network sets out for another view. */
  depart(from, to) {
    this.write(to);
    this.travel(from, to, performance.now());
  }

  travel(from, to, start) {
    const share = Math.min(1, (performance.now() - start) / MOVE_MS);
    if (share === 1) {
      this.show(to);
      this.onStill();
      return;
    }
    this.paint(between(from, to, share < 0.5 ? 2 * share * share : 1 - (2 - 2 * share) ** 2 / 2), true);
    this.frame = requestAnimationFrame(() => {
      // every second frame: an answer comes meanwhile
      this.frame = requestAnimationFrame(() => this.travel(from, to, start));
    });
  }

  /** Paints a layout, with all that is written around it. */
  show(layout) {
    this.write(layout);
    this.paint(layout, false);
    this.panel.root.style.setProperty("--print-zoom", printZoom(layout));
  }

  /** The canvases alone: this much is done for every frame while the network moves. */
  paint(layout, moving) {
    const { panel, scene } = this;
    scene.layout = layout;
    const base = fitCanvas(panel.base, layout.width, layout.height);
    if (!moving || panel.root.dataset.moving !== "true") this.fitAround(layout);
    paintScene(base, scene);
    if (panel.root.dataset.moving !== String(moving)) panel.root.dataset.moving = String(moving);
  }

  /** What is as large as the canvas: while the network moves its height stays the same. */
  fitAround({ width, height }) {
    const { panel } = this;
    fitCanvas(panel.over, width, height);
    panel.stage.style.height = `${height}px`;
  }

  /** Names, legends and notes, where they will stand; the style sheet hides them until the network has come there. */
  write(layout) {
    const { panel, scene } = this;
    scene.layout = layout;
    const { layers } = scene.packet.texts;
    const { plan } = scene.packet; // with the words of folded blocks
    const { labelled } = this;
    const isOther = labelled?.layout !== layout || labelled.layers !== layers || labelled.plan !== plan;
    if (isOther) this.aroundLabels(() => writeLabels(panel, scene));
    this.labelled = { layout, layers, plan };
    panel.stage.dataset.wide = String(layout.width > this.width + 1);
    this.markEnds();
    writeLegends(panel, scene);
    writeNotes(panel, scene);
  }

  /** Of a network that is wider than its place: at which ends there is more of it; they fade out there. */
  markEnds() {
    const { stage } = this.panel;
    if (stage.dataset.wide !== "true") return;
    const { scrollLeft } = stage;
    const isMore = { left: scrollLeft > 1, right: scrollLeft < this.scene.layout.width - this.width - 1 };
    stage.dataset.more = ["left", "right"].filter((end) => isMore[end]).join(" ");
  }

  close() {
    cancelAnimationFrame(this.frame);
  }
}
