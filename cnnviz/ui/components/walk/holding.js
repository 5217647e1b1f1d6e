// Digits for longer arithmetic, found by doing what a reader would: compute with the numbers as they are shown.

import { MINUS, formatNumber } from "../shared/format.js";
import { sumDigits } from "./digits.js";

const FEWEST = 4;
const MOST = 9;
const LEEWAY = 1e-12; // what computing with binary numbers may move

/** A shown number as a reader takes it. */
function taken(value, digits) {
  return Number(formatNumber(value, digits).replace(MINUS, "-"));
}

/** Whether `made` rounds to the result as shown, and no tie leaves it open to which side. */
function isRoundedTo(made, result, digits) {
  const text = formatNumber(result, digits);
  return [1 - LEEWAY, 1 + LEEWAY].every((factor) => formatNumber(made * factor, digits) === text);
}

/**
 * The fewest decimals of the parts with which a formula, computed from the parts as shown, gives the result as shown.
 * @param {number[]} parts
 * @param {(...shown: number[]) => number} formula
 * @param {number} result
 * @param {number} [digits] of the result
 * @returns {{fine: number, coarse: number, sign: string}} "≈" where none do
 */
export function formulaDigits(parts, formula, result, digits = FEWEST) {
  for (let fine = digits; fine <= MOST; fine += 1) {
    const made = formula(...parts.map((part) => taken(part, fine)));
    if (isRoundedTo(made, result, digits)) return { fine, coarse: digits, sign: "=" };
  }
  return { fine: digits + 2, coarse: digits, sign: "≈" };
}

/**
 * Decimals of values, of their sum, and of the mean: the values as shown make the sum, the sum as shown the mean.
 * @param {number[]} values
 * @param {number} divisor
 * @param {number} mean
 * @returns {{sum: number, fine: number, middle: number, coarse: number, sign: string}} "≈" where none do
 */
export function meanDigits(values, divisor, mean) {
  const sum = values.reduce((made, value) => made + value, 0);
  for (let middle = FEWEST; middle <= MOST && Number.isFinite(sum); middle += 1) {
    if (!isRoundedTo(taken(sum, middle) / divisor, mean, FEWEST)) continue;
    const { fine, coarse, sign } = sumDigits(values, sum, middle);
    if (coarse === middle && sign === "=") return { sum, fine, middle, coarse: FEWEST, sign };
  }
  return { sum, fine: FEWEST, middle: FEWEST, coarse: FEWEST, sign: Number.isFinite(sum) ? "≈" : "=" };
}
