// The magnifier beside a small map: the map large, and what its cell sees of the drawing.

import { clearCanvas } from "../shared/canvas.js";
import { element } from "../shared/dom.js";
import { copyMap, hasMap } from "../shared/atlas.js";
import { valueAt } from "../network/packet.js";
import { boxesOf } from "../network/reads.js";
import { valueText } from "../shared/format.js";

const SIDE = 140;
const SMALL_ENOUGH = 90;
const FRAME = 18; // padding and border, both sides
const LINE = 26; // the value below the pictures

/** Built once inside the lens. */
export function buildLens(lens) {
  const canvas = element("canvas", {});
  const value = element("output", {});
  lens.replaceChildren(canvas, value);
  return { canvas, value };
}

/**
 * Shows or hides the lens for `cell`.
 * @param {{lens: HTMLElement}} panel
 * @param {{canvas: HTMLCanvasElement, value: HTMLElement}} parts
 * @param {import("../network/paint.js").Scene} scene
 * @param {?import("./hit.js").Cell} cell
 * @param {import("../network/reads.js").Lit[]} lit
 */
export function showLens(panel, parts, scene, cell, lit) {
  const layer = cell && scene.packet.layers[cell.index];
  const tile = cell && scene.layout.tiles.get(`${cell.part}:${cell.index}:${cell.channel}`);
  const shown = Boolean(
    tile && layer.form === "maps" && tile.w < SMALL_ENOUGH && (cell.part === "map" || cell.part === "result")
  );
  panel.lens.classList.toggle("shown", shown);
  if (!shown) return;
  const width = paintLens(parts, scene, cell, lit);
  const value = valueAt(layer, cell.channel, cell.row, cell.col);
  parts.value.textContent = layer.output || !Number.isNaN(value) ? valueText(value) : "";
  placeLens(panel.lens, tile, scene.layout, width + FRAME, SIDE + FRAME + LINE);
}

function placeLens(lens, tile, layout, width, height) {
  const right = tile.x + tile.w + 14;
  const x = right + width <= layout.width ? right : Math.max(0, tile.x - 14 - width);
  const y = Math.max(0, Math.min(layout.height - height, tile.y + tile.h / 2 - height / 2));
  lens.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
}

/** @returns {number} the width of the pictures */
function paintLens({ canvas }, scene, cell, lit) {
  const drawing = lit.filter(({ index, box }) => index === 0 && box);
  const width = drawing.length > 0 && cell.index > 0 ? 2 * SIDE + 10 : SIDE;
  const context = clearCanvas(canvas, width, SIDE); // a frame at the edge of a picture reaches into the gap beside it
  if (width > SIDE) large(context, scene, 0, 0, 0, drawing.flatMap(boxesOf));
  large(context, scene, cell.index, cell.channel, width - SIDE, [{ row: cell.row, col: cell.col, rows: 1, cols: 1 }]);
  return width;
}

function large(context, scene, index, channel, x, boxes) {
  const atlas = scene.atlases.get(`map:${index}`);
  if (!atlas || !hasMap(atlas, channel)) return;
  copyMap(context, atlas, channel, { x, y: 0, w: SIDE, h: SIDE });
  const { rows, cols } = scene.packet.layers[index];
  const [w, h] = [SIDE / cols, SIDE / rows];
  for (const [colour, line] of [
    [scene.ink.halo, 3.5],
    [scene.ink.accent, 2],
  ]) {
    context.strokeStyle = colour;
    context.lineWidth = line;
    for (const box of boxes) context.strokeRect(x + box.col * w, box.row * h, box.cols * w, box.rows * h);
  }
}
