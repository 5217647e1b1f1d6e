// Where everything stands when one map is open: what feeds it, its kernels, the shares, plus, bias, result.

import { wholeLayout } from "./graphlayout.js";
import { FOOT, HEAD, NARROW_HEAD, SCORE_WIDTH, putTile, tileKey } from "./layout.js";
import { shownChannels, sourceOf } from "./reads.js";

const STUB = 46;
const RESULT = 196;
const RESULT_ALONE = 280;
const HIGHEST = 640;
const SIGN = 28;
const BETWEEN = 26;
const MOST_SOURCES = 64; // more are too small to be read
const FIRST_SOURCES = 48; // then so many, as `FIRST_TERMS` in packet.py

/**
 * @param {import("./packet.js").Layer[]} layers
 * @param {{width: number, height: number}} room
 * @param {number} index the open layer
 * @param {number} channel
 * @param {?import("./graphlayout.js").GraphPlan} plan
 * @param {?number[]} terms which of its inputs come first, where they are too many
 * @returns {import("./layout.js").Layout}
 */
export function focus(layers, room, index, channel, plan = null, terms = null) {
  const { edges: _edges, ...placed } = wholeLayout(layers, plan, room);
  const whole = { ...placed, width: placed.narrow ? placed.width : room.width, brackets: [], terms };
  return whole.narrow
    ? focusRows(layers, whole, index, channel)
    : focusColumns(layers, whole, index, channel, room.height);
}

function focusColumns(layers, whole, index, channel, high) {
  const height = Math.max(whole.height, Math.min(high, HIGHEST)); // what the overview leaves free serves the open map
  const layout = { ...whole, height, tiles: new Map(), signs: [], notes: [] };
  const own = whole.blocks[index];
  const right = index === layers.length - 1 ? whole.width : whole.width - STUB - 12;
  const shift = right - own.w - own.x;
  const source = sourceOf(layers, index);
  layout.blocks = whole.blocks.map((block) => stubBlock(block, index, source, shift, whole.width));
  slideOthersAway(layout, whole, layers, index, source, shift);
  const stage = { left: index > 1 ? STUB + 22 : 0, right: right - own.w - 28, top: HEAD, bottom: height - FOOT };
  placeStage(layout, layers, index, channel, stage);
  return layout;
}

function stubBlock(block, index, source, shift, width) {
  if (block.index === index) return { ...block, x: block.x + shift, ...(block.channels && { isAlone: true, head: 0 }) };
  if (block.index === source) return { ...block, alpha: 0 };
  const place = (block.x / width) * STUB;
  const x = block.index < index ? place : width - STUB + place;
  return { ...block, x, alpha: 0 };
}

/** The open layer's other maps and the drawing stay in reach; all other layers slide to the sides and fade. */
function slideOthersAway(layout, whole, layers, index, source, shift) {
  for (const [key, tile] of whole.tiles) {
    if (tile.index === index) layout.tiles.set(key, { ...tile, x: tile.x + shift });
    else if (tile.index === 0 && source !== 0) {
      layout.tiles.set(key, { ...tile, x: 0, y: tile.y + (tile.h - STUB) / 2, w: STUB, h: STUB });
    } else if (tile.index !== source) {
      const place = (tile.x / whole.width) * STUB;
      const x = tile.index < index ? place : whole.width - STUB + place;
      layout.tiles.set(key, { ...tile, x, w: Math.min(tile.w, 14), alpha: 0.1 });
    }
  }
}

/** The sources with kernels and shares on the left, the sign in the middle, the result large on the right. */
function placeStage(layout, layers, index, channel, stage) {
  const layer = layers[index];
  const tall = stage.bottom - stage.top;
  const result = Math.min(layer.adds_up ? RESULT : RESULT_ALONE, (stage.right - stage.left) * 0.34);
  const resultX = stage.right - result;
  const middle = stage.top + tall / 2;
  placeResult(layout, layer, index, channel, { x: resultX, y: middle, w: result, h: result }, tall);
  if (layer.form === "maps") {
    noteAt(layout, "result", resultX + result / 2, middle - result / 2 - 20);
    noteAt(layout, "empty", resultX + result / 2, middle + result / 2 + 6);
  }
  if (index === 0) return;
  const area = { x: stage.left, y: stage.top, w: resultX - stage.left - SIGN * 4, h: tall };
  const right = placeSources(layout, layers, index, channel, area);
  const end = layer.form === "cells" || layer.form === "maps" ? resultX : stage.right - 44;
  placeSign(layout, layers, index, { x: (right + end) / 2, y: middle, room: end - right - 8 });
}

