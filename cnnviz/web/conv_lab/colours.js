// Three maps as one picture: red, green and blue.

import { paintPixels } from "../shared/canvas.js";

/**
 * How far the colours reach: black to full where nothing is negative, else 0 in the middle of each.
 * @param {ArrayLike<number>} values three maps @returns {{low: number, high: number}}
 */
export function colourSpan(values) {
  let [least, most] = [0, 0];
  for (const value of values) [least, most] = [Math.min(least, value), Math.max(most, value)];
  const half = Math.max(-least, most);
  return least < 0 ? { low: -half, high: half } : { low: 0, high: Math.max(1, most) };
}

/**
 * @param {ArrayLike<number>} values three maps one after the other
 * @param {{rows: number, cols: number, low: number, high: number}} how
 * @param {import("../shared/atlas.js").Atlas} [old] painted anew where the size is the same
 * @returns {import("../shared/atlas.js").Atlas} of one map
 */
export function paintColours(values, { rows, cols, low, high }, old) {
  const canvas = old?.canvas ?? document.createElement("canvas");
  const size = rows * cols;
  paintPixels(canvas, { rows, cols }, (_, bytes) => {
    for (let at = 0; at < size; at += 1) {
      for (let c = 0; c < 3; c += 1)
        bytes[4 * at + c] = Math.round(((values[c * size + at] - low) / (high - low)) * 255);
      bytes[4 * at + 3] = 255;
    }
  });
  return { canvas, rows, cols };
}
