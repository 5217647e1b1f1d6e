// Which runs this tab holds, so that a reload of the page finds them again. They are not in the address: a link is
// shared.

const MEMORY_KEY = "cnnviz-training";

export class Memory {
  /** @returns {?{kept: ?string, run: ?string, aside: ?string}} */
  read() {
    try {
      const held = JSON.parse(sessionStorage.getItem(MEMORY_KEY) ?? "null");
      const [kept, run, aside] = [held?.kept, held?.run, held?.aside].map((token) =>
        typeof token === "string" ? token : null
      );
      return kept || run || aside ? { kept, run, aside } : null;
    } catch {
      return null; // storage that is switched off, or junk: the page begins afresh
    }
  }

  /** @param {{kept: ?string, run: ?string, aside: ?string}} held */
  write(held) {
    try {
      sessionStorage.setItem(MEMORY_KEY, JSON.stringify(held));
    } catch {
      // storage that is switched off: a reload begins afresh
    }
  }
}
