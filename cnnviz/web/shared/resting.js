// What the hand has made is told to Python when the hand rests, at once when it goes elsewhere, and by the next
// component of its kind where this one has left the page before Python had it. So nothing is lost.

const STILL_MS = 350;
const ELSEWHERE = ["pointerdown", "keydown", "pagehide"];
/** What Python did not have of components that have left the page, by what it had then. */
const unheard = new Map();

export class HandAtRest {
  /**
   * @param {Element} root the component
   * @param {(isLeaving: boolean) => void} tell tells Python, and writes the address
   */
  constructor(root, tell) {
    this.root = root;
    this.tell = tell;
    this.timer = 0;
    this.work = null;
    this.count = 0; // of what was held
    this.ready = 0;
    this.told = 0;
    this.base = null;
    this.end = new AbortController();
    const { signal } = this.end;
    const leave = (event) => event.composedPath().includes(root) || this.leave();
    for (const name of ELSEWHERE) window.addEventListener(name, leave, { signal, capture: true });
    document.documentElement.addEventListener("pointerleave", () => this.leave(), { signal });
    root.addEventListener("focusout", ({ relatedTarget }) => root.contains(relatedTarget) || this.leave(), { signal });
  }

  /** The hand has made something; it may still wait for an answer. */
  hold(work) {
    this.work = work;
    this.count += 1;
  }

  /** It can be told: in a moment, unless the hand goes on. */
  soon(time = STILL_MS) {
    clearTimeout(this.timer);
    this.ready = this.count;
    this.timer = setTimeout(() => this.now(), time);
  }

  /** The hand goes elsewhere, and may take the component off the page: what can be told is told at once. */
  leave() {
    if (this.timer !== 0) this.now(true);
  }

  now(isLeaving = false) {
    this.stop();
    this.told = this.ready;
    this.tell(isLeaving);
  }

  stop() {
    clearTimeout(this.timer);
    this.timer = 0;
  }

  /** Something else lies here now: what the hand made of what lay here before is overtaken. */
  drop() {
    this.stop();
    this.work = null;
  }

  /**
   * A run of the page says what Python has.
   * @param {unknown} has as JSON
   * @returns {unknown} what a component before this one could not tell, if Python has nothing newer; else null
   */
  hear(has) {
    const base = JSON.stringify(has);
    const before = this.base;
    this.base = base;
    if (before !== null) {
      if (base !== before && this.told === this.count) this.work = null;
      return null;
    }
    const left = unheard.get(base) ?? null;
    unheard.clear();
    return left;
  }

  close() {
    this.stop();
    if (this.work !== null) unheard.set(this.base, this.work);
    this.end.abort();
  }
}
