// Bars of colour with their numbers, exactly under the columns that they cover.

import { fitBothEnds, fitEnds } from "../shared/celltext.js";
import { gradientOf } from "../shared/colour.js";
import { element, fill } from "../shared/dom.js";
import { formatNumber } from "../shared/format.js";
import { scaleOf } from "../shared/atlas.js";
import { legendGroups } from "./layout.js";
import { sourceOf } from "./reads.js";

/**
 * @typedef {{table: Uint32Array, ends: string[], css: string, left?: number, width?: number, isCentred?: boolean,
 *   isLower?: boolean}} Legend its colours, its numbers, where it stands; `isCentred`: one text in the middle, which
 *   may be wider than the bar; `isLower`: in the second line
 */

const BETWEEN_BARS = 10;
const USUAL = { least: 70, most: Infinity };
const TRIED = [
  USUAL,
  ...[300, 160, 110, 80].map((most) => ({ least: 70, most })),
  ...[110, 80, 60].map((most) => ({ least: 52, most })),
  ...[80, 60, 48, 36].map((most) => ({ least: 36, most, lines: 2 })),
  ...[28, 22].map((most) => ({ least: most, most, lines: 2 })),
];
const LEGEND_HIGHER = 33; // pixels above the lower edge, where there are two lines
const LEGEND_LINE = 11; // pixels: numbers of every second narrow bar stand lower, so that each has the room of two

/** @param {import("./paint.js").Scene} scene */
export function writeLegends(panel, scene) {
  const { packet, layout, scope, open } = scene;
  const groups = legendGroups(packet.layers);
  const sizes = packet.plan ? widthsOfBars(groups, layout) : USUAL;
  const bars = groups.map(({ first, last }) => {
    const blocks = layout.blocks.slice(first, last + 1).filter((block) => block.alpha > 0.5);
    if (blocks.length === 0) return null;
    const left = Math.min(...blocks.map((block) => block.x));
    const right = Math.max(...blocks.map((block) => block.x + block.w));
    const bottom = Math.max(...blocks.map((block) => block.y + block.h));
    const [centre, half] = [(left + right) / 2, Math.min(right - left, sizes.most) / 2];
    return legendOf(
      scene,
      packet.layers[first],
      { left: centre - half, right: centre + half, bottom, least: sizes.least, lines: sizes.lines },
      open?.index === first ? open.channel : null,
      scope
    );
  });
  const shown = [...bars, ...shareLegends(scene)].filter(Boolean);
  showLegends(panel.legends, layout.narrow ? shown : legendsInLines(apart(shown, layout.width), sizes.lines));
}

/**
 * How wide bars are at least and at most, so that all of them stand in one row: those of parallel columns overlap, and
 * there may be many.
 */
function widthsOfBars(groups, { blocks, width, narrow }) {
  const wanted = groups
    .map(({ first, last }) => blocks.slice(first, last + 1).filter((block) => block.alpha > 0.5))
    .filter((row) => row.length > 0)
    .map((row) => Math.max(...row.map(({ x, w }) => x + w)) - Math.min(...row.map(({ x }) => x)));
  const fits = ({ least, most }) =>
    wanted.reduce((sum, one) => sum + Math.max(least, Math.min(one, most)) + BETWEEN_BARS, 0) <= width;
  return TRIED.find((tried) => narrow || fits(tried)) ?? TRIED[TRIED.length - 1];
}

/** Bars in one row, moved no further than it takes for them to stand apart. */
function apart(bars, room) {
  const row = bars.map((bar) => ({ ...bar })).sort((a, b) => a.left - b.left);
  row.forEach(
    (bar, at) => at > 0 && (bar.left = Math.max(bar.left, row[at - 1].left + row[at - 1].width + BETWEEN_BARS))
  );
  let end = room;
  for (const bar of [...row].reverse()) {
    bar.left = Math.max(0, Math.min(bar.left, end - bar.width));
    end = bar.left - BETWEEN_BARS;
  }
  return row.map((bar) => ({ ...bar, css: `left:${bar.left}px;${bar.css}` }));
}

/** The numbers of narrow bars in two lines, those of every second one lower. */
function legendsInLines(bars, lines = 1) {
  if (lines === 1) return bars;
  return bars.map((bar, at) => ({ ...bar, isLower: at % 2 === 1 }));
}

