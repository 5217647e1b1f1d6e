// Numbers written where room is short, into cells and under scales: none ever loses a character. First they get smaller
// type or fewer decimals, all of a group alike; what still does not fit stands as "…", and its value is read on hover.

import { largestSize } from "./extent.js";
import { MINUS, formatNumber } from "./format.js";

export const OMITTED = "\u2026";
export const FAMILY_OF_NUMBERS = "system-ui, sans-serif";
const RULED = 100; // pixels: texts are measured once, at this size
const COMFORTABLE = 0.9; // of the largest type: smaller only where no fewer decimals help
let ruler = null;

/**
 * How wide a text is in pixels.
 * @param {string} text
 * @param {number} size of the type
 * @param {number} [weight]
 * @param {string} [family]
 */
export function textWidth(text, size, weight = 600, family = FAMILY_OF_NUMBERS) {
  ruler ??= document.createElement("canvas").getContext("2d");
  ruler.font = `${weight} ${RULED}px ${family}`;
  return (ruler.measureText(text).width * size) / RULED;
}

/**
 * Texts of one size for cells that are `room` pixels wide inside; those that do not fit are omitted.
 * @param {string[]} texts
 * @param {{room: number, most: number, least?: number, weight?: number, family?: string}} cell type from `least` to
 *   `most`
 * @returns {{texts: string[], size: number, font: string, isWhole: boolean}} `isWhole`: none is omitted
 */
export function fitTexts(texts, { room, most, least = 7.5, weight = 600, family = FAMILY_OF_NUMBERS }) {
  const widths = texts.map((text) => textWidth(text, 1, weight, family));
  const fitting = room / Math.max(largestSize(widths), 1e-9);
  const size = Math.max(least, Math.min(most, fitting));
  const shown = texts.map((text, at) => (widths[at] * size <= room + 1e-6 ? text : OMITTED));
  return { texts: shown, size, font: `${weight} ${size}px ${family}`, isWhole: fitting >= least };
}

/**
 * Numbers of one group: all with the same decimals, at most `digits`, and in the same size.
 * @param {ArrayLike<number>} values
 * @param {{room: number, most: number, least?: number, weight?: number, family?: string, digits: number,
 *   write?: (value: number, digits: number) => string}} cell
 * @returns {{texts: string[], size: number, font: string, isWhole: boolean, digits: number}}
 */
export function fitNumbers(values, { digits, write = formatNumber, ...cell }) {
  const tried = Array.from({ length: digits + 1 }, (_, fewer) => {
    const texts = Array.from(values, (value) => write(value, digits - fewer));
    return { ...fitTexts(texts, cell), digits: digits - fewer };
  });
  const isEasy = ({ size, isWhole }) => isWhole && size >= COMFORTABLE * cell.most;
  return tried.find(isEasy) ?? tried[tried.length - 1];
}

/** An end of a scale where there is room; one that is not 0 never looks like it. @param {number} value */
export function endText(value) {
  const text = formatNumber(value, decimalsOfEnd(value));
  return isLost(value, text) ? exponentText(value, 1) : text;
}

/** Whether a number that is not 0 looks like it. */
function isLost(value, text) {
  return value !== 0 && !/[1-9]/.test(text);
}

/** A very small number, or one for a narrow place, with a true minus sign before it. */
function exponentText(value, digits) {
  return value.toExponential(digits).replace(/^-/, MINUS);
}

/** Decimals that suit the ends of a scale: none for whole numbers, more for small ones. */
function decimalsOfEnd(value) {
  const size = Math.abs(value);
  if (Number.isInteger(value)) return 0;
  return size < 0.1 ? 4 : size < 100 ? 2 : size < 1000 ? 1 : 0;
}

/**
 * Both ends of a scale as one text, for a place where two do not fit.
 * @param {number} low
 * @param {number} high
 * @param {{room: number, size?: number, weight?: number, family?: string}} place
 * @returns {string[]}
 */
export function fitBothEnds(low, high, { room, size = 10.5, weight = 400, family = FAMILY_OF_NUMBERS }) {
  const pair = (write) => (low === -high ? `\u00b1${write(high)}` : `${write(low)} … ${write(high)}`);
  const digits = Math.max(decimalsOfEnd(low), decimalsOfEnd(high));
  const fewer = Array.from({ length: digits + 1 }, (_, at) => digits - at)
    .map((decimals) => (value) => formatNumber(value, Number.isInteger(value) ? 0 : decimals))
    .filter((write) => !isLost(low, write(low)) && !isLost(high, write(high)));
  const tried = [...fewer, ...[1, 0].map((short) => (value) => exponentText(value, short))].map(pair);
  return [tried.find((text) => textWidth(text, size, weight, family) <= room) ?? OMITTED];
}

/**
 * The numbers below a scale from `low` to `high`: both ends, and 0 between them where there is room; in a narrow place
 * fewer decimals, then one number for both sides.
 * @param {number} low
 * @param {number} high
 * @param {{room: number, size?: number, weight?: number, family?: string, middle?: string}} place `middle`: what is to
 *   stand at 0
 * @returns {string[]}
 */
export function fitEnds(low, high, { room, size = 10.5, weight = 400, family = FAMILY_OF_NUMBERS, middle = "0" }) {
  const digits = Math.max(decimalsOfEnd(low), decimalsOfEnd(high));
  const gap = 0.6 * size;
  const fits = (texts) =>
    texts.reduce((wide, text) => wide + textWidth(text, size, weight, family) + gap, -gap) <= room;
  const written = (value, decimals) => formatNumber(value, Number.isInteger(value) ? 0 : decimals);
  const fewer = Array.from({ length: digits + 1 }, (_, at) => digits - at);
  const pairs = fewer
    .map((decimals) => [low, high].map((value) => written(value, decimals)))
    .filter(([first, last]) => !isLost(low, first) && !isLost(high, last));
  const isSymmetric = low === -high;
  const both = isSymmetric
    ? [isLost(high, written(high, 0)) ? [] : [`\u00b1${written(high, 0)}`], [`\u00b1${exponentText(high, 1)}`]]
    : [[low, high].map((value) => exponentText(value, 0))];
  const asked =
    low < 0 && high > 0 && pairs.length > 0 ? [middle, "0"].map((zero) => [pairs[0][0], zero, pairs[0][1]]) : [];
  return [...asked, ...pairs, ...both].find((texts) => texts.length > 0 && fits(texts)) ?? [OMITTED];
}
