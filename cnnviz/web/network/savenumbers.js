// What is open as a file of numbers: the very values that are shown, float32 as PyTorch computed them.

import { float32Text, tableText, textCell } from "../shared/csv.js";
import { fileName, saveBlob } from "../shared/savefile.js";

/**
 * @typedef {{network: string, layer: string, note: string, form: string, count: number, rows: number, cols: number,
 *   channel: ?number, values: ArrayLike<number>, classes: ?string[],
 *   scale: (channel: number) => import("../shared/atlas.js").Scale, hasOwnRanges: boolean,
 *   texts: Record<string, string>}} Saved values of a layer, or of one map of it (`channel`, else null); `note`: what
 *   the values are where they are not the layer's output
 */

/** @param {Saved} saved */
export function saveNumbers(saved) {
  saveBlob(nameOf(saved, "csv"), new Blob([numbersText(saved)], { type: "text/csv" }));
}

/** The name of a file: network, layer, map. @param {Saved} saved @param {string} ending */
export function nameOf({ network, layer, note, channel, form, texts }, ending) {
  const part = channel === null ? (form === "maps" ? [texts.file_maps] : []) : [texts.file_map, channel];
  return fileName([network, layer, ...part, note], ending);
}

/** The text of the file: what it is, an empty line, then the table. @param {Saved} saved */
export function numbersText(saved) {
  return tableText([...aboutFile(saved), [], ...(saved.form === "maps" ? mapRows(saved) : entryRows(saved))]);
}

function aboutFile({ network, layer, note, form, count, rows, cols, channel, texts }) {
  const isMap = form === "maps";
  const all = isMap ? `0-${count - 1}` : "";
  return [
    [texts.csv_network, textCell(network)],
    [texts.csv_layer, textCell(layer)],
    ...(note ? [[texts.csv_values, textCell(note)]] : []),
    ...(isMap ? [[texts.csv_map, channel === null ? all : String(channel)]] : []),
    [texts.csv_rows, String(isMap ? rows : rows * count)],
    [texts.csv_columns, String(isMap ? cols : 1)],
  ].map(([name, cell]) => [textCell(name), cell]);
}

/** A line for each row of each map; of one map without its number. */
function mapRows({ values, count, rows, cols, channel, texts }) {
  const numbers = Array.from({ length: cols }, (_, col) => String(col));
  const channels = channel === null ? Array.from({ length: count }, (_, at) => at) : [channel];
  const lines = channels.flatMap((map) =>
    Array.from({ length: rows }, (_, row) => {
      const from = (map * rows + row) * cols;
      const cells = numbers.map((_unused, col) => float32Text(values[from + col]));
      return channel === null ? [String(map), String(row), ...cells] : [String(row), ...cells];
    })
  );
  const names = [...(channel === null ? [texts.csv_map] : []), texts.csv_row].map(textCell);
  return [[...names, ...numbers], ...lines];
}

function entryRows({ values, classes, texts }) {
  const lines = Array.from(values, (value, at) => [
    String(at),
    ...(classes ? [textCell(classes[at] ?? "")] : []),
    float32Text(value),
  ]);
  return [[texts.csv_entry, ...(classes ? [texts.csv_class] : []), texts.csv_value].map(textCell), ...lines];
}
