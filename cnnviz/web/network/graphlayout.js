// Where everything stands when the network is a graph: columns by depth, branches above one another, ways around
// columns. What stands at which depth is said by Python (`core/graph_layout.py`). Pure.

import {
  EASY_TILE,
  FEW,
  FOOT,
  GAP,
  HEAD,
  LOWER,
  MAX_TILE,
  MIN_TILE,
  NARROW,
  ROWS,
  blockSize,
  overview,
  placeColumn,
  putTile,
} from "./layout.js";
import { BRACKET, hiddenBlocks, placeBars, standBehind } from "./graphparts.js";
import { graphRows } from "./graphrows.js";

/**
 * @typedef {{index: number, depth: number, lane: number, lanes: number, block: string, inside: string,
 *   sources: number[], order: ?number[], words: ?Record<string, string>}} GraphColumn
 * @typedef {{path: string, name: string, hint: string, first: number, last: number, row: number}} GraphBlock
 * @typedef {{columns: GraphColumn[], blocks: GraphBlock[], depths: number, first_maps: number,
 *   texts: Record<string, string>}} GraphPlan
 * @typedef {{from: number, to: number, way: "next"|"out"|"in"|"below"|"beside", track: number}} Edge
 *   "out": straight on from its source, "in": straight on to its reader, "below": around everything, on a track of its
 *   own, "beside": on a narrow screen
 * @typedef {{path: string, name: string, hint: string, x: number, y: number, w: number}} Bracket
 */

const LANE_HEAD = 30;
const IN_LANE = 20; // pixels more for a column in a lane: its name has no second line to stand on
const TRACK = 9;
const COUNT_LINE = 15; // the line below a column that says how many of its maps stand there
const ASIDE = 16; // beside the tiles of a column, for edges
// Of a column at least, beside its tiles, and its smallest tile: names want more, screens have less.
const PITCHES = [
  { pitch: 46, aside: ASIDE, least: MIN_TILE },
  { pitch: 40, aside: ASIDE, least: MIN_TILE },
  { pitch: 34, aside: ASIDE, least: MIN_TILE },
  { pitch: 34, aside: 12, least: MIN_TILE },
  { pitch: 28, aside: 10, least: 18 },
];
const HEAD_ROWS = 3; // lines of names, where columns stand so close: every third one in the same line
const CLOSE_PITCH = 40; // pixels from column to column
const SMALLER = [FEW, 1.7, 1.2, 1]; // few maps by themselves are no larger than leaves all columns side by side
const NAMED_BAR = 150; // of many classes names are long
const WIDEST_BAR = 230;

/**
 * The whole network: a row, or a graph where Python says so.
 * @param {import("./packet.js").Layer[]} layers
 * @param {?GraphPlan} plan
 * @param {{width: number, height: number, narrow?: number}} room
 * @returns {import("./layout.js").Layout}
 */
export function wholeLayout(layers, plan, room) {
  if (!plan) return overview(layers, room);
  return room.width < (room.narrow ?? NARROW) ? graphRows(layers, plan, room.width) : graphColumns(layers, plan, room);
}

/** What of two layouts must differ for another one to be made. @param {?GraphPlan} plan */
export function planKey(plan) {
  if (!plan) return null;
  const places = plan.columns.map((one) => [
    one.index,
    one.depth,
    one.lane,
    one.lanes,
    one.block,
    one.order?.slice(0, plan.first_maps),
  ]);
  return [places, plan.blocks.map(({ path, row }) => [path, row])];
}

