// What is told: at the top the chapter and what to do first, beside the stage what is to be seen, and its words.

import { element } from "../shared/dom.js";

export class Words {
  constructor() {
    this.title = element("h2", { "aria-live": "polite" });
    this.prompt = element("p", { class: "prompt" });
    this.lead = element("section", { class: "lead" }, [this.title, this.prompt]);
    this.tells = element("div", { class: "tells" });
    this.terms = element("div", { class: "terms" });
    this.onwards = element("a", { class: "onwards", href: "draw_xo", target: "_self" });
    this.node = element("section", { class: "lesson-words" }, [this.tells, this.onwards, this.terms]);
  }

  /**
   * @param {object} view what is on screen @param {boolean} isTold whether the chapter's question is answered: some is
   *   told only then
   */
  show({ tools, chapter }, isTold) {
    const { texts } = tools;
    const { title, prompt, tells, after, words } = texts.chapters[chapter - 1];
    this.tells.querySelectorAll("[data-after]").forEach((part) => (part.hidden = !isTold));
    const stamp = `${chapter}${texts.language}`;
    if (stamp === this.stamp) return;
    this.stamp = stamp;
    this.title.textContent = `${chapter}. ${title}`;
    this.prompt.textContent = prompt;
    const later = after.map((text) => element("p", { "data-after": "", hidden: !isTold }, [text]));
    this.tells.replaceChildren(...tells.map((text) => element("p", {}, [text])), ...later);
    const terms = words.map((word) =>
      element("details", {}, [element("summary", {}, [word]), element("p", {}, [texts.terms[word]])])
    );
    this.terms.replaceChildren(
      element("h3", {}, [texts.words_title]),
      ...terms,
      element("a", { href: "glossary", target: "_self" }, [texts.glossary])
    );
    this.onwards.hidden = chapter < texts.chapters.length;
    this.onwards.textContent = texts.go_on;
  }
}
