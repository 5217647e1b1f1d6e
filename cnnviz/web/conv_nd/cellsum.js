// One cell as the sum that it is: window times kernel, group by group; the sums and the bias. All texts are Python's.

import { element, fill, putText, renewChildren } from "../shared/dom.js";

export class CellSum {
  constructor() {
    this.title = element("h2", { "aria-live": "polite" });
    this.groups = element("div", { class: "nd-groups", role: "group", tabindex: 0 }); // keys scroll it
    this.last = element("p", { class: "nd-total" });
    this.root = element("section", { class: "nd-sum" }, [this.title, this.groups, this.last]);
  }

  /**
   * @param {{cell: {values: string[], kernel: string[], products: string[], sums: string[], bias: string, total:
   *   string, shape: number[]}, title: string, names: string[], texts: object}} shown `shape`: groups, rows, columns;
   *   `names`: of the groups
   */
  show({ cell, title, names, texts }) {
    putText(this.title, title);
    this.groups.setAttribute("aria-label", title);
    renewChildren(this.groups, [cell, names, texts.window], () =>
      names.map((name, at) => group(cell, at, name, texts))
    );
    const terms = [...cell.sums, cell.bias].map((text, at) => (at > 0 ? inBrackets(text) : text));
    const word = cell.isVolume ? texts.sum_of_slices : texts.sum_of_channels;
    putText(this.last, `${word}: ${terms.join(" + ")} = ${cell.total}`);
  }
}

function group({ values, kernel, products, sums, shape }, at, name, texts) {
  const [, rows, cols] = shape;
  const from = at * rows * cols;
  const part = (key, numbers, title) =>
    element("figure", { "data-part": key }, [
      element("figcaption", {}, [title]),
      element("table", { "aria-label": fill("{name}, {title}", { name, title }) }, [
        element(
          "tbody",
          {},
          Array.from({ length: rows }, (_row, row) =>
            element(
              "tr",
              {},
              numbers.slice(from + row * cols, from + (row + 1) * cols).map((text) => element("td", {}, [text]))
            )
          )
        ),
      ]),
    ]);
  return element("div", { class: "nd-group", "data-group": at }, [
    element("span", { class: "nd-label" }, [name]),
    part("window", values, texts.window),
    element("span", {}, ["×"]),
    part("kernel", kernel, texts.kernel),
    element("span", {}, ["="]),
    part("products", products, texts.products),
    element("span", { class: "nd-of-group" }, [`${texts.sum} ${sums[at]}`]),
  ]);
}

/** A negative number after a plus. */
function inBrackets(text) {
  return text.startsWith("−") ? `(${text})` : text;
}
