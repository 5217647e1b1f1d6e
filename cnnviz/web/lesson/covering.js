// Chapter 8: the votes once more, as a kernel that covers the three maps; and the same at another size.

import { element, fill } from "../shared/dom.js";
import { largestSize } from "../shared/extent.js";
import { formatNumber } from "../shared/format.js";
import { digitsOfFactors, digitsThatHold } from "../shared/sums.js";
import { Numbers } from "./numbers.js";
import { Question } from "./predict.js";
import { LETTERS } from "./voting.js";

const SIZE = 4; // cells of a map of 2×2
const MAPS = 3;

export class Covering {
  /** @param {{onTold: () => void}} answers */
  constructor({ onTold }) {
    this.letter = 0;
    this.question = new Question(() => {
      this.show(this.view);
      onTold();
    });
    this.tabs = element(
      "div",
      { class: "tabs", role: "group" },
      LETTERS.map((_, at) => element("button", { type: "button", "data-at": at }))
    );
    this.tabs.addEventListener("click", (event) => this.pick(event.target.closest("button")));
    this.heads = ["maps", "kernel", "products"].map((name) => element("h4", { "data-name": name }));
    this.grids = Array.from({ length: 3 * MAPS }, () => new Numbers());
    const cells = this.grids.map((grid, at) => element("figure", { "data-sign": ["×", "=", ""][at % 3] }, [grid.node]));
    this.sum = element("p", { class: "step-sentence" });
    this.both = element("p", { class: "verdict" });
    this.largeTitle = element("h3", {});
    this.large = element("table", { class: "agreements large" });
    this.difference = element("p", { class: "faint" });
    this.node = element("section", { class: "covering" }, [
      this.question.node,
      this.tabs,
      element("div", { class: "covering-grid" }, [...this.heads, ...cells]),
      this.sum,
      this.both,
      this.largeTitle,
      element("div", { class: "scroll", tabindex: 0 }, [this.large]),
      this.difference,
    ]);
  }

  pick(button) {
    if (!button) return;
    this.letter = Number(button.dataset.at);
    this.show(this.view);
  }

  show(view) {
    this.view = view;
    const { packet, tables, tools } = view;
    const { texts } = tools;
    const { letter } = this;
    const name = { letter: LETTERS[letter] };
    const places = packet.covered.length / LETTERS.length; // numbers that each kernel gives
    this.question.show(
      { ask: texts.ask_places, choices: ["1", "2", "4", "12"], right: String(places), why: texts.why_places },
      texts
    );
    for (const part of [this.sum, this.both, this.large, this.largeTitle, this.difference])
      part.hidden = !this.question.isDone;
    [...this.tabs.children].forEach((button, at) => {
      button.textContent = fill(texts.for_letter, { letter: LETTERS[at] });
      button.setAttribute("aria-pressed", String(at === letter));
    });
    this.heads.forEach((head) => (head.textContent = fill(texts[head.dataset.name], name)));
    const maps = packet.outputs.pool2.values;
    const kernel = packet.votes.values.subarray(letter * SIZE * MAPS, (letter + 1) * SIZE * MAPS);
    const products = Float64Array.from(maps, (value, at) => value * kernel[at]);
    const held = digitsThatHold([...products], packet.covered[letter], 2);
    const fine = held?.[0] ?? 2;
    // each product holds as shown
    const [ofMaps, ofKernel] = digitsOfFactors(maps, kernel, products, fine) ?? [fine, 2];
    const half = Math.max(1, largestSize(packet.votes.values));
    for (let map = 0; map < MAPS; map += 1) {
      [
        [maps, tables.activations, 1, ofMaps],
        [kernel, tables.weights, half, ofKernel],
        [products, tables.activations, 1, fine],
      ].forEach(([values, table, reach, digits], part) => {
        this.grids[3 * map + part].show({
          rows: 2,
          cols: 2,
          values: values.subarray(map * SIZE, (map + 1) * SIZE),
          table,
          half: reach,
          digits,
          label: this.heads[part].textContent,
        });
      });
    }
    this.sum.textContent = fill(texts.covered_sum, { value: formatNumber(packet.covered[letter], held?.[1] ?? 2) });
    const [dense, covered] = [packet.scores, packet.covered].map((scores) => formatNumber(scores[letter], 4));
    this.both.textContent = fill(texts.both, { dense, covered });
    this.both.dataset.same = String(dense === covered);
    this.showLarge(tools);
  }

  showLarge({ texts, covering }) {
    this.largeTitle.textContent = `${texts.large}: ${texts.large_input}`;
    const shape = (sizes) => sizes.join("×");
    const heads = ["large_way", "large_goes_in", "large_weight", "large_output"].map((name) =>
      element("th", { scope: "col" }, [texts[name]])
    );
    const rows = [
      [texts.large_dense, covering.column, covering.linear_weight, covering.linear_output],
      [texts.large_convolution, covering.input, covering.kernel, covering.output],
    ].map(([way, ...shapes]) =>
      element("tr", {}, [
        element("th", { scope: "row" }, [way]),
        ...shapes.map((sizes) => element("td", {}, [shape(sizes)])),
      ])
    );
    this.large.replaceChildren(element("thead", {}, [element("tr", {}, heads)]), element("tbody", {}, rows));
    const difference = covering.difference === 0 ? "0" : covering.difference.toExponential(0);
    this.difference.textContent = fill(texts.large_difference, { difference });
  }
}
