// What is open as a file of numbers: the very values that are shown, float32 as PyTorch computed them.

import { float32Text, tableText, textCell } from "../shared/csv.js";
import { fileName, saveBlob } from "../shared/savefile.js";

/**
 * @typedef {{name: string, title: string, values: ArrayLike<number>, hasOwnRanges: boolean,
 *   scale: (channel: number) => import("../shared/atlas.js").Scale, textOf?: (entry: number) => string}} Part values of
 *   a layer, all of one shape; `name`: "" where they are the only ones; `textOf`: an entry of a vector, where it is not
 *   written as usual
 * @typedef {{names: string[], about: [string, string][], layer: string, note: string, form: string, count: number,
 *   rows: number, cols: number, channel: ?number, classes: ?string[], parts: Part[],
 *   texts: Record<string, string>}} Saved one layer, or one map of it (`channel`, else null); `names`: of the networks,
 *   for the name of the file; `about`: what the first lines of a table say; `note`: what the values are where they are
 *   not the layer's output
 */

/** @param {Saved} saved */
export function saveNumbers(saved) {
  saveBlob(nameOf(saved, "csv"), new Blob([numbersText(saved)], { type: "text/csv" }));
}

/** The name of a file: networks, layer, map. @param {Saved} saved @param {string} ending */
export function nameOf({ names, layer, note, channel, form, texts }, ending) {
  const part = channel === null ? (form === "maps" ? [texts.file_maps] : []) : [texts.file_map, channel];
  return fileName([...names, layer, ...part, note], ending);
}

/** The text of the file: what it is, an empty line, then the table. @param {Saved} saved */
export function numbersText(saved) {
  return tableText([...aboutFile(saved), [], ...(saved.form === "maps" ? mapRows(saved) : entryRows(saved))]);
}

function aboutFile({ about, layer, note, form, count, rows, cols, channel, texts }) {
  const isMap = form === "maps";
  const all = isMap ? `0-${count - 1}` : "";
  return [
    ...about.map(([name, text]) => [name, textCell(text)]),
    [texts.csv_layer, textCell(layer)],
    ...(note ? [[texts.csv_values, textCell(note)]] : []),
    ...(isMap ? [[texts.csv_map, channel === null ? all : String(channel)]] : []),
    [texts.csv_rows, String(isMap ? rows : rows * count)],
    [texts.csv_columns, String(isMap ? cols : 1)],
  ].map(([name, cell]) => [textCell(name), cell]);
}

/** A line for each row of each map of each part; of one part without its name, of one map without its number. */
function mapRows({ parts, count, rows, cols, channel, texts }) {
  const numbers = Array.from({ length: cols }, (_, col) => String(col));
  const channels = channel === null ? Array.from({ length: count }, (_, at) => at) : [channel];
  const lines = parts.flatMap(({ name, values }) =>
    channels.flatMap((map) =>
      Array.from({ length: rows }, (_, row) => {
        const from = (map * rows + row) * cols;
        const cells = numbers.map((_unused, col) => float32Text(values[from + col]));
        const place = channel === null ? [String(map), String(row)] : [String(row)];
        return [...(name ? [textCell(name)] : []), ...place, ...cells];
      })
    )
  );
  const isOfSeveral = parts.some(({ name }) => name);
  const names = [
    ...(isOfSeveral ? [texts.csv_values] : []),
    ...(channel === null ? [texts.csv_map] : []),
    texts.csv_row,
  ];
  return [[...names.map(textCell), ...numbers], ...lines];
}

function entryRows({ parts, classes, texts }) {
  const lines = Array.from(parts[0].values, (_, at) => [
    String(at),
    ...(classes ? [textCell(classes[at] ?? "")] : []),
    ...parts.map(({ values }) => float32Text(values[at])),
  ]);
  const heads = parts.map(({ name }) => name || texts.csv_value);
  return [[texts.csv_entry, ...(classes ? [texts.csv_class] : []), ...heads].map(textCell), ...lines];
}
