// How many decimals to show so that the shown arithmetic holds; `cnnviz/figures/rounding.py` is the same rule.
// Exact: a value shown with d decimals is a whole number of 10^-d, and whole numbers are BigInt.

export const MOST_DIGITS = 9;
export const VALUE_DIGITS = 3; // of a value that stands in a cell, wherever it is shown
const NEAR = 2 ** -22; // what float32 leaves of a short decimal such as 0.1

/**
 * The fewest decimals, up to `most`, that show all values as exactly as float32 holds them: 0 for whole numbers.
 * @param {ArrayLike<number>} values those that are not finite need none
 * @param {number} [most]
 * @returns {number}
 */
export function decimalsOf(values, most = VALUE_DIGITS) {
  const isExact = (value, digits) =>
    !Number.isFinite(value) || Math.abs(value - Number(value.toFixed(digits))) <= NEAR * Math.abs(value);
  for (let digits = 0; digits < most; digits += 1) {
    let at = 0;
    while (at < values.length && isExact(values[at], digits)) at += 1;
    if (at === values.length) return digits;
  }
  return most;
}

/**
 * The value as `toFixed` shows it, in units of its last decimal.
 * @param {number} value
 * @param {number} digits
 * @returns {bigint}
 */
export function shownUnits(value, digits) {
  if (!Number.isFinite(value)) throw new RangeError(`value must be finite, got ${value}: write it as it is`);
  if (Math.abs(value) >= 1e21) return BigInt(value) * 10n ** BigInt(digits); // whole; toFixed would write an exponent
  return BigInt(value.toFixed(digits).replace(".", ""));
}

/**
 * Units of 10^-from rounded to units of 10^-to, ties away from 0.
 * @param {bigint} units
 * @param {number} from at least `to`
 * @param {number} to
 * @returns {bigint}
 */
export function roundedUnits(units, from, to) {
  const step = 10n ** BigInt(from - to);
  const size = units < 0n ? -units : units;
  const rounded = (2n * size + step) / (2n * step);
  return units < 0n ? -rounded : rounded;
}

/**
 * Whether the terms as shown, added up by hand, make the total as shown.
 * @param {Iterable<number>} terms
 * @param {number} total
 * @param {number} termDigits at least `totalDigits`
 * @param {number} totalDigits
 * @returns {boolean}
 */
export function sumHolds(terms, total, termDigits, totalDigits) {
  let added = 0n;
  for (const term of terms) added += shownUnits(term, termDigits);
  return roundedUnits(added, termDigits, totalDigits) === shownUnits(total, totalDigits);
}

/**
 * The fewest decimals with which the shown sum holds: [of the terms, of the total], null where none do (write ≈).
 * @param {ArrayLike<number> & Iterable<number>} terms
 * @param {number} total
 * @param {number} [digits] of the total, fewer where it must be
 * @param {number} [most] of the terms
 * @returns {[number, number] | null}
 */
export function digitsThatHold(terms, total, digits = 3, most = MOST_DIGITS) {
  mustBeDigits(digits, most);
  for (let totalDigits = digits; totalDigits >= 0; totalDigits--) {
    for (let termDigits = totalDigits; termDigits <= most; termDigits++) {
      if (sumHolds(terms, total, termDigits, totalDigits)) return [termDigits, totalDigits];
    }
  }
  return null;
}

/**
 * Whether the factors as shown, multiplied by hand, make the product as shown.
 * @param {number} left
 * @param {number} right
 * @param {number} product
 * @param {[number, number, number]} digits of left, right and product
 * @returns {boolean}
 */
export function productHolds(left, right, product, [leftDigits, rightDigits, productDigits]) {
  const made = shownUnits(left, leftDigits) * shownUnits(right, rightDigits);
  const from = leftDigits + rightDigits;
  const missing = Math.max(productDigits - from, 0);
  const rounded = roundedUnits(made * 10n ** BigInt(missing), from + missing, productDigits);
  return rounded === shownUnits(product, productDigits);
}

/**
 * The fewest decimals with which every shown product holds: [of the left factors, of the right ones], or null.
 * @param {ArrayLike<number>} lefts
 * @param {ArrayLike<number>} rights
 * @param {ArrayLike<number>} products
 * @param {number} productDigits
 * @param {number | [number, number]} [digits] of both factors at least, or of each
 * @param {number} [most]
 * @returns {[number, number] | null}
 */
export function digitsOfFactors(lefts, rights, products, productDigits, digits = 2, most = MOST_DIGITS) {
  const [ofLeft, ofRight] = typeof digits === "number" ? [digits, digits] : digits;
  for (const least of [ofLeft, ofRight]) mustBeDigits(least, most);
  if (lefts.length !== rights.length || lefts.length !== products.length) {
    const counts = `${lefts.length}, ${rights.length} and ${products.length}`;
    throw new RangeError(`factors and products must be as many, got ${counts}: give one pair a product`);
  }
  const rows = Array.from(products, (product, at) => [lefts[at], rights[at], product]);
  for (const [left, right] of digitPairs(ofLeft, ofRight, most)) {
    if (rows.every((row) => productHolds(...row, [left, right, productDigits]))) return [left, right];
  }
  return null;
}

/** All pairs: few decimals in all first, of equals those that differ least, the left one the shorter. */
function digitPairs(ofLeft, ofRight, most) {
  const pairs = [];
  for (let left = ofLeft; left <= most; left++) {
    for (let right = ofRight; right <= most; right++) pairs.push([left, right]);
  }
  const gap = ([left, right]) => Math.abs(left - right);
  return pairs.sort((a, b) => a[0] + a[1] - b[0] - b[1] || gap(a) - gap(b) || a[0] - b[0]);
}

function mustBeDigits(digits, most) {
  if (digits >= 0 && digits <= most) return;
  throw new RangeError(`digits must be from 0 to ${most}, got ${digits}: choose fewer`);
}
