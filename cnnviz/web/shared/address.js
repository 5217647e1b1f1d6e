// The page's address: what is on screen as a link, and for Back and Forward the levels that one went through.
//
// A level (a map, a cell, a chapter) is an entry of the browser's history, everything else is written over the present
// entry. Each entry keeps the view that it stands for, so that Back needs neither a run of the page nor the drawing
// that lay there then. Streamlit takes every popstate for another page and runs it: of those within a page it must not
// hear.

const LOST_AFTER = 10_000; // ms until a way back that leads nowhere is given up

/**
 * @typedef {{page: string, depth: number, behind: number[], view: any}} Entry `behind`: depths of the entries before
 */

/**
 * `search` with `values` in place of all `names`; what else it says stays.
 * @param {string[]} names
 * @param {Record<string, unknown>} values
 * @param {string} [search]
 * @returns {string}
 */
export function searchWith(names, values, search = location.search) {
  const query = new URLSearchParams(search);
  for (const name of names) query.delete(name);
  for (const [name, value] of Object.entries(values)) query.set(name, String(value));
  const text = query.toString();
  return text ? `?${text}` : "";
}

/**
 * Writes `search` as the address of what is on screen; no entry in the history, nothing where nothing changes.
 * @param {string} search
 */
export function writeSearch(search) {
  if (plainSearch(search) !== location.search) history.replaceState(history.state, "", addressOf(search));
}

/** The levels of one component's page in the browser's history. */
export class Levels {
  /**
   * @param {{root: Element, onArrive: (view: any) => void}} part `root`: the levels end when it leaves the page;
   *   `onArrive`: Back or Forward has led to the entry of this view
   */
  constructor({ root, onArrive }) {
    this.root = root;
    this.page = location.pathname;
    this.onArrive = onArrive;
    /**
     * @type {?{search: ?string, depth: number, view: any, timer: number}} a way back under way, and what to write there
     */
    this.way = null;
    this.end = new AbortController();
    history.scrollRestoration = "manual"; // a level brings itself in sight, after it has been laid out
    window.addEventListener("popstate", (event) => this.arrive(event), { capture: true, signal: this.end.signal });
  }

  /** @returns {?Entry} what the present entry of the history stands for, where it is one of this page */
  get entry() {
    const entry = history.state?.cnnviz;
    return entry?.page === this.page && location.pathname === this.page ? entry : null;
  }

  /** @returns {any} the view of the present entry: what to show after Back from another page; null where it has none */
  get view() {
    return this.entry?.view ?? null;
  }

  /**
   * The reader stands at `depth`: one level deeper is a new entry, the same level stays in its entry, and a level up
   * goes back to the entry that one came from.
   * @param {number} depth
   * @param {any} view plain values, for `onArrive`
   */
  stand(depth, view) {
    if (this.way) return Object.assign(this.way, { depth, view });
    const { entry } = this;
    if (!entry) return this.mark("replaceState", { depth, behind: [], view });
    if (depth > entry.depth) return this.mark("pushState", { depth, behind: [...entry.behind, entry.depth], view });
    const target = depth < entry.depth ? entry.behind.findIndex((each) => each >= depth) : -1;
    if (target >= 0) return this.goBack(entry.behind.length - target, { search: null, depth, view });
    if (depth !== entry.depth || JSON.stringify(view) !== JSON.stringify(entry.view)) {
      this.mark("replaceState", { depth, behind: entry.behind, view });
    }
    return undefined;
  }

  /** Python has put the reader at `depth`: no entry of the history, for nobody has gone there. */
  lay(depth, view) {
    const behind = (this.entry?.behind ?? []).filter((each) => each < depth);
    this.mark("replaceState", { depth, behind, view });
  }

  /** The reader has turned to another place of the same level: always a new entry. */
  turn(view) {
    const { entry } = this;
    this.mark(entry ? "pushState" : "replaceState", { depth: 0, behind: [], view });
  }

  /** The address of what is on screen now, while it is this page's. @param {string} search */
  write(search) {
    if (this.way) this.way.search = search;
    else if (location.pathname === this.page) writeSearch(search);
  }

  mark(how, entry) {
    history[how]({ ...history.state, cnnviz: { page: this.page, ...entry } }, "");
  }

  goBack(steps, way) {
    this.way = { ...way, timer: setTimeout(() => this.giveUp(), LOST_AFTER) };
    history.go(-steps);
  }

  /** The browser has forgotten the entry: the reader is where they are, without a way back. */
  giveUp() {
    this.mark("replaceState", { depth: this.way.depth, behind: [], view: this.way.view });
    this.settle();
  }

  arrive(event) {
    const { entry } = this;
    if (!entry || !this.root.isConnected) return; // another page, or an entry that is not ours: Streamlit knows
    event.stopImmediatePropagation();
    if (this.way) this.settle();
    else this.onArrive(entry.view);
  }

  /** The way back has ended: what was to be said is said there. */
  settle() {
    const { depth, view, search, timer } = this.way;
    clearTimeout(timer);
    this.way = null;
    this.stand(depth, view);
    if (search !== null) this.write(search);
  }

  close() {
    clearTimeout(this.way?.timer);
    this.end.abort();
  }
}

function addressOf(search) {
  return `${location.pathname}${plainSearch(search)}${location.hash}`;
}

/** "?" alone says nothing. */
function plainSearch(search) {
  return search === "?" ? "" : search;
}