function placeSign(layout, layers, index, { x, y, room = Infinity }, downwards = false) {
  const sums = layers[index].adds_up;
  const text = sums ? "+" : downwards ? "↓" : "→";
  layout.signs.push({ x: x - SIGN / 2, y: y - SIGN / 2, w: SIGN, h: SIGN, text });
  if (sums) noteAt(layout, "bias", x, y + SIGN / 2 + 4, -1, room);
}

/** A word beside the pictures; which word is the panel's business. */
function noteAt(layout, name, x, y, index = -1, room = Infinity) {
  layout.notes.push({ name, x, y, index, room });
}

function placeResult(layout, layer, index, channel, box, tall) {
  if (layer.form === "maps") {
    putTile(layout.tiles, "result", index, channel, { ...box, y: box.y - box.h / 2 });
  } else if (layer.form === "strip") {
    putTile(layout.tiles, "map", index, 0, { x: box.x + box.w - 44, y: box.y - tall / 2, w: 44, h: tall });
  } else if (layer.form === "cells") {
    putTile(layout.tiles, "result", index, channel, { x: box.x, y: box.y - 36, w: 72, h: 72 });
  }
}

/**
 * How many columns of sources give the largest tiles, and how large these are.
 * @param {number} count sources
 * @param {number} parts pictures for each: the map, its kernel, its share
 * @param {{w: number, h: number}} area
 */
export function sourceGrid(count, parts, area) {
  const inner = parts > 1 ? 10 : 0;
  const most = parts > 1 ? 132 : RESULT_ALONE;
  let best = { side: 0, groups: 1, rows: count, inner };
  for (let groups = 1; groups <= Math.min(6, count); groups += 1) {
    const rows = Math.ceil(count / groups);
    const wide = ((area.w + BETWEEN) / groups - BETWEEN - inner * (parts - 1)) / parts;
    const side = Math.min(wide, (area.h + 4) / rows - 4, most);
    if (side > best.side + 1) best = { side, groups, rows, inner };
  }
  return best;
}

/** @returns {number} the right edge of what was laid down */
function placeSources(layout, layers, index, channel, area) {
  const source = sourceOf(layers, index);
  const all = shownChannels(layers, index, channel);
  const channels = firstOf(all, layout.terms);
  if (layers[source].form !== "maps") return placeVectorSource(layout, layers, source, area);
  const parts = layers[index].adds_up ? ["map", "kernel", "sum"] : ["map"];
  const { side, rows, groups, inner } = sourceGrid(channels.length, parts.length, area);
  const pitch = parts.length * (side + inner) - inner + BETWEEN;
  const taken = groups * pitch - BETWEEN;
  const left = area.x + (area.w - taken) / (parts.length > 1 ? 2 : 1.6);
  const top = area.y + (area.h - rows * (side + 4) + 4) / 2;
  channels.forEach((c, at) => {
    const x = left + Math.floor(at / rows) * pitch;
    const y = top + (at % rows) * (side + 4);
    parts.forEach((part, k) => {
      const owner = part === "map" ? source : index;
      putTile(layout.tiles, part, owner, c, { x: x + k * (side + inner), y, w: side, h: side });
    });
  });
  if (channels.length < all.length) noteAt(layout, "cut", area.x + area.w / 2, top - 40, index, channels.length);
  for (let group = 0; group < groups; group += 1) {
    parts.forEach((part, k) =>
      noteAt(layout, part, left + group * pitch + k * (side + inner) + side / 2, top - 20, source, side + inner - 2)
    );
  }
  return left + taken;
}

/** Of many inputs only some stand there: those that Python puts first, in the order in which they run. */
function firstOf(channels, terms) {
  if (channels.length <= MOST_SOURCES) return channels;
  const first = terms ? new Set(terms) : null;
  return first ? channels.filter((channel) => first.has(channel)) : channels.slice(0, FIRST_SOURCES);
}

