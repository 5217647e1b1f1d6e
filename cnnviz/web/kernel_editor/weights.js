// A weight as it is typed and as it is written in a small field. Pure.

const MINUS_SIGN = "\u2212";

/**
 * The number that was typed: "0.5", "0,5", "−1", "1/9"; null for anything else.
 * @param {string} text
 * @returns {?number}
 */
export function parseWeight(text) {
  const plain = text.trim().replaceAll(MINUS_SIGN, "-").replaceAll(",", ".");
  const found = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,2})?)(?:\s*\/\s*(\d+\.?\d*))?$/i.exec(plain);
  if (!found) return null;
  const value = Number(found[1]) / (found[2] === undefined ? 1 : Number(found[2]));
  return Number.isFinite(value) ? value : null;
}

/**
 * A weight in few characters: whole numbers without decimals, others with at most `digits`, no trailing zeros.
 * A number that this would show as 0 keeps its first figure.
 * @param {number} value
 * @param {number} [digits]
 * @returns {string}
 */
export function weightText(value, digits = 3) {
  if (!Number.isFinite(value)) return String(value);
  const fixed = Number(value.toFixed(digits));
  const text = String(fixed === 0 && value !== 0 ? Number(value.toPrecision(1)) : fixed);
  return text.replace("-", MINUS_SIGN);
}

/**
 * Every figure of a weight, for the field that is being edited.
 * @param {number} value a float32
 * @returns {string}
 */
export function exactText(value) {
  const short = Number(value.toPrecision(8));
  return String(Math.fround(short) === Math.fround(value) ? short : value).replace("-", MINUS_SIGN);
}

/**
 * A value on the grid of a step, free of binary dust: 0.30000000000000004 is 0.3.
 * @param {number} value
 * @param {number} step
 * @returns {number}
 */
export function onGrid(value, step) {
  return Number((Math.round(value / step) * step).toFixed(6));
}

/**
 * A round step for a range: about a hundredth of it, 1, 2 or 5 times a power of ten.
 * @param {number} half the range runs from −half to +half
 * @returns {number}
 */
export function stepOf(half) {
  const rough = half / 100;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((one) => one * power >= rough * 0.999) ?? 10;
  return Number((factor * power).toPrecision(1));
}