function graphColumns(layers, plan, room) {
  const edges = routedEdges(plan.columns);
  const tracks = Math.max(0, ...edges.map(({ track }) => track + 1));
  const heads = Math.max(0, ...plan.blocks.map(({ row }) => row + 1)) * BRACKET;
  const below = FOOT + COUNT_LINE + tracks * TRACK;
  const least = heads + HEAD;
  const found = fittingGraph(layers, plan, { width: room.width, height: room.height - least - below });
  const { rows, tile, few } = found;
  const tall = rows * (tile + GAP) - GAP;
  const cells = depthCells(pitches(layers, plan, found), room.width);
  const isClose = cells.slice(1).some((cell, at) => cell.x + cell.w / 2 - cells[at].x - cells[at].w / 2 < CLOSE_PITCH);
  const top = least + (isClose ? LOWER : 0);
  const tiles = new Map();
  const blocks = hiddenBlocks(layers, top, tall);
  for (const column of plan.columns) {
    const cell = cells[column.depth];
    blocks[column.index] = placeInLane(tiles, layers[column.index], plan, column, {
      cell,
      top,
      tall,
      tile,
      rows,
      heads,
      few,
    });
  }
  standBehind(blocks, plan.columns);
  const end = cells[cells.length - 1];
  const height = top + tall + below;
  return {
    tiles,
    blocks,
    signs: [],
    notes: [],
    width: end.x + end.w > room.width + 1 ? end.x + end.w : room.width,
    height,
    narrow: false,
    headLines: isClose ? HEAD_ROWS : HEAD_ROWS - 1,
    edges: edges.map((edge) => ({ ...edge, y: top + tall + COUNT_LINE + 4 + edge.track * TRACK })),
    brackets: plan.blocks.map((block) => bracketOver(block, cells)),
  };
}

/** As large as all columns side by side, and `rows` maps above one another, leave it. */
function fittingGraph(layers, plan, room) {
  const fitting = SMALLER.find((few) => fittingFew(layers, plan, room, few).fits);
  return fittingFew(layers, plan, room, fitting ?? FEW);
}

function fittingFew(layers, plan, room, few) {
  const every = ROWS.map((rows) => fittingRows(layers, plan, room, { rows, few }));
  const side = every.filter(({ fits }) => fits);
  const tried = side.length > 0 ? side : every; // one that is wider than the screen only where no other is
  const found =
    tried.find(({ tile }) => tile >= EASY_TILE) ?? tried.reduce((best, one) => (one.tile > best.tile ? one : best));
  const fitting = Math.floor((room.height + GAP) / (found.tile + GAP)); // where the width is what limits a tile
  return { ...found, rows: Math.max(found.rows, Math.min(fitting, ROWS[0])) };
}

/** Where the columns do not stand side by side whatever is tried, the network is wider than the screen. */
function fittingRows(layers, plan, { width, height }, { rows, few }) {
  const tallest = Math.floor(height / rows) - GAP;
  for (const tight of PITCHES) {
    for (let tile = Math.min(MAX_TILE, tallest); tile >= tight.least; tile -= 1) {
      const taken = pitches(layers, plan, { ...tight, tile, rows, few }).reduce((sum, w) => sum + w, 0);
      if (taken <= width) return { ...tight, rows, tile, few, fits: true };
    }
  }
  return { ...PITCHES[0], rows, tile: Math.max(MIN_TILE, Math.min(EASY_TILE, tallest)), few, fits: false };
}

/** The least width of each depth. */
function pitches(layers, plan, { tile, rows, pitch, aside, few }) {
  const wide = Array.from({ length: plan.depths }, () => 0);
  for (const { index, depth, lanes } of plan.columns) {
    const least = lanes > 1 ? pitch + IN_LANE : pitch;
    wide[depth] = Math.max(wide[depth], columnWidth(layers[index], tile, rows, few) + aside, least);
  }
  return wide;
}

function columnWidth(layer, tile, rows, few) {
  if (layer.form === "bars" && layer.count > rows) return NAMED_BAR;
  return layer.form === "maps" && layer.count > 3 ? tile : blockSize(layer, tile, rows, few).w;
}

/** Where the cell of each depth begins, and its width: what is left over is shared out. */
function depthCells(wide, width) {
  const more = Math.max(0, (width - wide.reduce((sum, w) => sum + w, 0)) / wide.length);
  let x = 0;
  return wide.map((w) => {
    const cell = { x, w: w + more };
    x += w + more;
    return cell;
  });
}

