// What lies under the pointer, and where the keys lead. Pure.

/**
 * @typedef {{index: number, channel: number, row: number, col: number, part: string, down?: number, across?: number}}
 *   Cell `down`, `across`: of a kernel or a term, whose picture may have other cells than its layer, how far from its
 *   corner it is pointed at, 0 to 1
 */

/** @typedef {import("../network/reads.js").Lit} Lit @typedef {import("../network/layout.js").Layout} Layout */

const shownIn = new WeakMap(); // the channels of each layer that a layout has tiles of

/**
 * The cell under (x, y), the topmost tile first; null where nothing is.
 * @param {import("../network/layout.js").Layout} layout
 * @param {import("../network/packet.js").Layer[]} layers
 * @param {number} x
 * @param {number} y
 * @returns {?Cell}
 */
export function cellAt(layout, layers, x, y) {
  const near = 2;
  for (const tile of [...layout.tiles.values()].reverse()) {
    if (tile.alpha < 0.1 || x < tile.x - near || y < tile.y - near) continue;
    if (x >= tile.x + tile.w + near || y >= tile.y + tile.h + near) continue;
    const { rows, cols } = layers[tile.index];
    const row = place(y - tile.y, tile.h, rows);
    const col = place(x - tile.x, tile.w, cols);
    const cell = { index: tile.index, channel: tile.channel, row, col, part: tile.part };
    if (tile.part !== "kernel" && tile.part !== "sum") return cell;
    return { ...cell, down: (y - tile.y) / tile.h, across: (x - tile.x) / tile.w };
  }
  return null;
}

function place(offset, length, count) {
  return bounded(Math.floor((offset / length) * count), count);
}

/**
 * Where an arrow key leads in the whole network: left and right to the next layer, up and down in a layer.
 * @param {import("../network/packet.js").Layer[]} layers
 * @param {{index: number, channel: number}} at
 * @param {string} key
 * @returns {?{index: number, channel: number}} null for a key that moves nothing
 */
export function nextMap(layers, at, key) {
  const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  if (key === "Home") return { index: 0, channel: 0 };
  if (key === "End") return { index: layers.length - 1, channel: 0 };
  if (!(key in moves)) return null;
  const index = bounded(at.index + moves[key][0], layers.length);
  const scaled =
    index === at.index ? at.channel : Math.round((at.channel / layers[at.index].count) * layers[index].count);
  return { index, channel: bounded(scaled + moves[key][1], layers[index].count) };
}

/**
 * Where an arrow key leads in a graph: left to what a column reads, right to what reads it, along its own lane first;
 * up and down in a column, and beyond its end to the column above or below.
 * @param {import("../network/graphlayout.js").GraphPlan} plan
 * @param {{index: number, channels?: number[]}[]} blocks where the columns stand, and which of their maps
 * @param {{index: number, channel: number}} at
 * @param {string} key
 * @returns {?{index: number, channel: number}} null for a key that moves nothing
 */
export function nextInGraph(plan, blocks, at, key) {
  const { columns } = plan;
  const own = columns.find(({ index }) => index === at.index) ?? columns[0];
  const channels = blocks[own.index].channels;
  const position = Math.max(0, channels.indexOf(at.channel));
  if (key === "Home") return mapOf(columns[0], blocks, 0);
  if (key === "End") return mapOf(columns[columns.length - 1], blocks, 0);
  if (key === "ArrowLeft" || key === "ArrowRight") {
    const share = position / channels.length;
    const next = nearestAlong(columns, own, key === "ArrowLeft");
    return next ? mapOf(next, blocks, Math.round(share * blocks[next.index].channels.length)) : { ...at };
  }
  if (key !== "ArrowUp" && key !== "ArrowDown") return null;
  const step = key === "ArrowUp" ? -1 : 1;
  if (channels[position + step] !== undefined) return mapOf(own, blocks, position + step);
  const beside = columns.find(({ depth, lane }) => depth === own.depth && lane === own.lane + step);
  return beside ? mapOf(beside, blocks, step > 0 ? 0 : Infinity) : mapOf(own, blocks, position);
}

function mapOf({ index }, blocks, number) {
  const { channels } = blocks[index];
  return { index, channel: channels[bounded(number, channels.length)] };
}

/** The column that an edge leads to, or comes from: in the same lane if there is one, else the nearest. */
function nearestAlong(columns, own, isBack) {
  const beside = isBack
    ? columns.filter(({ index }) => own.sources.includes(index))
    : columns.filter(({ sources }) => sources.includes(own.index));
  const far = ({ depth, lane }) => Math.abs(depth - own.depth) + 100 * Math.abs(lane - own.lane);
  return beside.sort((a, b) => far(a) - far(b))[0];
}

/** What is lit of the maps that stand there, few of many. @param {Lit[]} lit @param {Layout} layout @returns {Lit[]} */
export function onTiles(lit, layout) {
  if (!shownIn.has(layout)) {
    const shown = new Map();
    for (const { index, channel } of layout.tiles.values()) shown.set(index, [...(shown.get(index) ?? []), channel]);
    shownIn.set(layout, shown);
  }
  const shown = shownIn.get(layout);
  return lit.map((one) => {
    const asked = new Set(one.channels);
    return { ...one, channels: [...new Set(shown.get(one.index) ?? [])].filter((channel) => asked.has(channel)) };
  });
}

/** The keys stay where they are; where their column has folded away, they are in the one that shows its block. */
export function keptCursor({ plan, layers }, cursor) {
  if (!plan || plan.columns.some(({ index }) => index === cursor.index)) return cursor;
  const { index, order } = plan.columns.find((column) => column.index > cursor.index) ?? plan.columns[0];
  const { rows, cols } = layers[index];
  return { index, channel: order?.[0] ?? 0, row: rows >> 1, col: cols >> 1, part: "map" };
}

/** The block that "+" opens ("−": folds) where the keys are: the folded one, or the open one around it. */
export function blockAround(plan, index, isToOpen) {
  const column = plan.columns.find((one) => one.index === index);
  return (isToOpen ? column?.block : column?.inside) || null;
}

/**
 * Where an arrow key leads inside one map.
 * @param {import("../network/packet.js").Layer} layer
 * @param {{row: number, col: number}} at
 * @param {string} key
 * @returns {?{row: number, col: number}}
 */
export function nextCell(layer, at, key) {
  const moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  if (key === "Home") return { row: 0, col: 0 };
  if (key === "End") return { row: layer.rows - 1, col: layer.cols - 1 };
  if (!(key in moves)) return null;
  return { row: bounded(at.row + moves[key][0], layer.rows), col: bounded(at.col + moves[key][1], layer.cols) };
}

/**
 * @param {number} value
 * @param {number} count
 * @returns {number} the nearest of 0 … count − 1
 */
export function bounded(value, count) {
  return Math.max(0, Math.min(count - 1, value));
}
