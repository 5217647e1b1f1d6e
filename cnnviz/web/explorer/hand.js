// What the hand does with the explorer: the pointer over the network, keys, breadcrumb, labels, colour scopes.

import { isTakenAway } from "../shared/steady.js";
import { cellAt } from "./hit.js";
import { meansBack, steer } from "./steering.js";

/** Listens until the explorer is closed. @param {object} explorer */
export function listen(explorer) {
  const {
    panel,
    end: { signal },
  } = explorer;
  panel.over.addEventListener("pointermove", (event) => hover(explorer, event));
  panel.over.addEventListener("pointerleave", () => unlight(explorer, "cell"));
  panel.over.addEventListener("blur", (event) => isLeft(explorer, event) && unlight(explorer, "cursor"));
  panel.over.addEventListener("focus", () => resume(explorer));
  panel.over.addEventListener("click", (event) => explorer.click(cellUnder(explorer, event)));
  panel.over.addEventListener("keydown", (event) => steer(explorer, event));
  document.addEventListener("keydown", (event) => pageKey(explorer, event), { signal });
  window.addEventListener("resize", () => explorer.relayout(false), { signal });
  panel.crumbs.addEventListener("click", (event) => followCrumb(explorer, event.target.closest("button")));
  panel.labels.addEventListener("click", (event) => openLabel(explorer, event.target.closest("button")));
  panel.scopes.addEventListener("click", (event) => rescale(explorer, event.target.dataset.scope));
  panel.steps.addEventListener("click", () => explorer.beginning.begin());
}

/** Keys that nothing on the page takes: Escape goes back, and the walk goes on. */
function pageKey(explorer, event) {
  if (meansBack(event)) explorer.back();
  else if (!explorer.walk.root.hidden && event.target === document.body) explorer.walk.key(event);
}

function cellUnder({ scene }, event) {
  return scene.layout && cellAt(scene.layout, scene.packet.layers, event.offsetX, event.offsetY);
}

function hover(explorer, event) {
  explorer.cell = cellUnder(explorer, event);
  explorer.panel.over.dataset.cursor = cursorName(explorer);
  explorer.light(explorer.cell ?? explorer.held());
}

/** The mouse cursor says what a click would do. */
function cursorName({ cell, scene }) {
  if (!cell) return scene.open ? "back" : "";
  if (cell.part === "map" && cell.index !== scene.open?.index) return "open";
  return "read";
}

/** The keys are back: they go on from where they were, in the view that they left. */
function resume(explorer) {
  const { cursor, left, panel, scene } = explorer;
  if (cursor || !left || !panel.over.matches(":focus-visible")) return;
  const { open } = scene;
  const isHere = open ? left.index === open.index && left.channel === open.channel : left.part === "map";
  if (!isHere) return;
  explorer.cursor = left;
  explorer.light(left);
}

/** Whether the keys have left, and no run has hidden the network for some frames. */
function isLeft({ panel }, event) {
  return panel.root.checkVisibility() && !isTakenAway(event);
}

/** The pointer ("cell") or the keys ("cursor") have left. */
function unlight(explorer, which) {
  if (which === "cursor") explorer.left = explorer.cursor; // who tabs to a button still means this cell
  explorer[which] = null;
  explorer.light(explorer.cell ?? explorer.held());
}

function followCrumb(explorer, button) {
  if (!button) return;
  if (button.dataset.depth === "0") explorer.select({ layer: null, channel: 0, row: null, col: null });
  else explorer.select({ row: null, col: null });
}

function openLabel(explorer, button) {
  if (!button) return;
  if (button.dataset.block) {
    explorer.fold(button.dataset.block);
    return;
  }
  const { path } = explorer.scene.packet.layers[Number(button.dataset.index)];
  if (path === explorer.selection.layer) explorer.back();
  else explorer.select({ layer: path, channel: 0, row: null, col: null });
}

function rescale(explorer, scope) {
  if (!scope) return;
  explorer.scene.scope = scope;
  explorer.select({});
}
