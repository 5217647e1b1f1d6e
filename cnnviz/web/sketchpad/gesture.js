// One gesture, pen down to pen up, as strokes: smoothed, and cut where the pen is outside the pad. No browser.

import { NEAREST, curve, distance, insidePart } from "./line.js";

/** @typedef {import("./line.js").Point} Point */
/** @typedef {{points: Point[], width: number, erases: boolean}} Stroke */

/**
 * `raw`: the last points of the hand (two are needed to bend the next piece of the curve); `pieces`: the strokes made
 * so far, only ever appended to; `end`: where the line drawn so far ends; `tip`: where the pen is now.
 * @typedef {{raw: Point[], pieces: Stroke[], end: Point, tip: Point, isSmooth: boolean, width: number,
 *   erases: boolean}} Gesture
 */

/**
 * @param {Point} point
 * @param {{width: number, erases?: boolean, isSmooth?: boolean}} pen
 * @returns {Gesture}
 */
export function startGesture(point, { width, erases = false, isSmooth = true }) {
  const start = /** @type {Point} */ (point.map((value) => Math.min(1, Math.max(0, value))));
  const pieces = [{ points: [start], width, erases }];
  return { raw: [start], pieces, end: start, tip: start, isSmooth, width, erases };
}

/**
 * Move the pen to `point`; changes `gesture` in place.
 * @param {Gesture} gesture
 * @param {Point} point
 */
export function extendGesture(gesture, point) {
  gesture.tip = point;
  const last = gesture.raw[gesture.raw.length - 1];
  if (distance(last, point) < NEAREST) return;
  if (!gesture.isSmooth) addPoint(gesture, point);
  else if (gesture.raw.length > 1) bend(gesture, point);
  gesture.raw = [...gesture.raw, point].slice(-3);
}

/** Draw the curve up to the hand's last point but one, now that one knows where it goes on to. */
function bend(gesture, next) {
  const raw = gesture.raw;
  const [b, c] = raw.slice(-2);
  const a = raw.length > 2 ? raw[raw.length - 3] : b;
  for (const point of curve(a, b, c, next)) addPoint(gesture, point);
}

function addPoint(gesture, point) {
  const inside = insidePart(gesture.end, point);
  if (inside && distance(...inside) > 0) joinUp(gesture, inside);
  gesture.end = point;
}

/** Go on with the current piece where it touches, else begin another one. */
function joinUp(gesture, [from, to]) {
  const { pieces, width, erases } = gesture;
  const current = pieces[pieces.length - 1].points;
  if (distance(current[current.length - 1], from) < 1e-9) current.push(to);
  else pieces.push({ points: [from, to], width, erases });
}

/**
 * The strokes of the gesture as they would be if the pen were lifted now; `gesture` stays as it is.
 * @param {Gesture} gesture
 * @returns {Stroke[]}
 */
export function strokesOf(gesture) {
  const copy = { ...gesture, pieces: gesture.pieces.map((piece) => ({ ...piece, points: [...piece.points] })) };
  const raw = copy.raw;
  if (copy.isSmooth && raw.length > 1) bend(copy, copy.tip);
  if (distance(copy.end, copy.tip) > NEAREST / 4) addPoint(copy, copy.tip);
  return copy.pieces;
}
