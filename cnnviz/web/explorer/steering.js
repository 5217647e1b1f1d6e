// The explorer by keyboard: from map to map, from cell to cell, in and out.

import { blockAround, nextCell, nextInGraph, nextMap } from "./hit.js";
import { isPlainKey } from "../shared/plainkey.js";

const FOLDING = new Map([
  ["+", true],
  ["=", true], // where + is with Shift
  ["-", false],
]);

/** A key on the canvas. @param {object} explorer @param {KeyboardEvent} event */
export function steer(explorer, event) {
  if (!isPlainKey(event)) return undefined;
  const { scene } = explorer;
  if (event.key === "Escape") explorer.cursor = null; // and the page's own listener goes back
  if (event.key === "Enter" || event.key === " ") return enter(explorer, event);
  if (scene.open && (event.key === "PageUp" || event.key === "PageDown")) return turn(explorer, event);
  const { layers } = scene.packet;
  if (!scene.open && FOLDING.has(event.key) && scene.packet.plan) return turnBlock(explorer, event);
  const moved = scene.open ? moveCell(explorer, event.key) : moveMap(explorer, event.key);
  if (!moved) return undefined;
  event.preventDefault();
  explorer.cell = null;
  const { open } = scene;
  const inside = open && { ...open, ...moved, part: "result" };
  const middle = !open && {
    ...moved,
    row: layers[moved.index].rows >> 1,
    col: layers[moved.index].cols >> 1,
    part: "map",
  };
  explorer.cursor = inside || middle;
  if (inside && explorer.selection.row !== null) explorer.select(moved);
  explorer.light(explorer.cursor);
  return undefined;
}

/** "+" opens the folded block where the keys are, "−" folds the one around it; the keys stay with what it shows. */
function turnBlock(explorer, event) {
  const { plan } = explorer.scene.packet;
  const path = blockAround(plan, explorer.cursor?.index ?? 0, FOLDING.get(event.key));
  if (!path) return;
  event.preventDefault();
  explorer.fold(path);
}

function moveMap({ cursor, scene }, key) {
  const { layers, plan } = scene.packet;
  const at = cursor ?? { index: 0, channel: 0 };
  return plan ? nextInGraph(plan, scene.layout.blocks, at, key) : nextMap(layers, at, key);
}

function moveCell({ scene, selection, cursor }, key) {
  const layer = scene.packet.layers[scene.open.index];
  const at = selection.row !== null ? selection : (cursor ?? { row: 0, col: 0 });
  return nextCell(layer, { row: at.row ?? 0, col: at.col ?? 0 }, key);
}

function enter(explorer, event) {
  event.preventDefault();
  const { open } = explorer.scene;
  if (open && !explorer.cursor && !explorer.held()) return explorer.beginning.begin();
  const at = explorer.cursor ?? explorer.held() ?? { index: 0, channel: 0, row: 0, col: 0, part: "map" };
  explorer.click({ ...at });
  explorer.cursor = explorer.scene.open ? { ...explorer.scene.open, row: at.row, col: at.col, part: "result" } : at;
  return explorer.light(explorer.cursor);
}

/** To the next or the last map of the open layer. */
function turn(explorer, event) {
  event.preventDefault();
  const { open, packet } = explorer.scene;
  const { count } = packet.layers[open.index];
  explorer.select({ channel: (open.channel + (event.key === "PageDown" ? 1 : count - 1)) % count });
}

/**
 * Whether Escape on the page means "one level back" here: not in a dialog, on the pad, or in a field; a weight's takes
 * it itself while one types.
 */
export function meansBack(event) {
  const meant = event
    .composedPath()
    .some(
      (node) =>
        node instanceof Element && node.matches("[role=dialog], input[type=text]:not([data-at]), textarea, .pad")
    );
  return event.key === "Escape" && !event.defaultPrevented && !meant;
}
