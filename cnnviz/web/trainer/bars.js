// What a network answers for one picture: the picture, and a bar for each class.

import { element, fill } from "../shared/dom.js";
import { formatPercent } from "../shared/format.js";
import { thumb } from "./thumbs.js";

const SUBJECT_SIDE = 84;
const MOST_BARS = 12; // bars

export class Answer {
  constructor() {
    this.title = element("h3", {});
    this.picture = element("div", { class: "tr-subject" });
    this.bars = element("div", { class: "tr-bars", role: "list" });
    this.root = element("section", { class: "tr-answer" }, [
      this.title,
      element("div", { class: "tr-answer-body" }, [this.picture, this.bars]),
    ]);
  }

  /** @param {{look: object, classes: string[], texts: Record<string, string>, title: string}} shown */
  show({ look, classes, texts, title }) {
    const { probabilities, subject, truth } = look;
    const shares = Array.from(probabilities.values);
    const best = shares.reduce((found, share, at) => (share > (shares[found] ?? -Infinity) ? at : found), -1);
    this.title.textContent = fill(title, { guess: classes[best] ?? "?", share: shareOf(shares[best] ?? NaN) });
    if (this.drawn !== subject) this.picture.replaceChildren(thumb(subject, 0, SUBJECT_SIDE));
    this.drawn = subject;
    const order =
      classes.length <= MOST_BARS
        ? classes.map((_name, at) => at)
        : shares
            .map((_share, at) => at)
            .sort((a, b) => shares[b] - shares[a])
            .slice(0, MOST_BARS);
    if (this.bars.childElementCount !== order.length) this.bars.replaceChildren(...order.map(() => barOf()));
    order.forEach((at, row) =>
      this.write(this.bars.children[row], {
        name: classes[at],
        share: shares[at],
        isBest: at === best,
        isTrue: at === truth,
        texts,
      })
    );
  }

  write(row, { name, share, isBest, isTrue, texts }) {
    const [label, track, value] = row.children;
    label.textContent = isTrue ? `${name} ✓` : name;
    label.title = isTrue ? texts.is_true : name;
    track.firstChild.style.width = `${100 * (Number.isFinite(share) ? share : 0)}%`;
    value.textContent = shareOf(share);
    row.dataset.best = String(isBest);
  }
}

/** A probability; a network whose weights have diverged has none. */
function shareOf(share) {
  return Number.isFinite(share) ? formatPercent(share, 1) : "NaN";
}

function barOf() {
  return element("div", { class: "tr-bar", role: "listitem" }, [
    element("span", {}),
    element("span", { class: "tr-track" }, [element("i", {})]),
    element("em", {}),
  ]);
}
