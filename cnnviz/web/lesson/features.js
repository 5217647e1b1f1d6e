// Chapter 2: the three features under the hand, and where each of them fits the picture perfectly.

import { element, fill } from "../shared/dom.js";
import { InkGrid } from "./inkgrid.js";
import { mapOf } from "./packet.js";
import { Question, numberChoices } from "./predict.js";

const SIDE = 3;
const PERFECT = 1 - 1e-6; // of a score that float32 made

export class Features {
  /**
   * @param {{onChange: (at: number, values: number[]) => void, onChoose: (at: number) => void, onRestore: () => void,
   *   onTold: () => void}} answers
   */
  constructor(answers) {
    this.question = new Question(() => answers.onTold());
    this.grids = [0, 1, 2].map((at) => {
      const grid = new InkGrid({
        onChange: (values) => answers.onChange(at, values),
        onPoint: () => answers.onChoose(at),
      });
      grid.node.addEventListener("focusin", () => answers.onChoose(at));
      const title = element("h3", {});
      const fits = element("p", { class: "fits" });
      return {
        grid,
        title,
        fits,
        node: element("figure", { class: "feature", "data-feature": at }, [title, grid.node, fits]),
      };
    });
    this.restore = element("button", { type: "button", class: "quiet" });
    this.restore.addEventListener("click", () => answers.onRestore());
    const row = element(
      "div",
      { class: "features" },
      this.grids.map((one) => one.node)
    );
    this.node = element("section", { class: "feature-chapter" }, [this.question.node, row, this.restore]);
  }

  show({ packet, features, isOwn, feature, tables, tools }) {
    const { texts } = tools;
    this.restore.textContent = texts.restore;
    this.restore.setAttribute("aria-disabled", String(!isOwn.includes(true)));
    const right = perfectPlaces(packet, 0).length;
    this.question.show(
      {
        ask: fill(texts.ask_fits, { feature: texts.features[0] }),
        choices: numberChoices([0, 1, 2, 4, right]),
        right: String(right),
        why: texts.why_fits,
      },
      texts
    );
    this.grids.forEach(({ grid, title, fits, node }, at) => {
      const name = texts.features[at];
      const said = fill(texts.feature, { feature: name });
      title.textContent = isOwn[at] ? fill(texts.changed, { feature: said }) : said;
      grid.show({ side: SIDE, values: features[at], table: tables.weights, texts, label: title.textContent });
      fits.hidden = !this.question.isDone;
      const count = perfectPlaces(packet, at).length;
      fits.textContent = fill(count === 0 ? texts.fits_nowhere : count === 1 ? texts.fits_one : texts.fits, {
        feature: name,
        count,
      });
      node.dataset.chosen = String(at === feature);
    });
  }
}

/** Where a feature's score is 1: the places of its map. */
export function perfectPlaces(packet, feature) {
  return [...mapOf(packet.outputs.conv1, feature)].flatMap((value, at) => (value >= PERFECT ? [at] : []));
}

/** The cells of the picture under perfect matches. */
export function perfectCells(packet, feature) {
  const [, , cols] = packet.outputs.conv1.shape;
  const [, , width] = packet.outputs.input.shape;
  const offsets = Array.from({ length: SIDE * SIDE }, (_, i) => Math.floor(i / SIDE) * width + (i % SIDE));
  return new Set(
    perfectPlaces(packet, feature).flatMap((at) =>
      offsets.map((offset) => Math.floor(at / cols) * width + (at % cols) + offset)
    )
  );
}
