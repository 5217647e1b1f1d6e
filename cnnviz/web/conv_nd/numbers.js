// Arrays of plain numbers: read as typed, cut to another size, written into a link.

const THOUSANDTHS = 1000; // a number is kept with three decimals

/**
 * The number that a text says, to three decimals; null where it says none, or one that is too large.
 * @param {string} text @param {number} largest
 * @returns {?number}
 */
export function parseNumber(text, largest) {
  const plain = text.trim().replace("−", "-").replace(",", ".");
  const value = Number(plain);
  if (plain === "" || !Number.isFinite(value) || Math.abs(value) > largest) return null;
  return Math.round(value * THOUSANDTHS) / THOUSANDTHS + 0; // never −0
}

/**
 * An array in another shape: numbers keep their place, new ones are 0.
 * @param {{shape: number[], numbers: number[]}} array @param {number[]} shape as many axes
 * @returns {{shape: number[], numbers: number[]}}
 */
export function resized({ shape: old, numbers }, shape) {
  const count = shape.reduce((product, size) => product * size, 1);
  const made = Array.from({ length: count }, (_none, at) => {
    const place = placeOf(at, shape);
    return place.every((n, axis) => n < old[axis]) ? numbers[entryOf(place, old)] : 0;
  });
  return { shape, numbers: made };
}

/** @param {number} at counted in reading order @param {number[]} shape @returns {number[]} a number for each axis */
export function placeOf(at, shape) {
  let rest = at;
  return shape
    .toReversed()
    .map((size) => {
      const n = rest % size;
      rest = Math.floor(rest / size);
      return n;
    })
    .toReversed();
}

/** @param {number[]} place @param {number[]} shape @returns {number} counted in reading order */
export function entryOf(place, shape) {
  return place.reduce((entry, n, axis) => entry * shape[axis] + n, 0);
}

/** Whether two records ask for the same numbers and settings; the cell that is shown may be another. */
export function isSameSetup(one, other) {
  const isSame = (name) => JSON.stringify(one[name]) === JSON.stringify(other[name]);
  return Object.keys(one).every((name) => name === "cell" || isSame(name));
}

/** What is on screen as a part of the page's address: `ui/lab/nd.py` reads it. */
export function linkText({ input, kernel, bias, stride, padding, dilation, cell }) {
  const arrays = [input, kernel].map(({ shape, numbers }) => `${shape.join("x")}_${numbers.join("_")}`);
  const each = [stride, padding, dilation, cell].map((numbers) => numbers.join("_"));
  return [...arrays, bias, ...each].join("~");
}
