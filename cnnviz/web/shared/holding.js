// How many decimals each step of a longer arithmetic gets so that every step holds as it is read; exact, with BigInt.
// `cnnviz/figures/display_precision.py` is the same rule, and `tests/figures/decimal_cases.py` holds the cases that
// both must solve alike.

import { MOST_DIGITS, roundedUnits, shownUnits, sumHolds } from "./sums.js";

const LEEWAY = [-1e-12, 1e-12]; // what computing with binary numbers may move
const PLACES = 60; // decimals of roots and quotients
const MOST_TERMS = 3000; // that are written one by one
export const STRONGEST = 10; // terms of a long sum that stand beside the sum of all others

const scale = (places) => 10n ** BigInt(places);

/** All [fine, coarse]: the most decimals of the total first, of these the fewest of the terms. */
function staggered(digits) {
  const pairs = [];
  for (let coarse = digits; coarse >= 0; coarse -= 1) {
    for (let fine = coarse; fine <= MOST_DIGITS; fine += 1) pairs.push([fine, coarse]);
  }
  return pairs;
}

/** Of how many channels all `size` products are written. @param {number} size @returns {number} */
export function listedChannels(size) {
  return Math.max(1, Math.floor(MOST_TERMS / (size + 1)));
}

/** The terms added up one after the other. @param {ArrayLike<number>} terms */
export function added(terms) {
  let total = 0;
  for (let at = 0; at < terms.length; at += 1) total += terms[at];
  return total;
}

/** The sums that are written: all terms, and where only some are listed, these with the sum of the others. */
function told(terms, bias, listed) {
  const every = [...terms, bias];
  return listed >= terms.length ? [every] : [every, [...terms.slice(0, listed), added(terms.slice(listed)), bias]];
}

/** The fewest decimals of the terms that make the total shown with exactly `digits`; null: none. */
function finer(terms, total, digits) {
  for (let fine = digits; fine <= MOST_DIGITS; fine += 1) if (sumHolds(terms, total, fine, digits)) return fine;
  return null;
}

/**
 * Decimals of the terms of each group, of the shares, of the total: each group makes its share, and the shares with
 * the bias make the total, all as shown; with fewer groups than shares the others also hold as one number, their sum.
 * @param {number[][]} groups
 * @param {number[]} shares
 * @param {number} bias
 * @param {number} total
 * @param {number} digits of the total, fewer where it must be
 * @returns {?[number[], number, number]} null where none do (write ≈)
 */
export function digitsOfShares(groups, shares, bias, total, digits) {
  const sums = told(shares, bias, groups.length);
  for (const [fine, coarse] of staggered(digits)) {
    if (!sums.every((terms) => sumHolds(terms, total, fine, coarse))) continue;
    const each = [];
    for (const group of groups) {
      each.push(finer(group, shares[each.length], fine));
      if (each[each.length - 1] === null) break;
    }
    if (each[each.length - 1] !== null) return [each, fine, coarse];
  }
  return null;
}

/**
 * Decimals of the terms, of the total: the terms, the strongest first, and the bias make the total as shown, all of
 * them one by one and also the strongest with the sum of the others.
 * @param {number[]} terms
 * @param {number} bias
 * @param {number} total
 * @param {number} digits of the total, fewer where it must be
 * @returns {?[number, number]}
 */
export function digitsOfStrongest(terms, bias, total, digits) {
  const sums = [STRONGEST, MOST_TERMS].map((most) => told(terms, bias, most).at(-1));
  return staggered(digits).find(([fine, coarse]) => sums.every((one) => sumHolds(one, total, fine, coarse))) ?? null;
}

/** above / below in units of 10^-digits, ties away from 0. */
function quotientUnits(above, below, digits) {
  const [top, bottom] = below < 0n ? [-above, -below] : [above, below];
  const size = top < 0n ? -top : top;
  const rounded = (2n * size * scale(digits) + bottom) / (2n * bottom);
  return top < 0n ? -rounded : rounded;
}

/**
 * Decimals of the values, of their sum, of the mean: the values as shown make the sum, and sum / divisor the mean.
 * @param {number[]} values
 * @param {number} total
 * @param {number} divisor a whole number
 * @param {number} mean
 * @param {number} digits of the mean, fewer where it must be
 * @returns {?[number, number, number]} null where none do (write ≈)
 */
