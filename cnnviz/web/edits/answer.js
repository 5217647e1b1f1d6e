// The answer after the edits beside the answer before: a headline, and a bar for each class with a line where it was.

import { element } from "../shared/dom.js";
import { formatPercent } from "../shared/format.js";

export class AnswerBars {
  constructor() {
    this.headline = element("strong", { class: "surgery-headline", "aria-live": "polite" });
    this.hint = element("p", { class: "surgery-hint" });
    this.list = element("div", { class: "surgery-bars" });
    this.root = element("div", { class: "surgery-answer" }, [this.headline, this.list, this.hint]);
    this.rows = [];
    this.named = "";
  }

  /** @param {import("../network/packet.js").Packet} packet @param {Record<string, string>} texts */
  show(packet, texts) {
    const { fields, classes, verdict } = packet;
    if (this.named !== JSON.stringify(classes)) this.build(classes);
    this.headline.textContent = verdict.headline;
    this.hint.textContent = fields.scores_before ? texts.before_mark : "";
    const after = fields.scores_after.values;
    this.rows.forEach(({ bar, mark, share }, at) => {
      bar.style.width = `${100 * after[at]}%`;
      mark.hidden = !fields.scores_before;
      if (fields.scores_before) mark.style.left = `${100 * fields.scores_before.values[at]}%`;
      share.textContent = formatPercent(after[at]);
    });
  }

  build(classes) {
    this.named = JSON.stringify(classes);
    this.rows = classes.map((name) => {
      const [bar, mark, share] = ["i", "b", "span"].map((tag) => element(tag));
      const node = element("div", { class: "surgery-score", "data-class": name }, [
        element("span", {}, [name]),
        element("div", {}, [bar, mark]),
        share,
      ]);
      return { bar, mark, share, node };
    });
    this.list.replaceChildren(...this.rows.map(({ node }) => node));
  }
}
