// Lines of points in the unit square (x right, y down): smoothing, thinning, clipping. No state, no browser.

/** @typedef {[number, number]} Point */

/** Points closer than this to the one before are the hand's noise (1.3 pixels of 320). */
export const NEAREST = 0.004;
/** A smoothed line has a point about this often. */
const SPACING = 0.015;
/** How far a thinned line may lie from the full one (half a pixel of 320). */
const SLACK = 0.0015;

/**
 * @param {Point} a
 * @param {Point} b
 * @returns {number}
 */
export function distance(a, b) {
  return Math.hypot(b[0] - a[0], b[1] - a[1]);
}

/**
 * The point at `share` of the way from `a` to `b`.
 * @param {Point} a
 * @param {Point} b
 * @param {number} share
 * @returns {Point}
 */
export function between(a, b, share) {
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share];
}

/**
 * The points after `b` up to and with `c` on the centripetal Catmull–Rom curve through a, b, c, d
 * (it passes through the points and, with this spacing of its knots, makes no loops).
 * @param {Point} a
 * @param {Point} b
 * @param {Point} c
 * @param {Point} d
 * @returns {Point[]}
 */
export function curve(a, b, c, d) {
  const parts = Math.max(1, Math.round(distance(b, c) / SPACING));
  if (parts === 1) return [c];
  const knots = [0];
  for (const [from, to] of [
    [a, b],
    [b, c],
    [c, d],
  ]) {
    knots.push(knots[knots.length - 1] + Math.max(1e-6, Math.sqrt(distance(from, to))));
  }
  return Array.from({ length: parts }, (_, i) => onCurve([a, b, c, d], knots, (i + 1) / parts));
}

/**
 * Barry and Goldman's pyramid: straight lines between points of straight lines.
 * @param {Point[]} points four of them, each with its knot
 * @param {number[]} knots
 * @param {number} share
 * @returns {Point}
 */
function onCurve([a, b, c, d], [t0, t1, t2, t3], share) {
  const t = t1 + (t2 - t1) * share;
  const on = (p, q, from, to) => between(p, q, (t - from) / (to - from));
  const [ab, bc, cd] = [on(a, b, t0, t1), on(b, c, t1, t2), on(c, d, t2, t3)];
  return on(on(ab, bc, t0, t2), on(bc, cd, t1, t3), t1, t2);
}

/**
 * The part of the segment from `a` to `b` inside the unit square, or null (Liang and Barsky).
 * @param {Point} a
 * @param {Point} b
 * @returns {[Point, Point] | null}
 */
export function insidePart(a, b) {
  let enter = 0;
  let leave = 1;
  for (const axis of [0, 1]) {
    const step = b[axis] - a[axis];
    const bounds = [-a[axis], 1 - a[axis]];
    if (step === 0 && (bounds[0] > 0 || bounds[1] < 0)) return null;
    if (step === 0) continue;
    const [near, far] = bounds.map((bound) => bound / step).sort((p, q) => p - q);
    enter = Math.max(enter, near);
    leave = Math.min(leave, far);
  }
  return enter > leave ? null : [between(a, b, enter), between(a, b, leave)];
}

/**
 * The line with as few points as stay within half a pixel of it (Ramer, Douglas and Peucker).
 * @param {Point[]} points
 * @param {number} [slack]
 * @returns {Point[]}
 */
export function thinned(points, slack = SLACK) {
  if (points.length < 3) return points;
  const last = points.length - 1;
  let farthest = 0;
  let most = slack;
  for (let i = 1; i < last; i += 1) {
    const off = distanceToSegment(points[i], points[0], points[last]);
    if (off > most) [farthest, most] = [i, off];
  }
  if (farthest === 0) return [points[0], points[last]];
  return [...thinned(points.slice(0, farthest + 1), slack).slice(0, -1), ...thinned(points.slice(farthest), slack)];
}

/**
 * @param {Point} point
 * @param {Point} a
 * @param {Point} b
 * @returns {number}
 */
function distanceToSegment(point, a, b) {
  const length = distance(a, b);
  if (length === 0) return distance(point, a);
  const along = ((point[0] - a[0]) * (b[0] - a[0]) + (point[1] - a[1]) * (b[1] - a[1])) / length ** 2;
  return distance(point, between(a, b, Math.min(1, Math.max(0, along))));
}
