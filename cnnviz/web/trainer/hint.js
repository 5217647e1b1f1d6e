// What stands in the place of a run while there is none.

import { element } from "../shared/dom.js";

export class Hint {
  constructor() {
    this.root = element("div", { class: "tr-hint" });
  }

  show(texts) {
    if (this.language === texts.language) return;
    this.language = texts.language;
    const lines = texts.hints_list.map((text) => element("li", {}, [text]));
    this.root.replaceChildren(element("p", {}, [texts.hint]), element("ul", {}, lines));
  }
}
