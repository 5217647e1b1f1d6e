// The examples: chapters in a row, below them the examples of one, and what to look at in the chosen one.

import { element, putText } from "../shared/dom.js";

export class ExampleRow {
  /** @param {(example: object) => void} onTake @param {() => void} onTurn another chapter is open */
  constructor(onTake, onTurn) {
    this.onTake = onTake;
    this.chapter = null;
    this.chapters = element("div", { class: "lab-chapters", role: "group" });
    this.titles = element("div", { class: "lab-examples", role: "group" });
    this.look = element("p", { class: "lab-look", "aria-live": "polite" });
    this.root = element("section", { class: "lab-lessons" }, [this.chapters, this.titles, this.look]);
    this.chapters.addEventListener("click", (event) => {
      this.turn(event.target.closest("button")?.dataset.chapter);
      onTurn();
    });
    this.titles.addEventListener("click", (event) => this.take(event.target.closest("button")?.dataset.key));
  }

  write(examples, texts) {
    this.examples = examples;
    this.root.setAttribute("aria-label", texts.examples);
    this.chapters.replaceChildren(
      ...Object.entries(texts.chapters).map(([chapter, title]) =>
        element("button", { type: "button", "data-chapter": chapter }, [title])
      )
    );
    this.turn(this.chapter ?? examples[0].chapter);
  }

  turn(chapter) {
    if (!chapter) return;
    this.chapter = chapter;
    for (const button of this.chapters.children)
      button.setAttribute("aria-pressed", String(button.dataset.chapter === chapter));
    const own = this.examples.filter((example) => example.chapter === chapter);
    this.titles.replaceChildren(
      ...own.map((example) => element("button", { type: "button", "data-key": example.key }, [example.title]))
    );
    this.mark(this.key);
  }

  /** The chapter of an example, or the first. @param {?string} key */
  chapterOf(key) {
    return (this.examples.find((one) => one.key === key) ?? this.examples[0]).chapter;
  }

  /** A chapter that was chosen, whatever example is on screen. @param {string} chapter @param {?string} key */
  open(chapter, key) {
    this.key = key;
    this.turn(chapter);
  }

  take(key) {
    const example = this.examples.find((one) => one.key === key);
    if (example) this.onTake(example);
  }

  /** The example that is on screen, if one is. @param {?string} key */
  mark(key) {
    const example = this.examples.find((one) => one.key === key);
    if (example && key !== this.key && example.chapter !== this.chapter) {
      this.key = key;
      this.turn(example.chapter);
      return;
    }
    this.key = key;
    for (const button of this.titles.children) button.setAttribute("aria-pressed", String(button.dataset.key === key));
    putText(this.look, example?.look ?? "");
  }
}
