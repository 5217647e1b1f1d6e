// The slider through time: which moment is looked at, live or recorded, and the recording played.

import { element } from "../shared/dom.js";
import { isPlainKey } from "../shared/plainkey.js";

const WHOLE = 8000; // ms that a recording takes to play
const LEAST = 60; // ms from moment to moment

export class Timeline {
  /** @param {{onAt: (step: ?number) => void}} answers null: live, the head of the run */
  constructor(answers) {
    this.answers = answers;
    this.at = null;
    this.moments = [0];
    this.play = element("button", { type: "button", "data-act": "play" });
    this.live = element("button", { type: "button", "data-act": "live" });
    this.slider = element("input", { type: "range", min: 0, max: 1, step: 1, value: 0, class: "tr-time" });
    this.label = element("span", { class: "tr-when", "aria-live": "polite" });
    this.root = element("div", { class: "tr-timeline", role: "group" }, [
      this.play,
      this.slider,
      this.label,
      this.live,
    ]);
    this.slider.addEventListener("input", () => this.go(this.slider.valueAsNumber));
    this.slider.addEventListener("keydown", (event) => this.key(event));
    this.play.addEventListener("click", () => (this.timer ? this.stop() : this.start()));
    this.live.addEventListener("click", () => this.go(null));
  }

  /**
   * @param {{moments: number[], last: number, head: number, isRunning: boolean, name: (at: ?number) => string,
   *   texts: Record<string, string>}} shown the recorded steps of all runs; `head`: where a live look is;
   *   `name`: which moments are shown then
   */
  show({ moments, last, head, isRunning, name, texts }) {
    Object.assign(this, { moments, last, head, isRunning, name, texts });
    this.slider.max = String(Math.max(1, last));
    this.slider.disabled = moments.length < 2;
    this.play.disabled = moments.length < 2;
    this.slider.setAttribute("aria-label", texts.time);
    this.root.setAttribute("aria-label", texts.time);
    this.write();
  }

  write() {
    const { texts, at, head } = this;
    if (!texts) return;
    const shown = at ?? head;
    if (this.slider.valueAsNumber !== shown) this.slider.value = String(shown);
    const name = this.name(at);
    this.slider.setAttribute("aria-valuetext", name);
    this.label.textContent = name;
    this.live.textContent = this.isRunning ? texts.live : texts.to_end;
    this.live.setAttribute("aria-pressed", String(at === null));
    this.play.textContent = this.timer ? texts.hold : texts.play;
    this.root.dataset.live = String(at === null);
  }

  /** @param {?number} step */
  go(step, isPlaying = false) {
    if (!isPlaying) this.stop();
    this.at = step !== null && step >= this.last ? null : step;
    this.write();
    this.answers.onAt(this.at);
  }

  key(event) {
    if (!isPlainKey(event)) return;
    if (event.key === "Home" || event.key === "End") {
      event.preventDefault();
      this.go(event.key === "Home" ? this.moments[0] : null);
      return;
    }
    const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageUp: 10, PageDown: -10 }[event.key];
    if (!by) return;
    event.preventDefault();
    this.go(this.moments[Math.max(0, Math.min(this.moments.length - 1, this.place() + by))]);
  }

  /** Which recorded moment is shown: the last one that is not after the step. */
  place() {
    const step = this.at ?? this.head;
    const after = this.moments.findIndex((moment) => moment > step);
    return after < 0 ? this.moments.length - 1 : Math.max(0, after - 1);
  }

  start() {
    const first = this.at === null ? 0 : this.place();
    const gap = Math.max(LEAST, WHOLE / Math.max(1, this.moments.length));
    let next = first;
    this.timer = setInterval(() => {
      if (next >= this.moments.length) return this.go(null);
      this.go(this.moments[next], true);
      next += 1;
      return undefined;
    }, gap);
    this.write();
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    this.write();
  }

  close() {
    clearInterval(this.timer);
  }
}
