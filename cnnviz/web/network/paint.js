// Paints a finished layout: maps, kernels, links, bars, and what lights up. Decides nothing.

import { fitNumbers } from "../shared/celltext.js";
import { cssColour, tableIndex, textOn } from "../shared/colour.js";
import { formatPercent } from "../shared/format.js";
import { copyMap, hasMap, scaleOf } from "../shared/atlas.js";
import { nameOfBar } from "./barnames.js";
import { paintEdges } from "./edges.js";
import { tileKey } from "./layout.js";
import { boxesOf, sourceChannels, sourceOf } from "./reads.js";

/**
 * @typedef {{packet: import("./packet.js").Packet, layout: import("./layout.js").Layout, scope: string,
 *   atlases: Map<string, import("../shared/atlas.js").Atlas>, tables: Record<string, Uint32Array>,
 *   ink: {text: string, faint: string, accent: string, ground: string}, open: ?{index: number, channel: number}}} Scene
 */

/**
 * Everything but the highlights.
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 */
export function paintScene(context, scene) {
  context.clearRect(0, 0, scene.layout.width, scene.layout.height + 2);
  if (scene.layout.edges) paintEdges(context, scene);
  else if (!scene.open && !scene.layout.narrow) copyLinks(context, scene);
  if (scene.open) paintFlow(context, scene);
  for (const tile of scene.layout.tiles.values()) paintTile(context, scene, tile);
  for (const sign of scene.layout.signs) paintSign(context, scene, sign);
  const own = scene.open && scene.layout.tiles.get(tileKey("map", scene.open.index, scene.open.channel));
  if (own && scene.packet.layers[scene.open.index].form !== "bars") outline(context, own, scene.ink.accent, 2.5);
  context.globalAlpha = 1;
}

function paintTile(context, scene, tile) {
  const layer = scene.packet.layers[tile.index];
  context.globalAlpha = tile.alpha;
  if (layer.form === "bars") return paintBar(context, scene, tile, layer);
  const atlas = scene.atlases.get(tile.part === "map" || tile.part === "result" ? `map:${tile.index}` : tile.part);
  if (atlas && hasMap(atlas, tile.channel)) copyMap(context, atlas, tile.channel, tile);
  else {
    context.fillStyle = scene.ink.ground;
    context.fillRect(tile.x, tile.y, tile.w, tile.h);
  }
  outline(context, tile, scene.ink.faint, tile.part === "result" ? 1.5 : 1);
  if (layer.form === "cells" && tile.part !== "kernel" && tile.part !== "sum") paintScore(context, scene, tile, layer);
  return undefined;
}

function outline(context, rect, colour, width) {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.strokeRect(rect.x - 0.5, rect.y - 0.5, rect.w + 1, rect.h + 1);
}

function paintScore(context, scene, tile, layer) {
  const large = tile.part === "result";
  if (tile.h < 16 || tile.w < 16) return;
  const value = layer.output.values[tile.channel];
  const { table, low, high } = scaleOf(layer, scene.scope, tile.channel);
  const { font, text } = large ? largeScore(value, tile.w) : smallScore(layer, tile);
  context.fillStyle = textOn(scene.tables[table][tableIndex(value, low, high)]);
  context.font = font;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(text, tile.x + tile.w / 2, tile.y + tile.h / 2 + 1);
}

function largeScore(value, width) {
  const { font, texts } = fitNumbers([value], { room: width - 6, most: 15, digits: 3 });
  return { font, text: texts[0] };
}

const fittedScores = new WeakMap(); // the scores of a layer are written alike, and fitted once

function smallScore(layer, { channel, w }) {
  const { values } = layer.output;
  let fit = fittedScores.get(values);
  if (fit?.width !== w) {
    fit = { width: w, ...fitNumbers(values, { room: w - 4, most: Math.min(11, w * 0.36), digits: 1 }) };
    fittedScores.set(values, fit);
  }
  return { font: fit.font, text: fit.texts[channel] };
}

const PERCENTAGE = 58; // pixels, beside a bar