export function digitsOfMean(values, total, divisor, mean, digits) {
  for (const [middle, coarse] of staggered(digits)) {
    if (quotientUnits(shownUnits(total, middle), BigInt(divisor) * scale(middle), coarse) !== shownUnits(mean, coarse))
      continue;
    const fine = finer(values, total, middle);
    if (fine !== null) return [fine, middle, coarse];
  }
  return null;
}

/**
 * Decimals of both numbers, of the result: the one as shown divided by the other as shown is the result as shown.
 * @param {number} above
 * @param {number} below
 * @param {number} result
 * @param {number} digits of the result, fewer where it must be
 * @returns {?[number, number]} null where none do (write ≈)
 */
export function digitsOfQuotient(above, below, result, digits) {
  const holds = ([fine, coarse]) => {
    const bottom = shownUnits(below, fine);
    return bottom !== 0n && quotientUnits(shownUnits(above, fine), bottom, coarse) === shownUnits(result, coarse);
  };
  return staggered(digits).find(holds) ?? null;
}

/**
 * Decimals of the value, of the result: the function of the value as shown is the result as shown.
 * @param {number} value
 * @param {(value: number) => number} made
 * @param {number} result
 * @param {number} digits of the result
 * @returns {?[number, number]}
 */
export function digitsOfFunction(value, made, result, digits) {
  const wanted = shownUnits(result, digits);
  for (let fine = digits; fine <= MOST_DIGITS; fine += 1) {
    const found = made(Number(value.toFixed(fine)));
    if (Number.isFinite(found) && LEEWAY.every((way) => shownUnits(found * (1 + way), digits) === wanted))
      return [fine, digits];
  }
  return null;
}

/**
 * Decimals of the parts, of the root, of the normalised value, of the result: three steps hold one after the other as
 * they are shown, and so does the whole formula at once.
 * @param {{value: number, mean: number, variance: number, epsilon: number, gamma: number, beta: number}} parts
 *   `epsilon`
 *   is shown in full
 * @param {[number, number, number]} results √(variance + epsilon), (value − mean) / root, gamma · normalised + beta
 * @param {number} digits
 * @returns {?[number, number, number, number]}
 */
export function digitsOfNormalisation(parts, [root, normalised, total], digits) {
  const small = Math.max(0, -Math.floor(Math.log10(root))); // a root below 1 magnifies what is rounded
  for (const [middle, coarse] of staggered(digits)) {
    const [fine, ofRoot] = [
      Math.min(MOST_DIGITS, middle + 2 + 2 * small),
      Math.min(MOST_DIGITS, middle + 1 + 2 * small),
    ];
    const at = Object.fromEntries(
      Object.entries(parts).map(([name, value]) => [name, shownUnits(value, fine) * scale(PLACES - fine)])
    );
    const spread = at.variance + decimalUnits(parts.epsilon);
    const [rootShown, normalisedShown] = [shownUnits(root, ofRoot), shownUnits(normalised, middle)];
    if (rootShown <= 0n || spread <= 0n || rootUnits(spread, ofRoot) !== rootShown) continue;
    const apart = at.value - at.mean;
    if (quotientUnits(apart, rootShown * scale(PLACES - ofRoot), middle) !== normalisedShown) continue;
    const stepwise = (at.gamma * normalisedShown) / scale(middle) + at.beta; // exact: gamma has few decimals
    const wanted = shownUnits(total, coarse);
    if (roundedUnits(stepwise, PLACES, coarse) !== wanted) continue;
    const wholeRoot = squareRoot(spread * scale(PLACES)); // with PLACES decimals
    if (roundedUnits((apart * at.gamma) / wholeRoot + at.beta, PLACES, coarse) === wanted)
      return [fine, ofRoot, middle, coarse];
  }
  return null;
}

/** √ of units of 10^-PLACES in units of 10^-digits, ties away from 0. */
function rootUnits(units, digits) {
  return (squareRoot((4n * units * scale(2 * digits)) / scale(PLACES)) + 1n) / 2n;
}

/** The largest whole number whose square is not above. */
function squareRoot(whole) {
  if (whole < 2n) return whole;
  let root = 1n << BigInt((whole.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + whole / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** A number as it is written, "1e-5" too, in units of 10^-PLACES. */
function decimalUnits(value) {
  const [figures, exponent = "0"] = String(value).split("e");
  const [whole, rest = ""] = figures.split(".");
  return BigInt(whole + rest) * scale(PLACES - rest.length + Number(exponent));
}
