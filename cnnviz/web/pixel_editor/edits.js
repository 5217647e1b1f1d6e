// Which pixels are set, and how to go back: values only, no page.

export const FULL = 255; // the highest level
const MOST_BEFORE = 200; // acts that can be undone

export class PixelEdits {
  constructor() {
    /** @type {Map<number, number>} place → level, 0 to 255 */
    this.cells = new Map();
    /** @type {Map<number, number>[]} */
    this.before = [];
    /** @type {Map<number, number>[]} */
    this.after = [];
  }

  /** Somebody else says what is set: nothing can be undone. @param {[number, number][]} cells */
  lay(cells) {
    this.cells = new Map(cells);
    this.before = [];
    this.after = [];
  }

  /** What follows, until the next call, is one act. */
  begin() {
    this.before = [...this.before, this.cells].slice(-MOST_BEFORE);
    this.after = [];
    this.cells = new Map(this.cells);
  }

  /** An act that has changed nothing is none. */
  end() {
    const last = this.before.at(-1);
    if (last && isSame(last, this.cells)) this.cells = this.before.pop();
  }

  /** @param {number} place @param {?number} level null: as drawn @returns {boolean} whether anything has changed */
  set(place, level) {
    if (level === null) return this.cells.delete(place);
    const whole = Math.min(FULL, Math.max(0, Math.round(level)));
    if (this.cells.get(place) === whole) return false;
    this.cells.set(place, whole);
    return true;
  }

  undo() {
    return this.turn(this.before, this.after);
  }

  redo() {
    return this.turn(this.after, this.before);
  }

  turn(from, to) {
    if (from.length === 0) return false;
    to.push(this.cells);
    this.cells = from.pop();
    return true;
  }

  /** @returns {[number, number][]} in the order of places */
  packed() {
    return [...this.cells].sort(([one], [other]) => one - other);
  }

  /** @param {Float32Array} drawn @returns {Float32Array} with what is set */
  over(drawn) {
    const values = drawn.slice();
    for (const [place, level] of this.cells) values[place] = level / FULL;
    return values;
  }
}

/**
 * The cells of a straight line, both ends included: a quick hand is seen in some cells of its way only.
 * @param {{row: number, col: number}} from @param {{row: number, col: number}} to
 */
export function lineOfCells(from, to) {
  const [down, right] = [to.row - from.row, to.col - from.col];
  const steps = Math.max(Math.abs(down), Math.abs(right), 1);
  return Array.from({ length: steps + 1 }, (_, step) => ({
    row: Math.round(from.row + (down * step) / steps),
    col: Math.round(from.col + (right * step) / steps),
  }));
}

function isSame(one, other) {
  return one.size === other.size && [...one].every(([place, level]) => other.get(place) === level);
}
