// The reader says first: how large a map will be, which letter wins, what will stand in a cell; and is told whether
// that was right.

import { element, fill } from "../shared/dom.js";
import { formatNumber } from "../shared/format.js";
import { parseWeight } from "../kernel_editor/weights.js";
import { isRightGuess } from "./arithmetic.js";

/**
 * @typedef {{ask: string, choices: string[], right: string, why: string, labels?: Record<string, string>}} Asked
 *   `right` is one of the choices; `labels` where a choice is not its own name
 */

/** One question with its possible answers; what would tell the answer is hidden until then. */
export class Question {
  /** @param {() => void} onDone called when the reader has answered, or asks to be told */
  constructor(onDone) {
    this.onDone = onDone;
    this.isDone = false;
    this.given = null; // what was chosen, of which question; null choice: what was told is no longer shown
    this.question = element("p", { class: "ask" });
    this.choices = element("div", { class: "choices" });
    this.told = element("p", { class: "told", role: "status", tabindex: -1 });
    this.node = element("section", { class: "question" }, [this.question, this.choices, this.told]);
    this.choices.addEventListener("click", (event) => this.answer(event.target.closest("button")?.dataset.choice));
  }

  /** @param {Asked} asked @param {Record<string, string>} texts */
  show(asked, texts) {
    Object.assign(this, { asked, texts });
    const stamp = JSON.stringify([asked.ask, asked.right, asked.choices, texts.language]);
    if (stamp !== this.stamp) this.build(); // a told answer is of the question that was asked
    this.stamp = stamp;
    this.tellAgain();
    this.question.textContent = asked.ask;
    for (const part of [this.question, this.choices]) part.hidden = this.isDone;
    this.told.hidden = this.told.textContent === "";
    this.node.hidden = this.isDone && this.told.hidden;
  }

  /** What was answered before: the answer is told again where it is of the same question. @param {?object} given */
  restore(given) {
    Object.assign(this, { given, isDone: given !== null, stamp: null, toTell: given });
    this.told.textContent = "";
  }

  tellAgain() {
    const given = this.toTell;
    this.toTell = null;
    if (given && given.choice !== null && given.of === this.of) this.tell(given.choice);
  }

  /** Which question it is, whatever the language: an answer is an answer to it only. */
  get of() {
    return [...this.asked.choices, this.asked.right].join(" ");
  }

  build() {
    this.told.textContent = "";
    if (this.given && !this.toTell) this.given = { choice: null, of: this.of };
    const buttons = this.asked.choices.map((choice) =>
      element("button", { type: "button", "data-choice": choice }, [this.named(choice)])
    );
    this.choices.replaceChildren(
      ...buttons,
      element("button", { type: "button", "data-choice": "", class: "quiet" }, [this.texts.show_me])
    );
  }

  named(choice) {
    return this.asked.labels?.[choice] ?? choice;
  }

  answer(chosen) {
    if (chosen === undefined) return;
    this.tell(chosen);
    this.isDone = true;
    this.onDone();
    // the choice is gone
    if (!this.node.getRootNode().activeElement?.checkVisibility()) this.told.focus({ preventScroll: true });
  }

  tell(chosen) {
    this.given = { choice: chosen, of: this.of };
    const { right, why } = this.asked;
    const answer = this.named(right);
    const text = chosen === "" ? "answer_told" : chosen === right ? "answer_right" : "answer_wrong";
    this.told.textContent = `${fill(this.texts[text], { answer, guess: this.named(chosen) })} ${why}`;
    this.told.dataset.right = chosen === "" ? "" : String(chosen === right);
  }
}

/** Sorted choices without doubles. @param {number[]} numbers @returns {string[]} */
export function numberChoices(numbers) {
  return [...new Set(numbers)].sort((a, b) => a - b).map(String);
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
    this.form = element("form", { class: "guess-form" }, [
      element("label", {}, [this.label, this.field]),
      this.button,
      this.score,
    ]);
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
