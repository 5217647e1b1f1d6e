// Chapter 1: the whole picture laid over a perfect X and a perfect O, cell by cell, and why that fails.

import { cssColour, tableIndex } from "../shared/colour.js";
import { element, fill } from "../shared/dom.js";
import { formatNumber } from "../shared/format.js";
import { fromBits } from "./packet.js";
import { Question } from "./predict.js";

const CELLS = 81;
const ASKED = "x-moved"; // the ready-made picture that the question is about

export class Comparing {
  /** @param {{onPicture: (key: string) => void, onTold: () => void}} answers */
  constructor({ onPicture, onTold }) {
    this.question = new Question(onTold);
    this.take = element("button", { type: "button", class: "take" });
    this.take.addEventListener("click", () => onPicture(ASKED));
    this.overlays = ["x", "o"].map((letter) => new Overlay(letter));
    this.says = element("p", { class: "verdict", "aria-live": "polite" });
    this.note = element("p", { class: "faint" });
    this.table = element("table", { class: "agreements" });
    this.all = element("div", { class: "scroll", tabindex: 0 }, [this.table]);
    const row = element(
      "div",
      { class: "overlays" },
      this.overlays.map((one) => one.node)
    );
    this.node = element("section", { class: "comparing" }, [
      this.question.node,
      this.take,
      row,
      this.says,
      this.note,
      this.all,
    ]);
  }

  show({ packet, picture, tables, tools }) {
    const { texts, ready, ideal } = tools;
    for (const overlay of this.overlays)
      overlay.show({
        picture,
        ideal: fromBits(ideal[overlay.letter], CELLS),
        agreement: packet.agreement[overlay.letter],
        table: tables.inputs,
        texts,
      });
    this.question.show(question(ready, texts), texts);
    this.says.textContent = packet.is_blank
      ? texts.blank_compared
      : fill(texts.pixels_say, { answer: letterName(packet.by_pixels, texts) });
    this.all.hidden = !this.question.isDone;
    this.take.hidden = this.question.node.hidden || !this.question.isDone;
    this.take.textContent = fill(texts.lay_over, { picture: ready.find(({ key }) => key === ASKED).title });
    this.note.textContent = texts.crossed;
    const yours = {
      title: texts.yours,
      letter: null,
      x: packet.agreement.x,
      o: packet.agreement.o,
      by_pixels: packet.by_pixels,
    };
    const rows = [
      ...ready.map((one, at) => rowOf(one, packet.presets[at].answer, texts)),
      rowOf(yours, packet.answer, texts, packet.is_blank),
    ];
    const heads = ["table_picture", "table_x", "table_o", "table_pixels", "table_network"].map((name) =>
      element("th", { scope: "col" }, [texts[name]])
    );
    this.table.replaceChildren(element("thead", {}, [element("tr", {}, heads)]), element("tbody", {}, rows));
  }
}

/** Which letter the count takes the asked picture for. */
function question(ready, texts) {
  const { title, x, o, by_pixels } = ready.find(({ key }) => key === ASKED);
  return {
    ask: fill(texts.ask_compare, { picture: title }),
    choices: ["X", "O"],
    right: by_pixels,
    why: fill(texts.why_compare, { x: x.same, o: o.same }),
  };
}

function rowOf({ key, title, letter, x, o, by_pixels }, network, texts, isBlank = false) {
  const judged = (answer) => {
    if (isBlank) return element("td", {}, [texts.nothing]);
    const mark = letter === null ? "" : ` ${answer === letter ? texts.right : texts.wrong}`;
    return element("td", { "data-right": letter === null ? "" : String(answer === letter) }, [
      letterName(answer, texts) + mark,
    ]);
  };
  const agreeing = ({ same, score }) => element("td", {}, [`${same} · ${formatNumber(score, 2)}`]);
  return element("tr", { "data-key": key ?? "yours" }, [
    element("th", { scope: "row" }, [title]),
    agreeing(x),
    agreeing(o),
    judged(by_pixels),
    judged(network),
  ]);
}

/** @param {string} answer "X", "O" or "neither" */
export function letterName(answer, texts) {
  return answer === "neither" ? texts.neither : answer;
}

/** A perfect letter, with the cells outlined that the reader's picture has otherwise. */
class Overlay {
  constructor(letter) {
    this.letter = letter;
    this.title = element("h3", {});
    this.cells = Array.from({ length: CELLS }, () => element("i", {}));
    this.grid = element("div", { class: "overlay-grid", role: "img" }, this.cells);
    this.count = element("p", { class: "agreement" });
    this.node = element("figure", { class: "overlay", "data-letter": letter }, [this.title, this.grid, this.count]);
  }

  show({ picture, ideal, agreement, table, texts }) {
    this.title.textContent = texts[`with_${this.letter}`];
    this.cells.forEach((cell, at) => {
      cell.style.background = cssColour(table[tableIndex(ideal[at], -1, 1)]);
      cell.dataset.differs = String(ideal[at] !== picture[at]);
    });
    const score = formatNumber(agreement.score, 2);
    const said = `${fill(texts.agree, { same: agreement.same })} · ${fill(texts.mean_product, { score })}`;
    this.count.textContent = said;
    this.grid.setAttribute("aria-label", `${this.title.textContent}: ${said}`);
  }
}
