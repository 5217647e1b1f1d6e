// Where the walk over a map begins: not in the padding of a corner, where every product is 0. Pure.

/**
 * The cell with the largest absolute value, the first of several.
 * @param {import("../network/packet.js").Layer} layer
 * @param {number} channel
 * @returns {?{row: number, col: number}} null where every value is 0
 */
export function strongestCell(layer, channel) {
  const size = layer.rows * layer.cols;
  const values = layer.output.values.subarray(channel * size, (channel + 1) * size);
  let best = -1;
  let most = 0;
  for (let at = 0; at < values.length; at += 1) {
    if (Math.abs(values[at]) > most) [best, most] = [at, Math.abs(values[at])];
  }
  return best < 0 ? null : { row: Math.floor(best / layer.cols), col: best % layer.cols };
}

/**
 * The cell to begin with: the one that pointer or keys are on, else the strongest one, else the middle.
 * @param {import("../network/packet.js").Layer} layer the open one
 * @param {number} channel
 * @param {?import("../explorer/hit.js").Cell} pointed
 * @returns {{row: number, col: number, isStrongest: boolean}}
 */
export function beginningOf(layer, channel, pointed) {
  if (pointed) return { row: pointed.row, col: pointed.col, isStrongest: false };
  if (!["maps", "strip"].includes(layer.form)) return { row: 0, col: 0, isStrongest: false }; // the unit that is open
  const strongest = strongestCell(layer, layer.form === "maps" ? channel : 0);
  return { row: layer.rows >> 1, col: layer.cols >> 1, ...strongest, isStrongest: strongest !== null };
}