/** Under an open sum: the scale of its kernels and the scale of its shares. */
function shareLegends(scene) {
  const { packet, layout, open } = scene;
  const source = open && sourceOf(packet.layers, open.index);
  const before = open && source > 0 && source !== open.index ? packet.layers[source] : null;
  const scales = {
    map: ["activations", before?.form === "maps" && scene.scope !== "map" ? before.ranges[scene.scope] : null, source],
    kernel: ["weights", open && packet.layers[open.index].weight_range],
    sum: ["activations", packet.detail?.range],
  };
  return Object.entries(scales).map(([part, [table, half, owner]]) => {
    const all = [...layout.tiles.values()].filter((tile) => tile.part === part);
    const tiles = owner === undefined ? all : all.filter((tile) => tile.index === owner);
    if (tiles.length === 0 || layout.narrow || half === null || half === undefined) return null;
    const columns = [...new Set(tiles.map((tile) => tile.x))].sort((a, b) => a - b);
    // apart where there are several
    const left = columns[{ map: 0, kernel: (columns.length - 1) >> 1, sum: columns.length - 1 }[part]];
    const place = { left, right: left + tiles[0].w, bottom: 0 };
    return legendOf(scene, null, place, null, scene.scope, { table, low: -half, high: half });
  });
}

/** @returns {Legend} */
function legendOf(scene, layer, place, channel, scope, scale = scaleOf(layer, scope, channel ?? 0)) {
  const { table, low, high } = scale;
  const ownEach =
    scope === "map" && channel === null && layer?.form === "maps" && layer.count > 1 && table === "activations";
  const least = layer === null ? 64 : table === "activations" ? (place.least ?? USUAL.least) : 48;
  const width = Math.max(least, place.right - place.left);
  const { narrow, height } = scene.layout;
  const room = scene.layout.width - (scene.layout.gutter ?? 0);
  const ends = ownEach
    ? [scene.packet.texts.own_range]
    : place.lines === 2 && !narrow
      ? fitBothEnds(low, high, { room: 2 * width + BETWEEN_BARS })
      : fitEnds(low, high, { room: narrow ? room : width, middle: middleOf(scene, layer, scope) });
  const edge = Math.max(0, Math.min(room - width, (place.left + place.right) / 2 - width / 2));
  const css = narrow
    ? `left:0px;top:${place.bottom + 4}px;width:${room}px`
    : `top:${height - (place.lines === 2 ? LEGEND_HIGHER : 28)}px;width:${width}px`;
  return { table: scene.tables[table], ends, css, left: edge, width, isCentred: place.lines === 2 && !narrow };
}

/** What stands at 0: that this scale is finer than the one before it, where it is. */
function middleOf({ packet }, layer, scope) {
  const times = layer?.ranges?.finer ?? 1;
  return scope === "layer" && times > 1
    ? fill(packet.texts.finer, { times: formatNumber(times, times < 10 ? 1 : 0) })
    : "0";
}

/**
 * Writes what is not there yet: while a weight is dragged only numbers change. @param {HTMLElement} parent @param
 * {Legend[]} wanted
 */
export function showLegends(parent, wanted) {
  while (parent.children.length > wanted.length) parent.lastElementChild.remove();
  wanted.forEach((legend, at) => {
    const old = parent.children[at];
    const box = old ?? element("div", { class: "legend" }, [element("i"), element("span")]);
    if (!old) parent.append(box);
    writeLegend(box, legend);
  });
}

const written = new WeakMap();

function writeLegend(box, { table, ends, css, isCentred = false, isLower = false }) {
  const [bar, numbers] = box.children;
  const last = written.get(box);
  if (last?.table !== table) bar.style.background = gradientOf(table);
  if (last?.css !== css) box.style.cssText = css;
  if (last?.ends.join() !== ends.join()) numbers.replaceChildren(...ends.map((text) => element("em", {}, [text])));
  box.classList.toggle("centred", isCentred);
  if ((last?.isLower ?? false) !== isLower) numbers.style.marginTop = isLower ? `${LEGEND_LINE}px` : "";
  written.set(box, { table, ends, css, isLower });
}
