// Pictures of the numbers: every map of a layer painted once, cell by cell, to be copied at any size.

import { lookupTable, tableIndex } from "./colour.js";

/**
 * @typedef {{table: Uint32Array, low: number, high: number}} Scale
 * @typedef {{canvas: HTMLCanvasElement, rows: number, cols: number, values?: Float32Array, scales?: Scale[],
 *   first?: number, places?: Map<number, number>, part?: {rows: number, cols: number},
 *   pictures?: Map<number, HTMLCanvasElement>}} Atlas
 *   maps side by side, and the numbers and scales that they were painted from; `first` is the channel of the first one,
 *   `places` say where a channel is, and `part` is what of each picture is map where that is not all; `pictures`, in
 *   the place of one canvas, are the maps that somebody has looked at
 */

const MANY = 150_000; // cells: of a layer with more each map is painted when it is first looked at
const LONGEST_SIDE = 16_384; // pixels of a canvas on each side, in all browsers

/**
 * The four scales as lookup tables.
 * @param {Record<string, string[]>} palette
 */
export function lookupTables(palette) {
  return Object.fromEntries(Object.entries(palette).map(([name, stops]) => [name, lookupTable(stops)]));
}

/**
 * The scale of a layer's maps: which table, and the range of `channel` under `scope`.
 * @param {import("../network/packet.js").Layer} layer
 * @param {string} scope "map", "layer" or "network"
 * @param {number} channel
 * @returns {{table: string, low: number, high: number}}
 */
export function scaleOf(layer, scope, channel) {
  const { colours: table, bounds, ranges } = layer;
  if (bounds) return { table, low: bounds[0], high: bounds[1] };
  const half = scope === "map" ? ranges.map[Math.min(channel, ranges.map.length - 1)] : ranges[scope];
  return { table, low: -half, high: half };
}

/**
 * A scale with the colours themselves in the place of their name.
 * @param {Record<string, Uint32Array>} tables
 * @param {{table: string, low: number, high: number}} scale
 * @returns {Scale}
 */
export function withTable(tables, scale) {
  return { ...scale, table: tables[scale.table] };
}

/**
 * @param {Float32Array} values maps one after the other
 * @param {{count: number, rows: number, cols: number}} shape
 * @param {(channel: number) => Scale} scale
 * @param {Atlas} [old] painted on where the size is the same; maps that stay as they are are not painted again
 * @param {boolean} [isFixed] nobody ever writes to `values`: they need not be copied, nor painted before they are seen
 * @returns {Atlas}
 */
export function paintAtlas(values, { count, rows, cols }, scale, old, isFixed = false) {
  const scales = Array.from({ length: count }, (_, channel) => scale(channel));
  const isLarge = values.length > MANY || rows > LONGEST_SIDE || count * cols > LONGEST_SIDE;
  if (isFixed && isLarge) return paintOnDemand({ rows, cols, values, scales }, old);
  const canvas = old?.canvas ?? document.createElement("canvas");
  const fits = canvas.width === count * cols && canvas.height === rows;
  if (!fits) Object.assign(canvas, { width: count * cols, height: rows });
  const atlas = { canvas, rows, cols, values, scales };
  const news = scales.map((_, channel) => channel).filter((channel) => !fits || isNew(atlas, old, channel));
  if (news.length > 0) paintSpan(atlas, news[0], news[news.length - 1]);
  if (isFixed) return atlas;
  return { ...atlas, values: news.length > 0 ? values.slice() : old.values }; // a copy: its owner may go on writing
}

/** Each map is a picture of its own, painted when somebody looks at it; those that stay as they are are kept. */
function paintOnDemand(atlas, old) {
  const kept = [...(old?.pictures ?? [])].filter(
    ([channel]) => channel < atlas.scales.length && !isNew(atlas, old, channel)
  );
  return { ...atlas, pictures: new Map(kept) };
}

function pictureOfMap(atlas, channel) {
  if (!atlas.pictures.has(channel)) {
    const { rows, cols, values, scales } = atlas;
    const map = { rows, cols, values: values.subarray(channel * rows * cols, (channel + 1) * rows * cols) };
    const shown = fitted(map);
    const canvas = Object.assign(document.createElement("canvas"), { width: shown.cols, height: shown.rows });
    paintSpan({ canvas, ...shown, scales: [scales[channel]] }, 0, 0);
    atlas.pictures.set(channel, canvas);
  }
  return atlas.pictures.get(channel);
}

/** A map as a canvas can hold it: of cells that share a pixel the value that is furthest from 0. */
function fitted(map) {
  const [tall, wide] = [map.rows, map.cols].map((cells) => Math.ceil(cells / LONGEST_SIDE)); // cells a pixel
  if (tall * wide === 1) return map;
  const [rows, cols] = [Math.ceil(map.rows / tall), Math.ceil(map.cols / wide)];
  const values = new Float32Array(rows * cols);
  map.values.forEach((value, at) => {
    const to = Math.floor(Math.floor(at / map.cols) / tall) * cols + Math.floor((at % map.cols) / wide);
    if (Math.abs(value) > Math.abs(values[to])) values[to] = value;
  });
  return { rows, cols, values };
}

/** Whether a map, or the scale it is painted on, differs from what `old` shows. */
function isNew({ values, scales, rows, cols }, old, channel) {
  const [now, then] = [scales[channel], old?.scales?.[channel]];
  if (!then || now.table !== then.table || now.low !== then.low || now.high !== then.high || old.rows !== rows)
    return true;
  if (values === old.values) return false;
  const end = (channel + 1) * rows * cols;
  for (let at = channel * rows * cols; at < end; at += 1) if (values[at] !== old.values[at]) return true;
  return false;
}

/** Paints the maps from `first` to `last`. */
function paintSpan({ canvas, values, scales, rows, cols }, first, last) {
  const context = canvas.getContext("2d");
  const image = context.createImageData((last - first + 1) * cols, rows);
  const pixels = new Uint32Array(image.data.buffer);
  for (let channel = first; channel <= last; channel += 1) {
    const { table, low, high } = scales[channel];
    for (let row = 0; row < rows; row += 1) {
      const from = (channel * rows + row) * cols;
      const to = row * image.width + (channel - first) * cols;
      for (let col = 0; col < cols; col += 1) pixels[to + col] = table[tableIndex(values[from + col], low, high)];
    }
  }
  context.putImageData(image, first * cols, 0);
}

/** Whether map `channel` is in `atlas`. @param {Atlas} atlas @param {number} channel */
export function hasMap({ places }, channel) {
  return !places || places.has(channel);
}

/**
 * Copies map `channel` of `atlas` into a rectangle; whole multiples stay crisp.
 * @param {CanvasRenderingContext2D} context
 * @param {Atlas} atlas
 * @param {number} channel
 * @param {import("../network/layout.js").Rect} rect
 */
export function copyMap(context, atlas, channel, rect) {
  const place = atlas.places ? atlas.places.get(channel) : channel - (atlas.first ?? 0);
  const { rows, cols } = atlas.part ?? atlas;
  context.imageSmoothingEnabled = rect.w < cols || rect.h < rows;
  if (atlas.pictures) {
    const picture = pictureOfMap(atlas, place);
    const [wide, tall] = [(cols * picture.width) / atlas.cols, (rows * picture.height) / atlas.rows];
    context.drawImage(picture, 0, 0, wide, tall, rect.x, rect.y, rect.w, rect.h);
  } else context.drawImage(atlas.canvas, place * atlas.cols, 0, cols, rows, rect.x, rect.y, rect.w, rect.h);
}
