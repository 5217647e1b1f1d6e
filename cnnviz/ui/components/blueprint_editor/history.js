// What was before, to go back to: lists of layers, the latest last.

const MOST_STEPS = 100;
const ONE_GESTURE = 1200; // ms in which changes of one field are one step

export class Past {
  constructor(now = () => performance.now()) {
    this.now = now;
    this.back = [];
    this.forth = [];
    this.last = { what: null, at: -Infinity };
  }

  /** Keep `parts`, from which `what` led away; further changes of the same field soon after are the same step. */
  keep(parts, what) {
    const at = this.now();
    const isSame = what !== null && what === this.last.what && at - this.last.at < ONE_GESTURE;
    this.last = { what, at };
    this.forth = [];
    if (isSame) return;
    this.back.push(parts);
    if (this.back.length > MOST_STEPS) this.back.shift();
  }

  /** The parts before `parts`; null where there are none. */
  undo(parts) {
    return this.step(this.back, this.forth, parts);
  }

  redo(parts) {
    return this.step(this.forth, this.back, parts);
  }

  step(from, to, parts) {
    if (from.length === 0) return null;
    this.last = { what: null, at: -Infinity };
    to.push(parts);
    return from.pop();
  }
}
