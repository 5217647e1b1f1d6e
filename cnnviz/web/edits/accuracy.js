// How well the edited network reads: asked of Python a part at a time, with a bar that grows.

import { element } from "../shared/dom.js";
import { jsonIn, post } from "../shared/post.js";

export class AccuracyMeter {
  constructor() {
    this.button = element("button", { type: "button" });
    this.button.addEventListener("click", () => (this.asking ? this.stop() : this.start()));
    this.bar = element("progress", { max: 1, value: 0, hidden: true });
    this.words = element("p", { class: "surgery-result", "aria-live": "polite" });
    this.root = element("div", { class: "surgery-accuracy" }, [this.button, this.bar, this.words]);
    this.asking = null;
  }

  /** Whom to ask, and about what; a result of other edits is no longer shown. */
  hold(url, say, done, texts) {
    Object.assign(this, { url, say, texts });
    this.root.hidden = !url;
    this.button.textContent = this.asking ? texts.accuracy_stop : texts.accuracy;
    if (done === this.done) return;
    this.done = done;
    this.stop();
    this.words.textContent = "";
  }

  stop() {
    this.asking?.abort();
    this.asking = null;
    this.bar.hidden = true;
    if (this.texts) this.button.textContent = this.texts.accuracy;
  }

  async start() {
    const asking = new AbortController();
    this.asking = asking;
    this.bar.hidden = false;
    this.button.textContent = this.texts.accuracy_stop;
    const surgery = { done: this.done };
    let score = { done: 0, before: 0, after: 0, total: 1, is_complete: false };
    while (score && !score.is_complete && !score.problem) {
      this.bar.value = score.done / score.total;
      const { done, before, after } = score;
      score = jsonIn(await post(this.url, { ...this.say, surgery, done, before, after }, asking.signal));
      if (asking !== this.asking) return;
      this.words.textContent = score ? (score.problem ?? score.words) : this.texts.accuracy_failed;
    }
    this.stop();
  }
}