function paintBar(context, scene, tile, layer) {
  if (tile.w < 60) return;
  const share = layer.output.values[tile.channel];
  const top = Math.max(...layer.output.values);
  const bold = share === top ? 700 : 400;
  const { name, above, left } = nameOfBar(scene.packet.classes, tile, bold, scene.packet.plan !== null);
  const room = tile.x + tile.w - PERCENTAGE - left;
  const h = Math.min(tile.h, 22);
  const y = tile.y + (tile.h - h) / 2;
  const middle = y + h / 2 + 1;
  context.fillStyle = scene.ink.ground;
  context.fillRect(left, y, room, h);
  context.fillStyle = cssColour(scene.tables.scores[Math.round(90 + share * 165)]);
  context.fillRect(left, y, Math.max(1, room * share), h);
  context.fillStyle = scene.ink.text;
  const before = scene.packet.fields.scores_before?.values[tile.channel]; // of a network that is edited now
  if (before !== undefined) context.fillRect(left + room * before - 1, y - 2, 2, h + 4);
  context.font = `${bold} 13px system-ui, sans-serif`;
  context.textBaseline = "middle";
  context.textAlign = "left";
  context.fillText(name, tile.x + 3, above ? y - 9 : middle);
  context.textAlign = "right";
  context.font = `${bold} 11px system-ui, sans-serif`;
  context.fillText(formatPercent(share), tile.x + tile.w, middle);
}

