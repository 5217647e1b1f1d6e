// The digits of what the walk shows, also where no digits make the shown arithmetic hold.

import { formatNumber } from "../shared/format.js";
import { digitsOfFactors, digitsThatHold } from "../shared/sums.js";

const OTHERWISE = 4;

/**
 * Digits of the terms, digits of the total, and the sign between them: "≈" where the shown sum does not hold.
 * @param {number[]} terms
 * @param {number} total
 * @param {number} [digits] of the total
 * @returns {{fine: number, coarse: number, sign: string}}
 */
export function sumDigits(terms, total, digits = 3) {
  const found = [...terms, total].every(Number.isFinite) ? digitsThatHold(terms, total, digits) : null;
  if (!found) return { fine: OTHERWISE, coarse: OTHERWISE, sign: "≈" };
  return { fine: found[0], coarse: found[1], sign: "=" };
}

/**
 * Digits of all numbers of two grids, so that every product of the third holds as shown.
 * @returns {{left: number, right: number, sign: string}}
 */
export function gridDigits(lefts, rights, products, digits) {
  const found = [...lefts, ...rights, ...products].every(Number.isFinite) ? digitsOfFactors(lefts, rights, products, digits, 3) : null;
  return found ? { left: found[0], right: found[1], sign: "=" } : { left: 3, right: 3, sign: "≈" };
}

/**
 * Digits of two factors whose shown product is `product` with `digits` decimals.
 * @returns {{left: number, right: number, sign: string}}
 */
export function factorDigits(left, right, product, digits) {
  const found = [left, right, product].every(Number.isFinite) ? digitsOfFactors([left], [right], [product], digits) : null;
  return found ? { left: found[0], right: found[1], sign: "=" } : { left: OTHERWISE, right: OTHERWISE, sign: "≈" };
}

/** A number as a term of a formula: below 0 in brackets. */
export function inBrackets(value, digits) {
  return value < 0 ? `(${formatNumber(value, digits)})` : formatNumber(value, digits);
}
