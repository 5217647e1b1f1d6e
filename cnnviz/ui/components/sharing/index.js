// A button that copies the page's address, after the address was made to say what is set up.

import { element, isOnPage, putText } from "../shared/dom.js";

const TOLD = 2500; // ms that "copied" stands
const TOLD_MORE = 9000; // where something is left out
const shares = new WeakMap();

class Sharing {
  constructor(parent) {
    this.button = element("button", { type: "button" });
    this.note = element("span", { role: "status" });
    this.field = element("input", { type: "text", readonly: "", hidden: true });
    this.root = element("div", { class: "cnnviz-sharing" }, [this.button, this.note, this.field]);
    this.button.addEventListener("click", () => this.copy());
    this.field.addEventListener("focus", () => this.field.select());
    parent.append(this.root);
  }

  receive({ names, values, texts }) {
    this.texts = texts;
    writeAddress(names, values);
    this.button.title = texts.hint;
    if (!this.timer) putText(this.button, texts.copy);
  }

  async copy() {
    const { texts } = this;
    try {
      await navigator.clipboard.writeText(location.href);
      this.tell(texts.copied, texts.left_out);
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

  show({ by_hand: byHand, left_out: leftOut }) {
    this.note.textContent = [leftOut, byHand].filter(Boolean).join(" ");
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

/** What is set up, in the page's address: no entry in the history, and nothing where nothing changes. */
function writeAddress(names, values) {
  const query = new URLSearchParams(location.search);
  for (const name of names) query.delete(name);
  for (const [name, value] of Object.entries(values)) query.set(name, value);
  const text = query.toString();
  const search = text ? `?${text}` : "";
  if (search !== location.search) history.replaceState(history.state, "", `${location.pathname}${search}${location.hash}`);
}

/** Streamlit calls this for every run; the button itself stays. */
export default function mountSharing({ data, parentElement }) {
  let share = shares.get(parentElement);
  if (!share) {
    share = new Sharing(parentElement);
    shares.set(parentElement, share);
  }
  share.receive(data);
  return () => {
    if (isOnPage(parentElement)) return;
    share.close();
    shares.delete(parentElement);
  };
}
