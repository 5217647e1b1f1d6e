// How numbers and sentences are written; `cnnviz/figures/theme.py` writes numbers the same way.

import { decimalsOf } from "./sums.js";

export const MINUS = "\u2212";
export const PROBABILITY_DIGITS = 6; // of a probability in a table: what softmax leaves of the others is small

/**
 * A value with a fixed number of decimals and a true minus sign.
 * @param {number} value
 * @param {number} [digits]
 * @returns {string}
 */
export function formatNumber(value, digits = 4) {
  const text = value.toFixed(digits);
  const negative = text.startsWith("-") && Number(text) !== 0;
  return (negative ? MINUS : "") + text.replace("-", "");
}

/**
 * A value that stands alone: three decimals at most, a whole number none.
 * @param {number} value
 * @returns {string}
 */
export function valueText(value) {
  return formatNumber(value, decimalsOf([value]));
}

/**
 * A share of 1 in percent; what is not quite all or nothing never looks like it, and what is no number is a dash.
 * @param {number} share
 * @param {number} [digits]
 * @returns {string}
 */
export function formatPercent(share, digits = 1) {
  if (!Number.isFinite(share)) return "–";
  const step = 10 ** -digits;
  const text = (100 * share).toFixed(digits);
  if (share > 0 && share < 1 && Number(text) === 100) return `> ${(100 - step).toFixed(digits)} %`;
  return share > 0 && Number(text) === 0 ? `< ${step.toFixed(digits)} %` : `${text} %`;
}

/** Decimals with which numbers up to `half` keep about four figures. */
export function digitsFor(half) {
  return half > 0 ? Math.max(3, Math.min(12, 3 - Math.floor(Math.log10(half)))) : 3;
}
