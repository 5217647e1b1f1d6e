// The digits of what the walk shows, also where no digits make the shown arithmetic hold.

import { formatNumber } from "../shared/format.js";
import {
  digitsOfFunction,
  digitsOfMean,
  digitsOfNormalisation,
  digitsOfQuotient,
  digitsOfShares,
  digitsOfStrongest,
  listedChannels,
} from "../shared/holding.js";
import { MOST_DIGITS, VALUE_DIGITS, decimalsOf, digitsOfFactors, digitsThatHold } from "../shared/sums.js";

const MORE = 2; // decimals of the parts where nothing holds

/**
 * Digits of the terms, digits of the total, and the sign between them: "≈" where the shown sum does not hold.
 * @param {ArrayLike<number>} terms
 * @param {number} total
 * @param {number} [most] decimals of the total; whole numbers have none
 * @returns {{fine: number, coarse: number, sign: string}}
 */
export function sumDigits(terms, total, most = VALUE_DIGITS) {
  const digits = decimalsOf([...terms, total], most);
  return found([...terms, total], () => digitsThatHold(terms, total, digits), digits);
}

/**
 * Digits of a sum over channels: of the products of each (of as many as are written), of the shares, of the total.
 * @param {number[][]} groups the products of every channel
 * @param {number[]} shares
 * @param {number} bias
 * @param {number} total
 * @returns {{each: number[], fine: number, coarse: number, sign: string}}
 */
export function shareDigits(groups, shares, bias, total) {
  const listed = groups.slice(0, listedChannels(groups[0].length));
  const digits = decimalsOf([...shares, bias, total]);
  const held = [...shares, bias, total].every(Number.isFinite)
    ? digitsOfShares(listed, shares, bias, total, digits)
    : null;
  const [each, fine, coarse] = held ?? [listed.map(() => digits + MORE), digits + MORE, digits];
  return { each, fine, coarse, sign: held ? "=" : "≈" };
}

/** Digits of the terms of a long sum, the strongest first, and of its total. */
export function strongestDigits(terms, bias, total) {
  const digits = decimalsOf([...terms, bias, total]);
  return found([...terms, bias, total], () => digitsOfStrongest(terms, bias, total, digits), digits);
}

/**
 * The same for products of a channel that is not listed: their sum has exactly `digits` decimals.
 * @returns {{fine: number, coarse: number, sign: string}}
 */
export function partDigits(terms, total, digits) {
  return found([...terms, total], () => digitsThatHold(terms, total, digits), digits);
}

/** Digits of two numbers and of the one divided by the other. */
export function quotientDigits(above, below, result, digits = decimalsOf([above, below, result])) {
  return found([above, below, result], () => digitsOfQuotient(above, below, result, digits), digits);
}

/** Digits of two factors and of their product, which has as many as a value that stands alone. */
export function productDigits(left, right, product) {
  const coarse = decimalsOf([product]);
  return { coarse, ...columnDigits([left], [right], [product], coarse) };
}

/** Digits of a value and of what a function makes of it. */
export function functionDigits(value, made, result) {
  const digits = decimalsOf([value, result]);
  return found([value, result], () => digitsOfFunction(value, made, result, digits), digits);
}

function found(numbers, search, digits) {
  const pair = numbers.every(Number.isFinite) ? search() : null;
  return pair ? { fine: pair[0], coarse: pair[1], sign: "=" } : { fine: digits + MORE, coarse: digits, sign: "≈" };
}

/**
 * Decimals of values, of their sum, and of the mean; "≈" where none hold.
 * @param {number[]} values
 * @param {number} divisor
 * @param {number} mean
 * @returns {{sum: number, fine: number, middle: number, coarse: number, sign: string}}
 */
export function meanDigits(values, divisor, mean) {
  const sum = values.reduce((made, value) => made + value, 0);
  const digits = decimalsOf([...values, mean]);
  if (![...values, mean].every(Number.isFinite))
    return {
      sum,
      fine: digits,
      middle: digits,
      coarse: digits,
      sign: "=",
    };
  const held = digitsOfMean(values, sum, divisor, mean, digits);
  const [fine, middle, coarse] = held ?? [digits + MORE, digits + MORE, digits];
  return { sum, fine, middle, coarse, sign: held ? "=" : "≈" };
}

/**
 * Digits of the parts of a normalisation and of its result.
 * @param {{value: number, mean: number, variance: number, epsilon: number, gamma: number, beta: number}} parts
 * @param {number} result
 */
export function normalisationDigits(parts, result) {
  const { epsilon, ...others } = parts;
  const digits = decimalsOf([...Object.values(others), result]);
  const root = Math.sqrt(parts.variance + epsilon);
  const results = [root, (parts.value - parts.mean) / root, result];
  const held = [...Object.values(others), ...results].every(Number.isFinite)
    ? digitsOfNormalisation(parts, results, digits)
    : null;
  return held ? { fine: held[0], coarse: held[3], sign: "=" } : { fine: MOST_DIGITS, coarse: digits, sign: "≈" };
}

/**
 * Digits of all numbers of two columns, at most `most`, so that every product holds as shown; "≈" where some does not.
 * @returns {{left: number, right: number, sign: string}}
 */
export function columnDigits(lefts, rights, products, digits, most = MOST_DIGITS) {
  const least = [decimalsOf(lefts), decimalsOf(rights)];
  const held = [...lefts, ...rights, ...products].every(Number.isFinite)
    ? digitsOfFactors(lefts, rights, products, digits, least, most)
    : null;
  const [left, right] = held ?? least;
  return { left, right, sign: held ? "=" : "≈" };
}

/** The same for grids: four decimals are as many as a cell holds; pointed at, each product is said so that it holds. */
export function gridDigits(lefts, rights, products, digits) {
  return columnDigits(lefts, rights, products, digits, 4);
}

/** A number in a cell of a grid: 0 is a whole number, what only looks like it is not. */
export function gridText(value, digits) {
  return value === 0 ? "0" : formatNumber(value, digits);
}

/** Digits of two factors whose shown product is `product` with `digits` decimals. */
export function factorDigits(left, right, product, digits) {
  const own = columnDigits([left], [right], [product], digits);
  return own.sign === "=" ? own : { left: digits, right: digits, sign: own.sign };
}

/** The same for one of several products: those of all of them, where these hold. */
export function termDigits(lefts, rights, products, at, digits) {
  const common = columnDigits(lefts, rights, products, digits);
  return common.sign === "=" ? common : factorDigits(lefts[at], rights[at], products[at], digits);
}

/** A number as a term of a formula: below 0 in brackets. */
export function inBrackets(value, digits) {
  return value < 0 ? `(${formatNumber(value, digits)})` : formatNumber(value, digits);
}
