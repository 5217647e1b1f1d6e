// Where the two sides part: the largest difference in each layer as a small list, each with a bar; pressed, it opens.

import { element, fill, putText, renewChildren } from "../shared/dom.js";
import { shownNumbers, placeName } from "./pairs.js";

export class LargestList {
  /** @param {(pair: import("./pairs.js").Pair) => void} onOpen */
  constructor(onOpen) {
    this.heading = element("h2", {});
    this.list = element("ol", {});
    this.root = element("section", { class: "largest" }, [this.heading, this.list]);
    this.list.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button) onOpen(this.pairs[Number(button.dataset.pair)]);
    });
  }

  /** @param {import("./pairs.js").Compared} compared @param {?string} open the path of the layer that is open */
  show(compared, open) {
    const { texts, pairs } = compared;
    this.pairs = pairs;
    putText(this.heading, texts.largest);
    const rows = pairs.map((pair, at) => rowOf(compared, pair, at, open));
    renewChildren(this.list, rows, () => rows.map(lineOf));
  }
}

function rowOf(compared, pair, at, open) {
  const { texts } = compared;
  const side = pair.one === null ? "other" : "one";
  const { name } = compared[side].texts.layers[pair[side]];
  const isOpen = pair.path === open;
  if (!pair.largest) {
    const words = pair.one === null || pair.other === null ? texts.only_short : texts.no_difference;
    return { at, name, text: fill(words, { side: texts[side] }), hint: pair.reason, share: 0, isOpen };
  }
  const { value, one, other, channel, row, col } = pair.largest;
  const layer = compared.one.layers[pair.one];
  const cell = layer.form === "strip" ? { channel: 0, row: channel, col: 0 } : { channel, row, col };
  const numbers = shownNumbers(one, other, value, layer.form);
  const place = placeName(compared.one, { index: pair.one, ...cell });
  const text = value === 0 ? texts.none : numbers.difference;
  return { at, name, text, hint: fill(texts.largest_hint, { place, ...numbers }), share: pair.share, isOpen };
}

function lineOf({ at, name, text, hint, share, isOpen }) {
  const bar = element("i", { style: `width:${(100 * share).toFixed(1)}%` });
  return element("li", {}, [
    element("button", { type: "button", "data-pair": at, title: hint, "aria-current": isOpen ? "true" : null }, [
      element("b", {}, [name]),
      element("span", { class: "part" }, [bar]),
      element("em", {}, [text]),
    ]),
  ]);
}