function paintSign(context, scene, sign) {
  context.globalAlpha = 1;
  context.strokeStyle = scene.ink.text;
  context.lineWidth = 1.5;
  context.beginPath();
  context.arc(sign.x + sign.w / 2, sign.y + sign.h / 2, sign.w / 2, 0, 2 * Math.PI);
  context.stroke();
  context.fillStyle = scene.ink.text;
  context.font = `600 17px system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(sign.text, sign.x + sign.w / 2, sign.y + sign.h / 2 + 1);
}

/** From every share (or the one source) through the sign to the result. */
function paintFlow(context, scene) {
  const [sign] = scene.layout.signs;
  if (!sign || scene.layout.narrow) return;
  const tiles = [...scene.layout.tiles.values()];
  const last = Math.max(...tiles.filter((tile) => tile.part === "sum").map((tile) => tile.x));
  // the other groups' lines would run behind tiles
  const shares = tiles.filter((tile) => tile.part === "sum" && tile.x > last - 1);
  const results = tiles.filter((tile) => tile.part === "result");
  context.strokeStyle = scene.ink.text;
  context.globalAlpha = shares.length > 4 ? 0.16 : 0.4;
  context.beginPath();
  for (const tile of shares) curve(context, tile, sign);
  for (const tile of results) curve(context, sign, tile);
  context.stroke();
}

/** The links are drawn once a layout: hundreds of curves cost more than all maps together. */
function copyLinks(context, scene) {
  const { layout, ink } = scene;
  const ratio = context.getTransform().a;
  const key = `${layout.width} ${layout.height} ${ratio} ${ink.text}`;
  if (scene.links?.layout !== layout || scene.links.key !== key) {
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width: Math.round(layout.width * ratio), height: Math.round(layout.height * ratio) });
    const own = canvas.getContext("2d");
    own.scale(ratio, ratio);
    paintLinks(own, scene);
    scene.links = { layout, key, canvas };
  }
  context.globalAlpha = 1;
  context.drawImage(scene.links.canvas, 0, 0, layout.width, layout.height);
}

/** Faint lines from every map to the maps that read it. */
function paintLinks(context, scene) {
  const { layers } = scene.packet;
  context.strokeStyle = scene.ink.text;
  context.lineWidth = 1;
  for (let index = 1; index < layers.length; index += 1) {
    const many = layers[index].count * layers[layers[index].follows].count;
    context.globalAlpha = many > 200 ? 0.035 : many > 20 ? 0.09 : 0.2;
    context.beginPath();
    for (let channel = 0; channel < layers[index].count; channel += 1) traceLinks(context, scene, index, channel);
    context.stroke();
  }
}

/** @param {number} index @param {number} channel the reader */
function traceLinks(context, scene, index, channel) {
  const { layers } = scene.packet;
  const to = scene.layout.tiles.get(tileKey("map", index, channel));
  const direct = layers[index].follows;
  const channels = sourceOf(layers, index) === direct ? sourceChannels(layers, index, channel) : [0];
  for (const c of channels) {
    const from = scene.layout.tiles.get(tileKey("map", direct, c));
    if (from && to) curve(context, from, to);
  }
}

function curve(context, from, to) {
  const [x0, y0, x1, y1] = [from.x + from.w, from.y + from.h / 2, to.x, to.y + to.h / 2];
  const bend = (x1 - x0) / 2;
  context.moveTo(x0, y0);
  context.bezierCurveTo(x0 + bend, y0, x1 - bend, y1, x1, y1);
}

/**
 * The highlights: the cell itself, and every box that it reads.
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 * @param {?{index: number, channel: number, row: number, col: number, part: string}} cell
 * @param {import("./reads.js").Lit[]} lit
 */
export function paintLit(context, scene, cell, lit) {
  context.clearRect(0, 0, scene.layout.width, scene.layout.height + 2);
  if (!cell) return;
  const { tiles } = scene.layout;
  for (const each of lit) {
    const isBetween = each.index > 0 && !scene.packet.layers[cell.index].sources.includes(each.index);
    const boxes = boxesOf(each);
    for (const c of each.channels) {
      const tile = tiles.get(tileKey("map", each.index, c));
      for (const box of boxes) lightBox(context, scene, tile, each.index, box, isBetween ? 1.2 : 1.8);
    }
  }
  for (const part of ["map", "result", "sum"]) {
    const own = tiles.get(tileKey(part, cell.index, cell.channel));
    if (own && part !== "sum") lightCell(context, scene, own, cell);
  }
  if (scene.open?.index === cell.index) lightShares(context, scene, cell);
  if (!scene.open && !scene.layout.narrow) lightLinks(context, scene, cell, lit);
}

function lightBox(context, scene, tile, index, box, width = 1.8) {
  if (!tile || tile.alpha < 0.1 || !box || box.rows === 0 || box.cols === 0) return;
  const layer = scene.packet.layers[index];
  const [w, h] = [tile.w / layer.cols, tile.h / layer.rows];
  const rect = { x: tile.x + box.col * w, y: tile.y + box.row * h, w: box.cols * w, h: box.rows * h };
  outline(context, rect, scene.ink.halo, width + 1.7);
  outline(context, rect, scene.ink.accent, width);
}

function lightCell(context, scene, tile, cell) {
  const layer = scene.packet.layers[tile.index];
  outline(context, tile, scene.ink.accent, 1.5);
  if (layer.rows * layer.cols > 1)
    lightBox(context, scene, tile, tile.index, {
      row: cell.row,
      col: cell.col,
      rows: 1,
      cols: 1,
    });
}

/** The same cell in every channel's share, when a sum is open. */
function lightShares(context, scene, cell) {
  for (const tile of scene.layout.tiles.values()) {
    if (tile.part === "sum" && scene.packet.layers[tile.index].form === "maps") {
      lightBox(context, scene, tile, cell.index, { row: cell.row, col: cell.col, rows: 1, cols: 1 });
    }
  }
}

function lightLinks(context, scene, cell, lit) {
  const to = scene.layout.tiles.get(tileKey("map", cell.index, cell.channel));
  context.strokeStyle = scene.ink.accent;
  context.globalAlpha = 0.75;
  context.lineWidth = 1.2;
  context.beginPath();
  const { follows } = scene.packet.layers[cell.index];
  for (const { channels } of lit.filter(({ index }) => index === follows)) {
    for (const c of channels) {
      const from = scene.layout.tiles.get(tileKey("map", follows, c));
      if (from && to) curve(context, from, to);
    }
  }
  context.stroke();
  context.globalAlpha = 1;
}
