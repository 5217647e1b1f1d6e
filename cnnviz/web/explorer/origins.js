// Where one came from into a level, so that the way back up gives the focus back. Knows elements, not what they show.

import { depthOf } from "./levels.js";

const HEADER = 60; // pixels of Streamlit's header, which covers what is under it
const MOST_ABOVE = 0.6; // of the screen may lie above the line that says where one is

export class Origins {
  /** @param {object} explorer */
  constructor(explorer) {
    this.explorer = explorer;
    /** @type {string[]} what had the focus in each level when one went deeper: "label", "steps" or "" */
    this.came = [];
  }

  /**
   * Before the view changes, and with it perhaps what has the focus.
   * @param {object} from the selection that is left
   * @param {object} to the selection that comes
   */
  leave(from, to) {
    const { explorer } = this;
    const focused = explorer.panel.root.getRootNode().activeElement;
    const [before, after] = [depthOf(from), depthOf(to)];
    this.from = from;
    this.by = after - before;
    this.hadFocus = explorer.hasFocus() || document.activeElement === document.body;
    const name = focused === explorer.panel.steps ? "steps" : focused?.matches(".label") ? "label" : "";
    if (after > before) this.came[before] = name;
  }

  /** After the view has changed. */
  arrive() {
    if (this.by !== 0) this.bringInSight();
    if (!this.hadFocus || this.by === 0) return;
    const { explorer, from } = this;
    if (this.by > 0) return this.enter(depthOf(from));
    const depth = depthOf(explorer.selection);
    const element = this.button(this.came[depth], from);
    (element ?? explorer.panel.over).focus({ preventScroll: true });
    const { over } = explorer.panel;
    const isByKeys = over.matches(":focus-visible") || !over.checkVisibility(); // hidden by a run: focused later
    if (!element && isByKeys) this.pointAt(depth, from);
    return undefined;
  }

  /**
   * On a small screen one stood somewhere in the middle: where one is now is said in the line above the network, and
   * a walk is seen as far down as that leaves room.
   */
  bringInSight() {
    const { panel, walk } = this.explorer;
    if (!walk.root.hidden) walk.root.scrollIntoView({ block: "nearest" });
    const { top } = panel.bar.getBoundingClientRect();
    if (top < HEADER || top > window.innerHeight * MOST_ABOVE) panel.bar.scrollIntoView({ block: "start" });
    if (this.explorer.panel.root.dataset.moving !== "true") this.settle();
  }

  /** Back in the network, at rest: the layer that one was in. */
  settle() {
    const { selection } = this.explorer;
    if (!(this.by < 0) || selection.layer !== null) return;
    this.by = 0;
    this.button("label", this.from)?.scrollIntoView({ block: "nearest" });
  }

  /** After a name was pressed the keys go on in the network; the walk takes the focus by itself. */
  enter(before) {
    const { panel, walk } = this.explorer;
    if (walk.root.hidden && this.came[before] === "label") panel.over.focus({ preventScroll: true });
  }

  /** The names are made anew while the network moves: the one that has the focus keeps it, folded or open. */
  keepLabel(write) {
    const { panel } = this.explorer;
    const focused = panel.root.getRootNode().activeElement;
    const { index, block } = focused?.matches(".label, .bracket") ? focused.dataset : {};
    write();
    const name = block === undefined ? `[data-index="${index}"]` : `[data-block="${CSS.escape(block)}"]`;
    if (index !== undefined || block !== undefined) panel.labels.querySelector(name)?.focus({ preventScroll: true });
  }

  button(name, { layer }) {
    const { panel, scene } = this.explorer;
    const index = scene.packet.layers.findIndex(({ path }) => path === layer);
    return { steps: panel.steps, label: panel.labels.querySelector(`[data-index="${index}"]`) }[name] ?? null;
  }

  /** The keys go on from the map, or the cell, that one was in. */
  pointAt(depth, { layer, channel, row, col }) {
    const { explorer } = this;
    const { layers } = explorer.scene.packet;
    const index = layers.findIndex(({ path }) => path === layer);
    if (index < 0) return;
    const middle = { row: layers[index].rows >> 1, col: layers[index].cols >> 1, part: "map" };
    explorer.cursor = { index, channel, ...(depth === 0 ? middle : { row, col, part: "result" }) };
    explorer.light(explorer.cursor);
  }
}
