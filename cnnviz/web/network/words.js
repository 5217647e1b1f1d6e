// The sentences about what is open and what lies under the pointer. Every word comes from Python.

import { fill } from "../shared/dom.js";
import { formatPercent, valueText } from "../shared/format.js";
import { blockAt, hasCell, valueAt } from "./packet.js";
import { ascending } from "./blocks.js";
import { hullOf, readBy, readsWhole, sourceOf } from "./reads.js";

/** What one map, score or column is called. */
export function mapName(packet, index, channel) {
  const { texts, layers, classes } = packet;
  const layer = texts.layers[index].name;
  if (layers[index].form === "maps") return fill(texts.crumb_map, { layer, channel });
  if (layers[index].form === "strip") return layer;
  if (!layers[index].classes) return fill(texts.crumb_unit, { layer, channel });
  return fill(texts.crumb_class, { layer, name: classes[channel] ?? channel });
}

/** One sentence about the cell under the pointer, always in the same place. */
function cellSentence(packet, cell, value, lit) {
  const { texts, layers } = packet;
  const layer = layers[cell.index];
  if (!hasCell(layer, cell)) return overviewSentence(packet, layer, cell);
  const digits = layer.form === "bars" ? formatPercent(value, 2) : valueText(value);
  const form = layer.form === "maps" ? "cell" : layer.form === "strip" ? "entry" : layer.classes ? "class" : "unit";
  const parts = [
    fill(texts[`info_${form}`], {
      layer: texts.layers[cell.index].name,
      channel: cell.channel,
      row: cell.row,
      col: cell.col,
      value: digits,
      name: packet.classes[cell.channel] ?? cell.channel,
    }),
  ];
  parts.push(...readsSentences(packet, cell));
  const reach = hullOf(lit.filter(({ index }) => index === 0));
  if (cell.index > 1 && reach) parts.push(fill(texts.info_reach, { rows: reach.rows, cols: reach.cols }));
  return parts.join(" · ");
}

/** About a map that is here in overview size, or not at all: its cells have no values of their own yet. */
function overviewSentence({ texts }, layer, cell) {
  const block = blockAt(layer, cell.channel, cell.row, cell.col);
  const values = { layer: texts.layers[cell.index].name, channel: cell.channel };
  return block
    ? fill(texts.info_block, { ...values, ...block, value: valueText(block.value) })
    : fill(texts.not_sent, values);
}

/** What a cell reads of each of its sources; of those of which it reads nothing nothing is said, unless that is all. */
function readsSentences(packet, cell) {
  const found = readBy(packet.layers, cell).filter((lit) => lit.length > 0);
  const told = found.filter((lit) => lit.some(({ channels, box }) => box === null || channels.length > 0));
  return (told.length > 0 ? told : found.slice(0, 1)).map((lit) => readsSentence(packet, lit));
}

function readsSentence({ texts, layers }, lit) {
  const [{ index }] = lit;
  const box = hullOf(lit);
  const channels = ascending(lit.flatMap((each) => each.channels));
  if (!box) return fill(texts.info_reads_unknown, { source: texts.layers[index].name });
  const values = {
    source: texts.layers[index].name,
    count: channels.length,
    channel: channels[0],
    rows: box.rows,
    cols: box.cols,
    top: box.row,
    bottom: box.row + box.rows - 1,
    left: box.col,
    right: box.col + box.cols - 1,
  };
  if (layers[index].form !== "maps") {
    const count = channels.length * box.rows;
    const entry = layers[index].form === "strip" ? box.row : channels[0];
    return fill(count === 1 ? texts.info_reads_entry : texts.info_reads_entries, { ...values, count, entry });
  }
  if (box.rows * box.cols === 0) return fill(texts.info_padding, values);
  const isWhole = box.rows * box.cols === layers[index].rows * layers[index].cols;
  if (isWhole && box.rows * box.cols > 1)
    return fill(channels.length === 1 ? texts.info_reads_map : texts.info_reads_whole, values);
  if (box.rows * box.cols === 1 && channels.length === 1) return fill(texts.info_reads_one, values);
  return fill(channels.length === 1 ? texts.info_reads : texts.info_reads_many, values);
}

/**
 * The line above the network: about the cell under the pointer, a kernel weight, a share, or what one can do here.
 * @param {import("./paint.js").Scene} scene
 * @param {?import("../explorer/hit.js").Cell} cell whatever lies under the pointer
 * @param {?import("../explorer/hit.js").Cell} real the same where it is a cell of a map
 * @param {import("./reads.js").Lit[]} lit
 * @returns {string}
 */
export function sentence(scene, cell, real, lit) {
  const { packet } = scene;
  if (real) {
    const layer = packet.layers[real.index];
    return cellSentence(packet, real, valueAt(layer, real.channel, real.row, real.col), lit);
  }
  return cell ? partSentence(scene, cell) : prompt(scene);
}

/** What one can do here, verb first; of the whole network, how it lies and what its colours say. */
function prompt({ packet, open, layout }) {
  if (!open) return `${layout.narrow ? packet.texts.order_narrow : packet.texts.order} ${packet.texts.prompt}`;
  const layer = packet.layers[open.index];
  const rule = packet.texts.layers[open.index].hint;
  const name = readsWhole(layer) ? "prompt_products" : "prompt_sum";
  const words = layer.adds_up ? packet.texts[name] : `${rule}.`;
  return `${words} ${packet.texts.back}`;
}

/** About a kernel weight or a channel's share: what its picture was painted from. */
function partSentence({ packet, atlases, open }, cell) {
  const atlas = atlases.get(cell.part);
  if (!atlas) return "";
  const at = (share, count) => Math.max(0, Math.min(count - 1, Math.floor(share * count)));
  const [row, col] = [at(cell.down, atlas.rows), at(cell.across, atlas.cols)];
  const value = atlas.values[((cell.channel - atlas.first) * atlas.rows + row) * atlas.cols + col];
  const source = packet.texts.layers[sourceOf(packet.layers, open.index)].name;
  return fill(packet.texts[`info_${cell.part}`], { channel: cell.channel, row, col, value: valueText(value), source });
}
