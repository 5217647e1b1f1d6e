// Pictures of the numbers: every map of a layer painted once, cell by cell, to be copied at any size.

import { lookupTable, tableIndex } from "../shared/colour.js";

/** @typedef {{canvas: HTMLCanvasElement, rows: number, cols: number}} Atlas maps side by side */

/**
 * The four scales as lookup tables.
 * @param {Record<string, string[]>} palette
 */
export function lookupTables(palette) {
  return Object.fromEntries(Object.entries(palette).map(([name, stops]) => [name, lookupTable(stops)]));
}

/**
 * The scale of a layer's maps: which table, and the range of `channel` under `scope`.
 * @param {import("./packet.js").Layer} layer
 * @param {string} scope "map", "layer" or "network"
 * @param {number} channel
 * @returns {{table: string, low: number, high: number}}
 */
export function scaleOf(layer, scope, channel) {
  if (layer.kind === "input") return { table: "inputs", low: layer.low ?? 0, high: layer.high ?? 1 };
  if (layer.kind === "softmax") return { table: "scores", low: 0, high: 1 };
  const maps = layer.ranges.map;
  const half = scope === "map" ? maps[Math.min(channel, maps.length - 1)] : layer.ranges[scope];
  return { table: "activations", low: -half, high: half };
}

/**
 * @param {Float32Array} values maps one after the other
 * @param {{count: number, rows: number, cols: number}} shape
 * @param {(channel: number) => {table: Uint32Array, low: number, high: number}} scale
 * @param {Atlas} [old] reused where the size is the same
 * @returns {Atlas}
 */
export function paintAtlas(values, { count, rows, cols }, scale, old) {
  const canvas = old?.canvas ?? document.createElement("canvas");
  if (canvas.width !== count * cols || canvas.height !== rows) Object.assign(canvas, { width: count * cols, height: rows });
  const context = canvas.getContext("2d");
  const image = context.createImageData(canvas.width, rows);
  const pixels = new Uint32Array(image.data.buffer);
  for (let channel = 0; channel < count; channel += 1) {
    const { table, low, high } = scale(channel);
    for (let row = 0; row < rows; row += 1) {
      const from = (channel * rows + row) * cols;
      const to = row * canvas.width + channel * cols;
      for (let col = 0; col < cols; col += 1) pixels[to + col] = table[tableIndex(values[from + col], low, high)];
    }
  }
  context.putImageData(image, 0, 0);
  return { canvas, rows, cols };
}

/**
 * Copies map `channel` of `atlas` into a rectangle; whole multiples stay crisp.
 * @param {CanvasRenderingContext2D} context
 * @param {Atlas} atlas
 * @param {number} channel
 * @param {import("./layout.js").Rect} rect
 */
export function copyMap(context, atlas, channel, rect) {
  const shrinks = rect.w < atlas.cols || rect.h < atlas.rows;
  context.imageSmoothingEnabled = shrinks;
  context.drawImage(atlas.canvas, channel * atlas.cols, 0, atlas.cols, atlas.rows, rect.x, rect.y, rect.w, rect.h);
}
