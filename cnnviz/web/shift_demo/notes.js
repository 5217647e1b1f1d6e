// What Python says of a shift: the same or not, what pooling forgives, how many parameters. Finished words and numbers.

import { element, putText } from "../shared/dom.js";

export class ShiftNotes {
  constructor() {
    this.verdict = element("p", { class: "shift-verdict", role: "status" });
    this.pooledTitle = element("h2", {});
    this.pooled = element("div", { class: "shift-pooled" });
    this.pooledMore = element("p", { class: "lab-small" });
    this.countsTitle = element("h2", {});
    this.counts = element("div", { class: "shift-counts" });
    this.countsMore = element("p", { class: "lab-small" });
    this.root = element("div", { class: "shift-notes" }, [
      this.verdict,
      element("section", {}, [this.pooledTitle, this.pooled, this.pooledMore]),
      element("section", {}, [this.countsTitle, this.counts, this.countsMore]),
    ]);
  }

  /** @param {{packet: object, texts: Record<string, string>, problem: ?string, isCurrent: boolean}} shown */
  show({ packet, texts, problem, isCurrent }) {
    putText(this.verdict, problem ?? packet.verdict);
    this.verdict.dataset.same = String(packet.is_same && !problem);
    this.root.dataset.current = String(isCurrent);
    for (const [node, name] of [
      [this.pooledTitle, "pooled"],
      [this.pooledMore, "pooled_more"],
      [this.countsTitle, "counts"],
      [this.countsMore, "counts_more"],
    ])
      putText(node, texts[name]);
    this.showPooled(packet.pooled);
    this.showCounts(packet.counts);
  }

  showPooled(rows) {
    if (this.pooled.childElementCount !== rows.length) {
      this.pooled.replaceChildren(
        ...rows.map(() =>
          element("div", {}, [element("span", {}), element("i", {}, [element("b", {})]), element("output", {})])
        )
      );
    }
    rows.forEach(({ label, share, text }, at) => {
      const [name, bar, value] = this.pooled.children[at].children;
      putText(name, label);
      bar.firstChild.style.width = `${100 * share}%`;
      putText(value, text);
    });
  }

  showCounts(rows) {
    if (this.counts.childElementCount !== rows.length) {
      this.counts.replaceChildren(
        ...rows.map(() => element("div", {}, [element("span", {}), element("strong", {}), element("em", {})]))
      );
    }
    rows.forEach(({ label, text, formula }, at) => {
      const [name, value, sum] = this.counts.children[at].children;
      putText(name, label);
      putText(value, text);
      putText(sum, `= ${formula}`);
    });
  }
}
