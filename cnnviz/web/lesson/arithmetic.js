// One cell of one map: what lies under the window, the products, and sentences whose numbers hold as shown. Pure.

import { fill } from "../shared/dom.js";
import { formatNumber } from "../shared/format.js";
import { digitsThatHold, roundedUnits, shownUnits } from "../shared/sums.js";
import { tapsOf } from "../walk/model.js";
import { mapOf } from "./packet.js";

const DIGITS = 2; // of every number of a map

/**
 * @typedef {{layer: object, source: import("./packet.js").Maps, output: import("./packet.js").Maps, channel: number,
 *   pattern: ?import("./packet.js").Maps, divisor: number, sums: ?import("./packet.js").Maps,
 *   winners: ?import("./packet.js").Maps}} Step a layer and its map
 * @typedef {{channel: number, values: (?number)[], pattern: ?number[], products: ?number[]}} Patch what one input map
 *   gives
 */

/**
 * Everything about one cell: the window's places, and for every input map that is looked at the numbers under it.
 * @param {Step} step
 * @param {number} row
 * @param {number} col
 */
export function cellOf(step, row, col) {
  const { layer, source, output, channel } = step;
  const { rows, cols, taps } = tapsOf({ layer }, row, col);
  const [, height, width] = source.shape;
  const exists = ({ row: r, col: c }) => r !== null && c !== null;
  const channels = step.pattern ? lookedAt(step) : [channel];
  const patches = channels.map((from) => {
    const map = mapOf(source, from);
    const values = taps.map((tap) => (exists(tap) ? map[tap.row * width + tap.col] : null));
    const pattern = step.pattern ? [...kernelOfMap(step, from)] : null;
    const products = pattern ? values.map((value, i) => (value ?? 0) * pattern[i]) : null;
    return { channel: from, values, pattern, products };
  });
  const places = taps.filter(exists).map((tap) => tap.row * width + tap.col);
  const at = row * output.shape[2] + col;
  return {
    rows,
    cols,
    patches,
    places,
    height,
    width,
    value: mapOf(output, channel)[at],
    sum: step.sums ? mapOf(step.sums, channel)[at] : null,
    winner: step.winners ? mapOf(step.winners, channel)[at] - 1 : -1, // the tap, as Python says
  };
}

/** The input maps that a pattern looks at: elsewhere it is 0. */
export function lookedAt(step) {
  const count = step.source.shape[0];
  return Array.from({ length: count }, (_, from) => from).filter((from) =>
    kernelOfMap(step, from).some((weight) => weight !== 0)
  );
}

function kernelOfMap({ pattern, channel }, from) {
  const [, count, rows, cols] = pattern.shape;
  const size = rows * cols;
  return pattern.values.subarray((channel * count + from) * size, (channel * count + from + 1) * size);
}

/**
 * A convolution's cell as a sentence.
 * @param {ReturnType<typeof cellOf>} cell
 * @param {number} divisor
 * @param {Record<string, string>} texts
 */
export function meanSentence(cell, divisor, texts) {
  const products = cell.patches.flatMap((patch) => patch.products.filter((_, i) => patch.pattern[i] !== 0));
  const isCounted = products.length === divisor && products.every((product) => Math.abs(product) === 1);
  if (isCounted && divisor === 9) {
    const plus = products.filter((product) => product > 0).length;
    const sum = formatNumber(cell.sum, 0);
    return fill(texts.agreeing, {
      plus,
      minus: 9 - plus,
      sum,
      sign: signOf(cell.sum, 0, 9, cell.value),
      value: formatNumber(cell.value, DIGITS),
    });
  }
  const digits = sumDigits(products, cell, divisor);
  const sum = formatNumber(cell.sum, digits?.sum ?? DIGITS);
  return fill(texts.mean_of, {
    count: divisor,
    sum,
    sign: digits ? "=" : "\u2248",
    value: formatNumber(cell.value, DIGITS),
  });
}

/**
 * Decimals of the products and of their sum, so that the sum as shown, divided, is the value as shown; null: none do.
 * @param {number[]} products
 * @param {{sum: number, value: number}} cell
 * @param {number} divisor
 * @returns {?{terms: number, sum: number}}
 */
export function sumDigits(products, { sum, value }, divisor) {
  for (let wanted = DIGITS; wanted <= 6; wanted += 1) {
    const held = digitsThatHold(products, sum, wanted);
    if (held && held[1] === wanted && signOf(sum, wanted, divisor, value) === "=")
      return { terms: held[0], sum: wanted };
  }
  return null;
}

/** "=" where the sum as shown, divided, rounds to the value as shown. */
function signOf(sum, digits, divisor, value) {
  const units = shownUnits(sum, digits);
  const fine = 12;
  const quotient = (units * 10n ** BigInt(fine - digits)) / BigInt(divisor);
  return roundedUnits(quotient, fine, DIGITS) === shownUnits(value, DIGITS) ? "=" : "\u2248";
}

/** A pooling's cell as a sentence. */
export function largestSentence(cell, texts) {
  const values = cell.patches[0].values.filter((value) => value !== null);
  const said = fill(texts.largest, {
    values: values.map((value) => formatNumber(value, DIGITS)).join(", "),
    value: formatNumber(cell.value, DIGITS),
  });
  return values.length < 4 ? `${said}. ${fill(texts.ragged, { count: values.length })}` : said;
}

/** The cells that an average pooling adds up: those that are there. */
function averaged(cell) {
  const values = cell.patches[0].values.filter((value) => value !== null);
  return { values, sum: values.reduce((sum, value) => sum + value, 0), count: values.length };
}

/** Decimals of what an average pooling adds up, so that the sentence holds; null: none do. */
export function averageDigits(cell) {
  const { values, sum, count } = averaged(cell);
  return sumDigits(values, { sum, value: cell.value }, count);
}

/** An average pooling's cell as a sentence. */
export function averageSentence(cell, texts) {
  const { values, sum, count } = averaged(cell);
  const digits = averageDigits(cell);
  const said = fill(texts.mean_of_window, {
    values: values.map((value) => formatNumber(value, digits?.terms ?? DIGITS)).join(" + "),
    sum: formatNumber(sum, digits?.sum ?? DIGITS),
    count,
    sign: digits ? "=" : "\u2248",
    value: formatNumber(cell.value, DIGITS),
  });
  return count < 4 ? `${said}. ${fill(texts.ragged, { count })}` : said;
}

/** A ReLU's cell as a sentence. */
export function reluSentence(cell, texts) {
  const value = cell.patches[0].values[0];
  return fill(value < 0 ? texts.relu_cuts : texts.relu_keeps, {
    value: formatNumber(value, DIGITS),
    result: formatNumber(cell.value, DIGITS),
  });
}

/** Whether a guess is the value, as the value is shown: two decimals. @param {number} guess @param {number} value */
export function isRightGuess(guess, value) {
  return Math.abs(guess - Number(value.toFixed(DIGITS))) < 0.005 + 1e-9;
}
