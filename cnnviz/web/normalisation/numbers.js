// The cell's arithmetic and the running estimates, as tables: every text comes from Python.

import { element, fill, putText, renewChildren } from "../shared/dom.js";

/** The steps of a cell, a column for each variance. */
export class LinesTable {
  constructor() {
    this.title = element("h2", { "aria-live": "polite" });
    this.table = element("table", { class: "norm-lines" });
    this.root = element("section", {}, [this.title, this.table]);
  }

  /** @param {{title: string, columns: string[], lines: {name: string, cells: string[], is_sum: boolean}[]}} shown */
  show({ title, columns, lines }) {
    putText(this.title, title);
    renewChildren(this.table, [columns, lines], () => [
      element("thead", {}, [
        element("tr", {}, [element("td", {}), ...columns.map((name) => element("th", { scope: "col" }, [name]))]),
      ]),
      element(
        "tbody",
        {},
        lines.map(({ name, cells, is_sum }) =>
          element("tr", { "data-sum": String(is_sum) }, [
            element("th", { scope: "row" }, [name]),
            ...cells.map((text) => element("td", {}, [text])),
          ])
        )
      ),
    ]);
  }
}

/** The running estimates, batch by batch; the last one's sums in words. */
export class RunningTable {
  constructor() {
    this.title = element("h2", {});
    this.table = element("table", { class: "norm-running" });
    this.sums = element("div", { class: "norm-sums" });
    this.root = element("section", {}, [this.title, this.table, this.sums]);
  }

  /** @param {{rows: {batch: number, cells: string[], says: string[]}[], channel: number, texts: object}} shown */
  show({ rows, channel, texts }) {
    this.root.hidden = rows.length === 0;
    if (rows.length === 0) return;
    putText(this.title, fill(texts.running, { channel }));
    renewChildren(this.table, [texts.head, texts.start, rows], () => [
      element("thead", {}, [
        element(
          "tr",
          {},
          texts.head.map((name) => element("th", { scope: "col" }, [name]))
        ),
      ]),
      element(
        "tbody",
        {},
        rows.map(({ batch, cells }) =>
          element("tr", { "data-batch": batch }, [
            element("th", { scope: "row" }, [batch === 0 ? texts.start : String(batch)]),
            ...cells.map((text) => element("td", {}, [text])),
          ])
        )
      ),
    ]);
    const [mean, variance] = rows.at(-1).says;
    const sums = [fill(texts.running_mean, { sum: mean }), fill(texts.running_variance, { sum: variance })];
    renewChildren(this.sums, sums, () => sums.map((text) => element("p", {}, [text])));
  }
}
