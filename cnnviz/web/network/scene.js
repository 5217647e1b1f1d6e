// The pictures that a packet needs under the present scale, kept between packets.

import { isDark } from "../shared/colour.js";
import { lookupTables, paintAtlas, scaleOf, withTable } from "../shared/atlas.js";
import { kernelsOf } from "./kernels.js";
import { hasWeights } from "./packet.js";
import { readsWhole, sourceChannels, sourceOf } from "./reads.js";

/**
 * The colours that are not data: text, faint lines, highlight, empty ground.
 * @param {HTMLElement} root
 * @param {boolean} dark
 */
export function inkOf(root, dark) {
  const style = getComputedStyle(root);
  return {
    text: style.color,
    family: style.fontFamily, // asked once: after a change of the page the question lays it out anew
    faint: dark ? "rgba(255,255,255,0.22)" : "rgba(0,0,0,0.2)",
    accent: style.getPropertyValue("--st-primary-color").trim() || "#d9480f",
    halo: dark ? "rgba(0,0,0,0.75)" : "rgba(255,255,255,0.9)",
    ground: dark ? "rgba(255,255,255,0.07)" : "rgba(0,0,0,0.05)",
  };
}

/**
 * The colours of the theme that the page has now, data and others.
 * @param {{dark?: boolean, ink?: object, tables?: Record<string, Uint32Array>}} scene what is painted with them
 * @param {HTMLElement} root its `data-theme` says which theme that is
 * @param {Record<"dark"|"light", Record<string, string[]>>} palettes
 * @returns {boolean} whether they are others than before
 */
export function recolour(scene, root, palettes) {
  const dark = isDark(root);
  if (scene.dark === dark) return false;
  scene.dark = dark;
  root.dataset.theme = dark ? "dark" : "light";
  scene.ink = inkOf(root, dark);
  scene.tables = lookupTables(palettes[root.dataset.theme]);
  return true;
}

/**
 * Paints every map of the packet, and the kernels and shares of the open one.
 * @param {import("./paint.js").Scene} scene
 * @param {HTMLElement} root
 */
export function refreshPictures(scene, root) {
  recolour(scene, root, scene.packet.palettes);
  scene.packet.layers.forEach((layer, index) => {
    if (layer.form === "bars") return;
    const key = `map:${index}`;
    const scale = (channel) => withTable(scene.tables, scaleOf(layer, scene.scope, channel));
    const old = scene.atlases.get(key);
    if (layer.output)
      scene.atlases.set(key, paintAtlas(layer.output.values, layer, scale, old?.places ? null : old, true));
    else if (layer.overview) scene.atlases.set(key, overviewAtlas(layer, scale, old?.places ? old : null));
    else scene.atlases.delete(key);
  });
  refreshShares(scene);
}

/** Some maps of a layer in overview size: the last blocks of a row or a column may reach beyond the map. */
function overviewAtlas({ overview, rows, cols }, scale, old) {
  const { channels, shape, values, side } = overview;
  const size = { count: channels.length, rows: shape[1], cols: shape[2] };
  const atlas = paintAtlas(values, size, (place) => scale(channels[place]), old, true);
  const places = new Map(channels.map((channel, place) => [channel, place]));
  return { ...atlas, places, part: { rows: rows / side, cols: cols / side } };
}

/** The open map's kernels and, once Python has sent them, each channel's share of it. */
function refreshShares(scene) {
  const { open, packet, atlases } = scene;
  const layer = open && packet.layers[open.index];
  const old = Object.fromEntries(["kernel", "sum"].map((part) => [part, atlases.get(part)]));
  for (const part of Object.keys(old)) atlases.delete(part);
  if (!layer?.kernel || !hasWeights(layer, open.channel)) return;
  const source = packet.layers[sourceOf(packet.layers, open.index)];
  const channels = sourceChannels(packet.layers, open.index, open.channel);
  const [rows, cols] = layer.kernel;
  const weights = kernelsOf(layer, open.channel, channels);
  const half = layer.weight_range;
  const scale = () => ({ table: scene.tables.weights, low: -half, high: half });
  const first = channels[0];
  atlases.set("kernel", { ...paintAtlas(weights, { count: channels.length, rows, cols }, scale, old.kernel), first });
  const detail = packet.detail;
  if (detail?.layer !== layer.path || detail.channel !== open.channel) return;
  const shape = readsWhole(layer) ? source : layer;
  const share = () => ({ table: scene.tables.activations, low: -detail.range, high: detail.range });
  atlases.set("sum", {
    ...paintAtlas(detail.sums.values, { ...shape, count: channels.length }, share, old.sum),
    first,
  });
}
