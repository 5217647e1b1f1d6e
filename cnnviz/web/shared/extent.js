// How far numbers reach. A long array is no list of arguments: Chromium takes some 120,000 of them.

/**
 * The largest absolute value among the finite ones; 0 without any.
 * @param {ArrayLike<number>} values
 * @returns {number}
 */
export function largestSize(values) {
  let most = 0;
  for (let at = 0; at < values.length; at += 1) {
    const size = Math.abs(values[at]);
    if (size > most && size < Infinity) most = size;
  }
  return most;
}

/**
 * The least and the largest of some numbers.
 * @param {ArrayLike<number>} values
 * @returns {[number, number]} [∞, −∞] without any
 */
export function extentOf(values) {
  let [least, most] = [Infinity, -Infinity];
  for (let at = 0; at < values.length; at += 1)
    [least, most] = [Math.min(least, values[at]), Math.max(most, values[at])];
  return [least, most];
}
