// The reader says first: how large a map will be, or what will stand in a cell; and is told whether that was right.

import { element, fill } from "../shared/dom.js";
import { formatNumber } from "../shared/format.js";
import { parseWeight } from "../kernel_editor/weights.js";
import { isRightGuess } from "./arithmetic.js";

/** One question about a size, with its possible answers. */
export class SizeQuestion {
  /** @param {(isAsked: boolean) => void} onDone */
  constructor(onDone) {
    this.onDone = onDone;
    this.question = element("p", { class: "ask" });
    this.choices = element("div", { class: "choices" });
    this.told = element("p", { class: "told", role: "status" });
    this.node = element("section", { class: "size-question" }, [this.question, this.choices, this.told]);
    this.choices.addEventListener("click", (event) => this.answer(event.target.dataset.size));
  }

  /** @param {{ask: string, sizes: number[], right: number, why: string, texts: Record<string, string>, isDone: boolean}} shown */
  show(shown) {
    this.shown = shown;
    this.question.textContent = shown.ask;
    const stamp = `${shown.ask}${shown.texts.language}`;
    if (stamp !== this.stamp) {
      this.stamp = stamp;
      this.told.textContent = "";
      const buttons = shown.sizes.map((size) => element("button", { type: "button", "data-size": size }, [`${size}×${size}`]));
      this.choices.replaceChildren(...buttons, element("button", { type: "button", "data-size": 0, class: "quiet" }, [shown.texts.show_me]));
    }
    for (const part of [this.question, this.choices]) part.hidden = shown.isDone;
    this.told.hidden = this.told.textContent === "";
  }

  answer(chosen) {
    if (chosen === undefined) return;
    const { right, why, texts } = this.shown;
    const size = `${right}×${right}`;
    const said = Number(chosen) === right ? fill(texts.size_right, { size }) : fill(texts.size_wrong, { size, guess: `${chosen}×${chosen}` });
    this.told.textContent = Number(chosen) === 0 ? why : `${said} ${why}`;
    this.told.dataset.right = Number(chosen) === 0 ? "" : String(Number(chosen) === right);
    this.onDone();
  }
}

/** A field for the number that will stand in a cell. */
export class CellGuess {
  /** @param {() => void} onTold called when the guess was judged, so that the cell may be shown */
  constructor(onTold) {
    this.onTold = onTold;
    this.right = this.count = 0;
    this.label = element("span", {});
    this.field = element("input", { type: "text", inputmode: "decimal", autocomplete: "off", class: "guess-field" });
    this.button = element("button", { type: "submit" });
    this.told = element("p", { class: "told", role: "status" });
    this.score = element("span", { class: "guess-score" });
    this.form = element("form", { class: "guess-form" }, [element("label", {}, [this.label, this.field]), this.button, this.score]);
    this.form.addEventListener("submit", (event) => this.judge(event));
    this.form.addEventListener("keydown", (event) => event.stopPropagation());
    this.node = element("section", { class: "cell-guess" }, [this.form, this.told]);
  }

  /** @param {{isOn: boolean, isPending: boolean, value: number, texts: Record<string, string>}} shown */
  show(shown) {
    this.shown = shown;
    const { texts } = shown;
    this.node.hidden = !shown.isOn;
    this.label.textContent = texts.your_guess;
    this.button.textContent = texts.check;
    this.button.disabled = this.field.disabled = !shown.isPending;
    this.score.textContent = this.count > 0 ? fill(texts.score_so_far, { right: this.right, count: this.count }) : "";
    this.told.hidden = this.told.textContent === "";
  }

  /** Another cell is asked about. */
  ask() {
    this.field.value = "";
    this.told.textContent = "";
  }

  judge(event) {
    event.preventDefault();
    const { texts, value, isPending } = this.shown;
    if (!isPending) return;
    const guess = parseWeight(this.field.value);
    if (guess === null) {
      this.told.textContent = texts.guess_unread;
      this.told.dataset.right = "";
    } else {
      const isRight = isRightGuess(guess, value);
      this.count += 1;
      this.right += Number(isRight);
      const words = { value: formatNumber(value, 2), guess: this.field.value.trim() };
      this.told.textContent = fill(isRight ? texts.guess_right : texts.guess_wrong, words);
      this.told.dataset.right = String(isRight);
      this.onTold();
    }
    this.told.hidden = false;
  }
}
