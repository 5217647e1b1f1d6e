// The whole network as columns: values or gradients, the active columns strong, the others faint.

import { fitNumbers } from "../shared/celltext.js";
import { cssColour, tableIndex, textOn } from "../shared/colour.js";
import { formatNumber, formatPercent } from "../shared/format.js";
import { copyMap, paintAtlas } from "../shared/atlas.js";
import { overview } from "../network/layout.js";
import { nameOfBar } from "../network/barnames.js";

const FAINT = 0.26;
const SLIM = 760; // below this width only the active columns are shown, one below the other

/**
 * What each column shows at a step: "output", "gradient" or (scores and shares, once the step is taken) "after"; and
 * whether the step is about it.
 * @param {import("./packet.js").Packet} packet
 * @param {import("./packet.js").Step} step
 * @returns {{shows: "output"|"gradient"|"after", isActive: boolean}[]}
 */
export function columnStates(packet, step) {
  const { scores, layers } = packet;
  const inputs = layers[step.layer]?.inputs ?? [];
  const active = {
    forward: () => true,
    loss: (i) => i >= scores,
    scores: (i) => i >= scores,
    back: (i) => i === step.layer || inputs.includes(i),
    update: (i) => Boolean(layers[i].kernels || layers[i].after),
  }[step.kind];
  const isKnown = {
    forward: () => false,
    loss: () => false,
    scores: (i) => i >= scores,
    back: (i) => readersOf(packet, i).every((reader) => reader >= step.layer),
    update: () => true,
  }[step.kind];
  const shows = (column, i) => {
    if (step.kind === "update" && column.after) return "after";
    return column.gradient && isKnown(i) ? "gradient" : "output";
  };
  return layers.map((column, i) => ({ shows: shows(column, i), isActive: active(i) }));
}

/** The columns that take the output of one; its gradient is known when all of them have handed theirs back. */
function readersOf({ layers }, index) {
  return layers.flatMap(({ inputs }, reader) => (inputs.includes(index) ? [reader] : []));
}

/** Table and range of a column's values or gradient. */
export function scaleFor(column, shows, tables) {
  if (shows === "gradient")
    return {
      table: tables.activations,
      low: -column.gradient_range,
      high: column.gradient_range,
    };
  const table = tables[column.colours];
  if (shows === "output" && column.bounds) return { table, low: column.bounds[0], high: column.bounds[1] };
  return { table, low: -(column.range ?? 0), high: column.range ?? 0 };
}

/**
 * Where all tiles stand; on a slim screen only those of the active columns.
 * @returns {import("../network/layout.js").Layout}
 */
