// Sentences and numbers of the trainer: how a run stands, how long it will take, how large a number is.

import { fill } from "../shared/dom.js";
import { formatNumber, formatPercent } from "../shared/format.js";

const UNBROKEN = "\u00a0"; // a line ends between two parts, never within "6 s left"

/** States from which a run does not go on. */
export const IS_OVER = ["done", "stopped", "failed"];

/** The three turns of a run that the page has to know of. @param {string} state */
export function turnOf(state) {
  if (IS_OVER.includes(state)) return "over";
  return state === "paused" ? "paused" : "working";
}

/** Whether nothing is known of it but one moment, as of a network from a file. @param {object} run */
export function isOneMoment(run) {
  return IS_OVER.includes(run.state) && run.moments.length === 1;
}

/**
 * How a run stands, in one line.
 * @param {object} run as the server tells it
 * @param {Record<string, any>} texts
 */
export function statusOf(run, texts) {
  const filled = {
    ...run,
    left: run.left === null ? "" : fill(texts.left, { time: durationOf(run.left, texts) }),
    speed: run.per_second === null ? "" : fill(texts.speed, { n: Math.round(run.per_second).toLocaleString("en") }),
  };
  const parts = [texts.states[run.state]];
  if (run.steps > 0) parts.push(fill(texts.epoch, filled), fill(texts.step_of, filled));
  if (run.state === "running") parts.push(filled.speed, filled.left);
  return parts
    .filter(Boolean)
    .map((part) => part.replaceAll(" ", UNBROKEN))
    .join(" · ");
}

/** @param {number} seconds @param {Record<string, string>} texts */
export function durationOf(seconds, texts) {
  if (seconds < 90) return fill(texts.seconds, { n: Math.max(1, Math.round(seconds)) });
  return fill(texts.minutes, { n: Math.round(seconds / 60) });
}

/** A rate as people write it: 0.001, 0.03. @param {number} rate */
export function rateText(rate) {
  return Number(rate.toPrecision(2)).toString();
}

/** A loss, large or small, in few signs. @param {number} value */
export function lossText(value) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : "∞";
  if (value !== 0 && (value >= 1000 || value < 0.001)) return value.toExponential(0);
  return formatNumber(value, value >= 10 ? 1 : value >= 1 ? 2 : 3);
}

/** A mark beside an axis. @param {number} value */
export function tickText(value) {
  return value !== 0 && (Math.abs(value) >= 10000 || Math.abs(value) < 0.001) ? value.toExponential(0) : String(value);
}

/** @param {number} share */
export function shareText(share) {
  return Number.isFinite(share) ? formatPercent(share, 1) : "–";
}

/**
 * The point of a curve at a step: the last one that is not after it.
 * @param {{xs: ArrayLike<number>, ys: ArrayLike<number>}} curve
 * @param {number} step
 * @returns {?{x: number, y: number}}
 */
export function pointAt({ xs, ys }, step) {
  let [low, high] = [0, xs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (xs[middle] <= step) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? null : { x: xs[low - 1], y: ys[low - 1] };
}

/**
 * Which recorded moment of a run is shown at a step: the nearest one, rather the earlier (as Python chooses).
 * @param {{moments: number[], look: ?{step: number}, step: number}} run
 * @param {?number} at null: the newest
 */
export function momentOf({ moments, look, step }, at) {
  if (at === null || moments.length === 0) return look?.step ?? step;
  return moments.reduce((best, moment) => (Math.abs(moment - at) < Math.abs(best - at) ? moment : best));
}

/**
 * The moments that are shown, one a run: "step 40", or "A step 612 · B step 48"; `atOf` says where a run is looked at.
 */
export function momentsText(runs, atOf, texts) {
  const named = (run) =>
    [run.letter, fill(texts.at_step, { step: momentOf(run, atOf(run)) })].filter(Boolean).join(" ");
  return runs.map(named).join(" · ");
}
