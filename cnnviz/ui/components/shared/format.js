// How numbers and sentences are written; `cnnviz/figures/theme.py` writes numbers the same way.

const MINUS = "\u2212";

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
 * A share of 1 in percent.
 * @param {number} share
 * @param {number} [digits]
 * @returns {string}
 */
export function formatPercent(share, digits = 1) {
  return `${(100 * share).toFixed(digits)} %`;
}
