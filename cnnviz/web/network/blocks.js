// Sets of cells of a column as a few blocks: all cells of some rows and some columns of some maps. Pure.

/** @typedef {{channels: number[], rows: number[], cols: number[]}} Block each in ascending order */
/** @typedef {{count: number, rows: number, cols: number}} Shape of a column */

const MOST_BLOCKS = 24; // more are counted anew, cell by cell

/** 0, 1, 2 … below `count`; the same array each time, so that equal ones are found at once. */
export function upTo(count) {
  if (!counted.has(count)) counted.set(count, Object.freeze(Array.from({ length: count }, (_, at) => at)));
  return counted.get(count);
}
const counted = new Map();

/** @param {Shape} shape */
export function wholeOf({ count, rows, cols }) {
  return { channels: upTo(count), rows: upTo(rows), cols: upTo(cols) };
}

/** @param {Block} block */
export function isEmpty({ channels, rows, cols }) {
  return channels.length * rows.length * cols.length === 0;
}

/** Numbers in ascending order, each once. @param {Iterable<number>} numbers @returns {number[]} */
export function ascending(numbers) {
  return [...new Set(numbers)].sort((a, b) => a - b);
}

/** The cells, counted through all maps row by row. @param {Block} block @param {Shape} shape @returns {number[]} */
export function numbersOf({ channels, rows, cols }, shape) {
  const found = [];
  for (const c of channels)
    for (const r of rows) for (const q of cols) found.push((c * shape.rows + r) * shape.cols + q);
  return found;
}

/**
 * Blocks that hold these cells and no others.
 * @param {Iterable<number>} numbers
 * @param {Shape} shape
 * @returns {Block[]}
 */
export function blocksOf(numbers, shape) {
  const isIn = new Uint8Array(shape.count * shape.rows * shape.cols);
  for (const at of numbers) isIn[at] = 1;
  const found = new Map();
  for (let c = 0; c < shape.count; c += 1) {
    for (const [key, block] of blocksOfMap(isIn, c, shape)) {
      if (found.has(key)) found.get(key).channels.push(c);
      else found.set(key, block);
    }
  }
  return [...found.values()];
}

/** Rows with the same columns together. */
function blocksOfMap(isIn, channel, shape) {
  const byCols = new Map();
  for (let row = 0; row < shape.rows; row += 1) {
    const first = (channel * shape.rows + row) * shape.cols;
    const cols = [];
    for (let col = 0; col < shape.cols; col += 1) if (isIn[first + col]) cols.push(col);
    if (cols.length === 0) continue;
    const key = cols.join();
    if (!byCols.has(key)) byCols.set(key, { channels: [channel], rows: [], cols });
    byCols.get(key).rows.push(row);
  }
  return [...byCols].map(([key, block]) => [`${block.rows.join()}|${key}`, block]);
}

/**
 * Joins a block to others: what they hold already adds nothing, and two that differ on one axis become one.
 * @param {Block[]} blocks
 * @param {Block} block
 * @param {Shape} shape
 * @returns {Block[]}
 */
export function withBlock(blocks, block, shape) {
  if (isEmpty(block) || blocks.some((one) => holds(one, block))) return blocks;
  const others = blocks.filter((one) => !holds(block, one));
  for (const other of others) {
    const joined = joinedWith(other, block);
    if (joined)
      return withBlock(
        others.filter((one) => one !== other),
        joined,
        shape
      );
  }
  const all = [...others, block];
  return all.length > MOST_BLOCKS ? blocksOf(allNumbers(all, shape), shape) : all;
}

function* allNumbers(blocks, shape) {
  for (const block of blocks) yield* numbersOf(block, shape);
}

function holds(outer, inner) {
  return isPart(inner.channels, outer.channels) && isPart(inner.rows, outer.rows) && isPart(inner.cols, outer.cols);
}

function isPart(few, many) {
  if (few === many) return true;
  if (few.length > many.length || few[0] < many[0] || few[few.length - 1] > many[many.length - 1]) return false;
  let at = 0;
  for (const one of few) {
    while (at < many.length && many[at] < one) at += 1;
    if (many[at] !== one) return false;
  }
  return true;
}

const isSame = (one, other) => one.length === other.length && isPart(one, other);

function joinedWith(one, other) {
  const differ = ["channels", "rows", "cols"].filter((axis) => !isSame(one[axis], other[axis]));
  return differ.length === 1 ? { ...one, [differ[0]]: ascending([...one[differ[0]], ...other[differ[0]]]) } : null;
}

/** What lies side by side among numbers in ascending order: [first, count] each. @param {number[]} numbers */
export function runsOf(numbers) {
  const runs = [];
  for (const one of numbers) {
    const last = runs[runs.length - 1];
    if (last && last[0] + last[1] === one) last[1] += 1;
    else runs.push([one, 1]);
  }
  return runs;
}
