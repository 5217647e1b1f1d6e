// A button that copies the page's address, and says what the address cannot carry.

import { element, putText } from "./dom.js";

const TOLD = 2500; // ms that "copied" stands
const TOLD_MORE = 9000; // where something is left out

/** texts: copy, hint, copied, by_hand. */
export class CopyLink {
  /** @param {() => string} leftOut a sentence on what the address cannot carry, read when it is copied */
  constructor(leftOut) {
    this.leftOut = leftOut;
    this.button = element("button", { type: "button" });
    this.note = element("span", { role: "status" });
    this.field = element("input", { type: "text", readonly: "", hidden: true });
    this.root = element("div", { class: "cnnviz-sharing" }, [this.button, this.note, this.field]);
    this.button.addEventListener("click", () => this.copy());
    this.field.addEventListener("focus", () => this.field.select());
  }

  receive(texts) {
    this.texts = texts;
    this.button.title = texts.hint;
    if (!this.timer) putText(this.button, texts.copy);
  }

  async copy() {
    const { texts } = this;
    try {
      await navigator.clipboard.writeText(location.href);
      this.tell(texts.copied, this.leftOut());
    } catch {
      this.show(texts); // no clipboard without https, or not allowed: by hand
    }
  }

  tell(word, sentence) {
    clearTimeout(this.timer);
    this.button.textContent = `✓ ${word}`;
    this.note.textContent = sentence;
    this.timer = setTimeout(() => this.rest(), sentence ? TOLD_MORE : TOLD);
  }

  rest() {
    this.timer = null;
    this.button.textContent = this.texts.copy;
    this.note.textContent = "";
  }

  show({ by_hand: byHand }) {
    this.note.textContent = [this.leftOut(), byHand].filter(Boolean).join(" ");
    this.field.setAttribute("aria-label", byHand);
    this.field.value = location.href;
    this.field.hidden = false;
    this.field.focus();
  }

  close() {
    clearTimeout(this.timer);
    this.root.remove();
  }
}
