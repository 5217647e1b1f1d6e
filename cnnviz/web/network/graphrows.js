// A graph on a narrow screen: the columns below one another, and beside them the edges. Pure.

import { BRACKET, hiddenBlocks, placeBars, standBehind } from "./graphparts.js";
import { BAR_WIDTH, FOOT, GAP, NARROW_HEAD, STRIP, putTile } from "./layout.js";

const BAR_PITCH = 22;
const FIRST_TRACK = 10; // pixels beside the columns
const TRACK_BESIDE = 8;

/**
 * The graph on a narrow screen. Beside the columns stands who reads whom.
 * @param {import("./packet.js").Layer[]} layers
 * @param {import("./graphlayout.js").GraphPlan} plan
 * @param {number} whole the width
 * @returns {import("./layout.js").Layout}
 */
export function graphRows(layers, plan, whole) {
  const edges = edgesBeside(plan.columns);
  const gutter = gutterOf(edges);
  const width = whole - gutter;
  const across = Math.max(4, Math.floor(width / 44));
  const side = (width + GAP) / across - GAP;
  const tiles = new Map();
  const blocks = hiddenBlocks(layers, 0, 0);
  const brackets = [];
  let y = 0;
  for (const column of plan.columns) {
    for (const block of beginning(plan, column, brackets)) {
      brackets.push({ ...block, x: block.row * 10, y, w: width - block.row * 10 });
      y += BRACKET + 8;
    }
    const layer = layers[column.index];
    const top = y + NARROW_HEAD;
    const block = { index: column.index, x: 0, y: top, w: width, h: 0, alpha: 1 };
    block.channels = placeRow(tiles, layer, column, block, { side, across, most: plan.first_maps });
    blocks[column.index] = {
      ...block,
      h: block.channels.h,
      channels: block.channels.shown,
      isAlone: true,
      room: width,
    };
    y = top + blocks[column.index].h + FOOT;
  }
  standBehind(blocks, plan.columns);
  return {
    tiles,
    blocks,
    signs: [],
    notes: [],
    width: whole,
    gutter,
    height: y,
    narrow: true,
    edges: placed(edges, width),
    brackets,
  };
}

/** The open blocks that begin with this column. */
function beginning(plan, { inside }, brackets) {
  const known = new Set(brackets.map(({ path }) => path));
  return plan.blocks.filter(({ path }) => !known.has(path) && (inside === path || inside.startsWith(`${path}.`)));
}

function placeRow(tiles, layer, { index, order }, block, { side, across, most }) {
  const all = order ?? Array.from({ length: layer.count }, (_, channel) => channel);
  if (layer.form === "strip") {
    putTile(tiles, "map", index, 0, { ...block, h: STRIP });
    return { shown: [0], h: STRIP };
  }
  if (layer.form === "bars") {
    const shown = all.slice(0, most);
    const h = shown.length * BAR_PITCH;
    return { shown: placeBars(tiles, index, { ...block, w: Math.max(block.w, BAR_WIDTH), h }, shown, 20), h };
  }
  const shown = layer.form === "maps" ? all.slice(0, most) : all;
  const large = layer.count <= 3 && layer.form === "maps" ? side * 2.4 : side;
  const perRow = layer.form === "cells" ? shown.length : across;
  const size = layer.form === "cells" ? (block.w + GAP) / perRow - GAP : large;
  shown.forEach((channel, at) => {
    const [x, y] = [(at % perRow) * (size + GAP), block.y + Math.floor(at / perRow) * (size + GAP)];
    putTile(tiles, "map", index, channel, { x, y, w: size, h: size });
  });
  return { shown, h: Math.ceil(shown.length / perRow) * (size + GAP) - GAP };
}

/**
 * The edges of columns that stand below one another, each beside them on a track: 0 from one to the next, and further
 * out those that jump columns, none over another.
 * @param {import("./graphlayout.js").GraphColumn[]} columns
 * @returns {{from: number, to: number, way: "beside", track: number}[]}
 */
export function edgesBeside(columns) {
  const order = new Map(columns.map(({ index }, at) => [index, at]));
  const edges = columns.flatMap(({ index, sources }) =>
    sources.map((source) => ({ from: source, to: index, first: order.get(source), last: order.get(index) }))
  );
  edges.sort((a, b) => a.last - a.first - (b.last - b.first) || a.first - b.first);
  edges.forEach((edge, at) => {
    const beside = edges.slice(0, at).filter((other) => other.first < edge.last && edge.first < other.last);
    const taken = new Set(beside.map(({ track }) => track));
    edge.track = edge.last - edge.first > 1 ? 1 : 0;
    while (taken.has(edge.track)) edge.track += 1;
  });
  return edges.map(({ from, to, track }) => ({ from, to, way: "beside", track }));
}

/** The width beside the columns that the edges take. */
function gutterOf(edges) {
  return FIRST_TRACK + Math.max(0, ...edges.map(({ track }) => track)) * TRACK_BESIDE + 2;
}

function placed(edges, width) {
  return edges.map((edge) => ({ ...edge, x: width + FIRST_TRACK + edge.track * TRACK_BESIDE }));
}