function placeVectorSource(layout, layers, source, area) {
  const layer = layers[source];
  const pitch = area.h / layer.count;
  for (let c = 0; c < layer.count; c += 1) {
    const h = layer.form === "strip" ? area.h : Math.min(34, pitch - 4);
    const y = layer.form === "strip" ? area.y : area.y + c * pitch + (pitch - h) / 2;
    putTile(layout.tiles, "map", source, c, {
      x: area.x + area.w / 2,
      y,
      w: layer.form === "strip" ? 14 : Math.max(h, SCORE_WIDTH),
      h,
    });
  }
  return area.x + area.w / 2 + SCORE_WIDTH + 6;
}

/** Narrow: sources in a grid, the result below them, the layer's own maps last. */
function focusRows(layers, whole, index, channel) {
  const layout = { ...whole, tiles: new Map(), signs: [], notes: [] };
  const top = HEAD;
  const high = index > 0 ? narrowHeight(layers, index, channel, whole.width) : 0;
  if (index > 0) placeSources(layout, layers, index, channel, { x: 0, y: top, w: whole.width, h: high });
  const resultY = top + high + (index > 0 ? SIGN + 44 : 0);
  if (index > 0) placeSign(layout, layers, index, { x: whole.width / 2, y: top + high + SIGN / 2 + 8 }, true);
  const size = Math.min(RESULT, whole.width);
  const box = { x: (whole.width - size) / 2, y: resultY + size / 2, w: size, h: size };
  placeResult(layout, layers[index], index, channel, box, size);
  if (layers[index].form === "maps") noteAt(layout, "result", whole.width / 2, resultY - 17);
  const below = layers[index].form === "bars" ? resultY : resultY + size + 12 + NARROW_HEAD;
  const shift = below - whole.blocks[index].y;
  for (const [key, tile] of whole.tiles) {
    if (tile.index === index && !layout.tiles.has(key)) layout.tiles.set(key, { ...tile, y: tile.y + shift });
  }
  layout.blocks = whole.blocks.map((block) =>
    block.index === index ? { ...block, y: block.y + shift } : { ...block, alpha: 0, y: top }
  );
  layout.height = below + whole.blocks[index].h + FOOT;
  return layout;
}

/** Two columns of sources on a phone, as high as their tiles then are. */
function narrowHeight(layers, index, channel, width) {
  const source = sourceOf(layers, index);
  if (layers[source].form !== "maps") return 260;
  const count = Math.min(shownChannels(layers, index, channel).length, MOST_SOURCES);
  if (count === 1) return 170;
  const parts = layers[index].adds_up ? 3 : 1;
  const groups = parts > 1 ? 2 : 6;
  const side = ((width + BETWEEN) / groups - BETWEEN - 10 * (parts - 1)) / parts;
  return Math.ceil(count / groups) * (side + 4) - 4;
}

/**
 * The layout between two others: `share` of the way from `from` to `to`.
 * @param {import("./layout.js").Layout} from
 * @param {import("./layout.js").Layout} to
 * @param {number} share 0 to 1
 * @returns {import("./layout.js").Layout}
 */
export function between(from, to, share) {
  if (share >= 1) return to;
  const mix = (a, b) => a + (b - a) * share;
  const tiles = new Map();
  for (const [key, tile] of to.tiles) {
    const before = from.tiles.get(key) ?? from.tiles.get(tileKey("map", tile.index, tile.channel)) ?? tile;
    const start = from.tiles.has(key) ? before.alpha : 0;
    tiles.set(key, {
      ...tile,
      x: mix(before.x, tile.x),
      y: mix(before.y, tile.y),
      w: mix(before.w, tile.w),
      h: mix(before.h, tile.h),
      alpha: mix(start, tile.alpha),
    });
  }
  for (const [key, tile] of from.tiles) {
    if (!to.tiles.has(key)) tiles.set(key, { ...tile, alpha: tile.alpha * (1 - share) });
  }
  const blocks = to.blocks.map((block, i) => ({
    ...block,
    x: mix(from.blocks[i].x, block.x),
    y: mix(from.blocks[i].y, block.y),
    alpha: mix(from.blocks[i].alpha, block.alpha),
  }));
  const height = Math.max(from.height, to.height); // the same all the way: a canvas of another size is a new one
  return { ...to, tiles, blocks, height, signs: share > 0.7 ? to.signs : [], notes: [] };
}