export function networkLayout(packet, states, room) {
  if (room.width >= SLIM) return overview(packet.layers, room);
  const kept = packet.layers.map((column, index) => ({ column, index })).filter(({ index }) => states[index].isActive);
  const layout = overview(
    kept.map(({ column }) => column),
    room
  );
  for (const tile of layout.tiles.values()) tile.index = kept[tile.index].index;
  for (const block of layout.blocks) block.index = kept[block.index].index;
  return layout;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {{packet, layout, states, tables, ink, atlases: Map, chosen: number[], lit: ?Map<number, number>}} scene
 */
export function paintNetwork(context, scene) {
  const { layout, packet, states } = scene;
  context.clearRect(0, 0, layout.width, layout.height + 4);
  for (const tile of layout.tiles.values()) {
    const column = packet.layers[tile.index];
    context.globalAlpha = states[tile.index].isActive ? 1 : FAINT;
    if (column.form === "bars") paintShare(context, scene, tile);
    else paintColumnTile(context, scene, tile, column);
  }
  context.globalAlpha = 1;
}

function paintColumnTile(context, scene, tile, column) {
  const { shows, isActive } = scene.states[tile.index];
  copyMap(context, atlasOf(scene, tile.index, shows), tile.channel, tile);
  const framed = scene.lit?.get(tile.index) ?? (isActive ? scene.chosen[tile.index] : null);
  const isChosen = framed === tile.channel && column.count > 1;
  context.strokeStyle = isChosen ? scene.ink.accent : scene.ink.line;
  context.lineWidth = isChosen ? 2.5 : 1;
  context.strokeRect(tile.x - 0.5, tile.y - 0.5, tile.w + 1, tile.h + 1);
  if (column.form === "cells") writeScore(context, scene, tile, column, shows);
}

function atlasOf(scene, index, shows) {
  const key = `${shows}:${index}`;
  if (!scene.atlases.has(key)) {
    const column = scene.packet.layers[index];
    const scale = scaleFor(column, shows, scene.tables);
    scene.atlases.set(
      key,
      paintAtlas(column[shows].values, column, () => scale)
    );
  }
  return scene.atlases.get(key);
}

function writeScore(context, scene, tile, column, shows) {
  if (tile.h < 14 || tile.w < 16) return;
  const { values } = column[shows];
  const { table, low, high } = scaleFor(column, shows, scene.tables);
  context.fillStyle = textOn(table[tableIndex(values[tile.channel], low, high)] ?? 0);
  const fit = fitNumbers(values, { room: tile.w - 4, most: 11, digits: shows === "gradient" ? 2 : 1, write: roughly });
  context.font = fit.font;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(fit.texts[tile.channel], tile.x + tile.w / 2, tile.y + tile.h / 2 + 1);
}

/** What is not 0 never looks like it. */
function roughly(value, digits) {
  return value !== 0 && Math.abs(value) < 0.5 * 10 ** -digits ? "≈0" : formatNumber(value, digits);
}

function paintShare(context, scene, tile) {
  const { packet, ink, tables } = scene;
  const { shows } = scene.states[tile.index];
  const column = packet.layers[tile.index];
  const share = column[shows].values[tile.channel];
  const isTarget = tile.channel === packet.target;
  const { name, above, left } = nameOfBar(packet.classes, tile, isTarget ? 700 : 400, false);
  const [room, h] = [tile.x + tile.w - 66 - left, Math.min(tile.h, 20)];
  const y = tile.y + (tile.h - h) / 2;
  context.fillStyle = ink.ground;
  context.fillRect(left, y, room, h);
  context.fillStyle = cssColour(tables.scores[Math.round(90 + (share || 0) * 165)]);
  context.fillRect(left, y, Math.max(1, room * (share || 0)), h);
  if (shows === "after") markBefore(context, scene, { share: column.output.values[tile.channel], left, room, y, h });
  if (isTarget) {
    context.strokeStyle = ink.accent;
    context.lineWidth = 2;
    const top = above ? y - 20 : y - 2;
    context.strokeRect(tile.x, top, tile.w - 1, y + h + 2 - top);
  }
  context.fillStyle = ink.text;
  context.font = `${isTarget ? 700 : 400} 12px system-ui, sans-serif`;
  context.textBaseline = "middle";
  context.textAlign = "left";
  context.fillText(name, tile.x + 4, above ? y - 9 : y + h / 2 + 1);
  context.textAlign = "right";
  context.fillText(formatPercent(share), tile.x + tile.w - 5, y + h / 2 + 1);
}

/** Where the bar ended before the step. */
function markBefore(context, { ink }, { share, left, room, y, h }) {
  context.fillStyle = ink.text;
  context.fillRect(left + room * (share || 0) - 1, y - 2, 2, h + 4);
}

/** The cell under a point: column, map, row and column of it; null beside the tiles. */
export function networkCellAt(scene, x, y) {
  for (const tile of scene.layout.tiles.values()) {
    if (x < tile.x || y < tile.y || x >= tile.x + tile.w || y >= tile.y + tile.h) continue;
    const column = scene.packet.layers[tile.index];
    const row = Math.floor(((y - tile.y) / tile.h) * column.rows);
    const col = Math.floor(((x - tile.x) / tile.w) * column.cols);
    return { index: tile.index, channel: tile.channel, row, col };
  }
  return null;
}
