// What Python says of both sides together: the column beside a column, the cell beside a cell, both numbers in words.

import { fill } from "../shared/dom.js";
import { PROBABILITY_DIGITS, formatNumber, valueText } from "../shared/format.js";
import { VALUE_DIGITS, digitsThatHold } from "../shared/sums.js";
import { attachField, readWire } from "../shared/wire.js";
import { blockAt, hasCell, readPacket, valueAt } from "../network/packet.js";
import { mapName } from "../network/words.js";

/**
 * @typedef {import("../network/packet.js").Packet} Packet
 * @typedef {{value: number, one: number, other: number, channel: number, row: number, col: number}} Largest
 * @typedef {{path: string, one: ?number, other: ?number, reason: string, largest?: Largest, reach?: number,
 *   share?: number, difference?: ?import("../network/packet.js").Field}} Pair see `cnnviz/web/comparison/packet.py`
 * @typedef {{index: number, channel: number, row: number, col: number, part: string}} Cell
 * @typedef {{one: Packet, other: Packet, titles: Record<string, string>, networks: Record<string, string>,
 *   images: Record<string, string>, pairs: Pair[], texts: Record<string, string>, is_alike: boolean, selection: object,
 *   token: string, link: string, left_out: string}} Compared
 */

export const SIDES = ["one", "other"];

/** @param {Uint8Array} bytes @returns {Compared} */
export function readComparison(bytes) {
  const { header, body } = readWire(bytes);
  for (const { difference } of header.pairs) if (difference) attachField(difference, body);
  const [one, other] = header.sides.map(({ packet }) => {
    attachField(packet, body);
    return readPacket(packet.values);
  });
  const said = (name) => ({ one: header.sides[0][name], other: header.sides[1][name] });
  return { ...header, one, other, titles: said("title"), networks: said("network"), images: said("image") };
}

/** The pair that a column of one side belongs to. @param {Compared} compared */
export function pairOf(compared, side, index) {
  return compared.pairs.find((pair) => pair[side] === index);
}

/**
 * The same cell on the other side: of the column of the same name, where that has such a cell.
 * @param {Compared} compared
 * @param {"one"|"other"} side where `cell` is
 * @param {Cell} cell
 * @returns {?Cell}
 */
export function cellBeside(compared, side, cell) {
  const beside = side === "one" ? "other" : "one";
  const index = pairOf(compared, side, cell.index)?.[beside] ?? null;
  const layer = index === null ? null : compared[beside].layers[index];
  const isThere = layer && cell.channel < layer.count && cell.row < layer.rows && cell.col < layer.cols;
  return isThere ? { ...cell, index } : null;
}

/** The difference as Python computed it; NaN where it is not here. @param {Pair} pair @param {Cell} cell */
export function differenceAt(pair, layer, { channel, row, col }) {
  return pair.difference ? pair.difference.values[(channel * layer.rows + row) * layer.cols + col] : NaN;
}

/** What a cell is called. @param {Packet} packet @param {Cell} cell */
export function placeName(packet, cell) {
  const { form } = packet.layers[cell.index];
  const name = mapName(packet, cell.index, cell.channel);
  if (form !== "maps" && form !== "strip") return name;
  return `${name}, ${fill(form === "strip" ? packet.texts.crumb_entry : packet.texts.crumb_cell, cell)}`;
}

/**
 * Both numbers and their difference, with as many decimals as it takes for B − A to hold as shown.
 * @returns {{one: string, other: string, difference: string, holds: boolean}}
 */
export function shownNumbers(one, other, difference, form) {
  const digits = form === "bars" ? PROBABILITY_DIGITS : VALUE_DIGITS;
  const isFinite = [one, other, difference].every(Number.isFinite);
  const found = isFinite ? digitsThatHold([other, -one], difference, digits) : null;
  const [terms, total] = found ?? [digits, digits];
  const text = (value, decimals) => (isFinite ? formatNumber(value, decimals) : valueText(value));
  return {
    one: text(one, terms),
    other: text(other, terms),
    difference: text(difference, total),
    holds: found !== null,
  };
}

/**
 * One sentence about a cell: both numbers and their difference, or why there is none.
 * @param {Compared} compared
 * @param {"one"|"other"} side where the hand is
 * @param {Cell} cell
 */
export function sentenceOf(compared, side, cell) {
  const { texts } = compared;
  const pair = pairOf(compared, side, cell.index);
  const layer = compared[side].layers[cell.index];
  const place = placeName(compared[side], cell);
  const beside = cellBeside(compared, side, cell);
  const own = valueAt(layer, cell.channel, cell.row, cell.col);
  if (!beside) return fill(texts.only, { place, side: texts[side], value: valueText(own), reason: pair.reason });
  const far = compared[side === "one" ? "other" : "one"].layers[beside.index];
  const theirs = valueAt(far, beside.channel, beside.row, beside.col);
  const [one, other] = side === "one" ? [own, theirs] : [theirs, own];
  if (!hasCell(layer, cell) || !hasCell(far, beside)) {
    const isKnown = [layer, far].every((each) => blockAt(each, cell.channel, cell.row, cell.col));
    return fill(isKnown ? texts.blocks : texts.not_sent, { place, one: valueText(one), other: valueText(other) });
  }
  if (pair.reason) {
    return fill(texts.apart, { place, one: valueText(one), other: valueText(other), reason: pair.reason });
  }
  const numbers = shownNumbers(one, other, pair.difference ? differenceAt(pair, layer, cell) : other - one, layer.form);
  return fill(numbers.holds ? texts.pair : texts.pair_about, { place, ...numbers });
}
