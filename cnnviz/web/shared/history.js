// What was before, to go back to: states of whatever its owner edits, the latest last.

const MOST_STEPS = 100;
const ONE_GESTURE = 1200; // ms in which changes of one field are one step

export class Past {
  constructor(now = () => performance.now()) {
    this.now = now;
    this.back = [];
    this.forth = [];
    this.last = { what: null, at: -Infinity };
  }

  /** Keep `state`, from which `what` led away; further changes of the same field soon after are the same step. */
  keep(state, what) {
    const at = this.now();
    const isSame = what !== null && what === this.last.what && at - this.last.at < ONE_GESTURE;
    this.last = { what, at };
    this.forth = [];
    if (isSame) return;
    this.back.push(state);
    if (this.back.length > MOST_STEPS) this.back.shift();
  }

  /** The state before `state`; null where there is none. */
  undo(state) {
    return this.step(this.back, this.forth, state);
  }

  redo(state) {
    return this.step(this.forth, this.back, state);
  }

  step(from, to, state) {
    if (from.length === 0) return null;
    this.last = { what: null, at: -Infinity };
    to.push(state);
    return from.pop();
  }
}
