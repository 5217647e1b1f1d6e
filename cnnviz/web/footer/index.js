// The last line of every page: a link to what one sees, and what this browser keeps of the visitor, to be forgotten.

import { CopyLink } from "../shared/copylink.js";
import { element, putText } from "../shared/dom.js";
import { leftOutOfLink } from "../shared/leftout.js";
import { keepStanding } from "../shared/standing.js";
import { forgetKept } from "../shared/store.js";

const PATIENCE = 2000; // ms for the server to forget too

class Footer {
  constructor(parent) {
    this.link = new CopyLink(leftOutOfLink);
    this.kept = element("span", { class: "kept" });
    this.ask = this.buttonThat(() => this.question(true));
    this.yes = this.buttonThat(() => this.forget());
    this.no = this.buttonThat(() => this.takeBack());
    const answers = element("span", { class: "answers", role: "group" }, [this.yes, this.no]);
    this.root = element("div", { class: "cnnviz-footer" }, [this.link.root, this.kept, this.ask, answers]);
    this.question(false);
    parent.append(this.root);
  }

  buttonThat(acts) {
    const button = element("button", { type: "button" });
    button.addEventListener("click", acts);
    return button;
  }

  receive({ texts, link, forgotten }, forget) {
    this.texts = texts;
    this.askServer = forget;
    this.link.receive(texts);
    this.link.root.hidden = !link;
    for (const name of ["kept", "ask", "yes", "no"]) putText(this[name], texts[name]);
    if (forgotten && this.isForgetting) this.leave();
  }

  /** Forgetting is asked for twice: it cannot be undone. */
  question(isAsked) {
    this.ask.hidden = isAsked;
    this.yes.parentElement.hidden = !isAsked;
    if (isAsked) this.no.focus();
  }

  /** The question is gone, and with it the button that had the focus. */
  takeBack() {
    this.question(false);
    this.ask.focus();
  }

  async forget() {
    this.isForgetting = true;
    await forgetKept();
    this.askServer();
    setTimeout(() => this.leave(), PATIENCE);
  }

  close() {
    this.link.close();
    this.root.remove();
  }

  /** Begin anew, without what the address says of a drawing. */
  async leave() {
    await forgetKept(); // what a page wrote meanwhile too
    location.replace(location.pathname);
  }
}

/** Streamlit calls this for every run; the footer itself stays. */
export default function mountFooter({ data, parentElement, setTriggerValue }) {
  return keepStanding(Footer, parentElement, (footer) => footer.receive(data, () => setTriggerValue("forget", true)));
}
