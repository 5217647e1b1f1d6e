// Which runs this tab holds: one kept as A, the present one, one that was put aside and can be brought back.

import { Memory } from "./memory.js";

/** @typedef {{kept: ?string, run: ?string, aside: ?string}} Tokens */

export class Held {
  constructor() {
    this.memory = new Memory();
    this.runs = []; // those that are shown: A first
    this.aside = null;
    this.example = null; // a recorded run, shown where there is none of the reader's own
  }

  /** What this tab held before a reload. @returns {?Tokens} */
  remembered() {
    return this.memory.read();
  }

  /** @param {Tokens} tokens */
  hold({ kept, run, aside }) {
    const known = new Map(this.runs.map((one) => [one.token, one]));
    const own = [
      [kept, true],
      [run, false],
    ].filter(([token]) => token);
    const shown = own.length > 0 || !this.example ? own : [[this.example, false]];
    this.runs = shown.map(([token, isKept]) =>
      Object.assign(known.get(token) ?? freshRun(token), { isKept, isExample: own.length === 0 })
    );
    this.runs.forEach((one) => (one.letter = one.isKept ? "A" : this.runs.length > 1 ? "B" : ""));
    this.aside = aside ?? null;
    this.memory.write(this.tokens);
  }

  /** @returns {Tokens} */
  get tokens() {
    return { kept: this.tokenOf(true), run: this.tokenOf(false), aside: this.aside };
  }

  tokenOf(isKept) {
    return this.runs.find((run) => run.isKept === isKept && !run.isExample)?.token ?? null;
  }

  find(token) {
    return this.runs.find((run) => run.token === token) ?? null;
  }

  /** The run that buttons act on. */
  get current() {
    return this.runs.at(-1) ?? null;
  }

  /** How far the longest of them has come. */
  get last() {
    return this.runs.reduce((most, run) => Math.max(most, run.step), 0);
  }

  /** The steps that are recorded of any of them, in order. */
  get moments() {
    return [...new Set(this.runs.flatMap((run) => run.moments))].sort((a, b) => a - b);
  }

  /** The present run stays on the page as A; an A before it is put aside. */
  keep() {
    const { kept, run, aside } = this.tokens;
    this.hold({ kept: run ?? kept, run: null, aside: run && kept ? kept : aside });
  }

  /** A run leaves the page; it can be brought back. @param {string} token */
  putAside(token) {
    const { kept, run } = this.tokens;
    this.hold({ kept: kept === token ? null : kept, run: run === token ? null : run, aside: token });
  }

  /** Runs that the server does not know any more. @param {string[]} gone */
  forget(gone) {
    const left = Object.entries(this.tokens).map(([name, token]) => [name, gone.includes(token) ? null : token]);
    this.hold(Object.fromEntries(left));
  }
}

function freshRun(token) {
  return {
    token,
    state: "starting",
    step: 0,
    steps: 0,
    rate: null,
    left: null,
    per_second: null,
    version: null,
    moments: [],
    curves: null,
    look: null,
    statics: null,
    cell: null,
    sentence: "",
  };
}