/** Lays the tiles of one column down, in its lane. @returns its block */
function placeInLane(tiles, layer, plan, column, { cell, top, tall, tile, rows, heads, few }) {
  const { lane, lanes, index } = column;
  const isAlone = lanes === 1;
  const slot = { y: top + (lane * tall) / lanes, h: tall / lanes };
  const area = isAlone ? slot : { y: slot.y + LANE_HEAD, h: slot.h - LANE_HEAD - 6 };
  const side = Math.min(tile, area.h);
  const fitting = isAlone ? rows : Math.max(1, Math.floor((area.h + GAP) / (side + GAP)));
  const size = columnSize(layer, side, fitting, area.h, few);
  if (layer.form === "bars") size.w = Math.max(size.w, Math.min(WIDEST_BAR, cell.w - ASIDE)); // with names of classes
  const y = isAlone ? area.y + (area.h - size.h) / 2 : area.y;
  const block = { index, x: cell.x + (cell.w - size.w) / 2, y, w: size.w, h: size.h, alpha: 1 };
  const channels = placeTiles(tiles, layer, index, block, { ...size, rows: fitting, order: column.order });
  return { ...block, head: isAlone ? heads : slot.y, isAlone, left: cell.x, room: cell.w, channels };
}

function columnSize(layer, side, rows, most, few) {
  if (layer.form !== "maps" || layer.count <= 3) {
    const size = blockSize(layer, side, rows, few);
    const h = Math.min(size.h, most);
    return { w: layer.form === "maps" ? (size.w * h) / size.h : size.w, h, side: (size.side * h) / size.h };
  }
  const down = Math.min(layer.count, rows);
  return { w: side, h: down * (side + GAP) - GAP, side };
}

/** @returns {number[]} the channels that stand there */
function placeTiles(tiles, layer, index, block, { side, rows, order }) {
  const all = order ?? Array.from({ length: layer.count }, (_, channel) => channel);
  if (layer.form === "bars") return placeBars(tiles, index, block, all.slice(0, rows), side);
  if (layer.form !== "maps") {
    placeColumn(tiles, layer, index, block, side, rows);
    return all;
  }
  const channels = all.slice(0, layer.count > 3 ? rows : layer.count);
  channels.forEach((channel, at) => {
    putTile(tiles, "map", index, channel, { x: block.x, y: block.y + at * (side + GAP), w: side, h: side });
  });
  return channels;
}

/** @returns {Bracket} */
function bracketOver({ path, name, hint, first, last, row }, cells) {
  const [from, to] = [cells[first], cells[last]];
  return { path, name, hint, x: from.x + 3, y: row * BRACKET, w: to.x + to.w - from.x - 6 };
}

/**
 * The way of every edge: to the next column, straight through a lane that is free, or below everything.
 * @param {GraphColumn[]} columns
 * @returns {Edge[]}
 */
export function routedEdges(columns) {
  const places = new Map(columns.map((column) => [column.index, column]));
  const edges = columns.flatMap((column) =>
    column.sources.map((source) => ({
      from: source,
      to: column.index,
      way: wayOf(columns, places.get(source), column),
      track: -1,
    }))
  );
  const jumping = edges.filter(({ way }) => way === "below").map((edge) => ({ edge, ...reachOf(edge, places) }));
  jumping.sort((a, b) => a.last - a.first - (b.last - b.first) || a.first - b.first);
  jumping.forEach((one, at) => {
    const beside = jumping.slice(0, at).filter((other) => other.first < one.last && one.first < other.last);
    const taken = new Set(beside.map(({ edge }) => edge.track));
    while (one.edge.track < 0 || taken.has(one.edge.track)) one.edge.track += 1;
  });
  return edges;
}

function reachOf({ from, to }, places) {
  return { first: places.get(from).depth, last: places.get(to).depth };
}

function wayOf(columns, source, reader) {
  if (reader.depth - source.depth <= 1) return "next";
  const between = columns.filter(({ depth }) => depth > source.depth && depth < reader.depth);
  if (!between.some((one) => covers(one, middleOfLane(source)))) return "out";
  return between.some((one) => covers(one, middleOfLane(reader))) ? "below" : "in";
}

function middleOfLane({ lane, lanes }) {
  return (lane + 0.5) / lanes;
}

function covers({ lane, lanes }, height) {
  return lane / lanes < height && height < (lane + 1) / lanes;
}
