// One step, stop, the learning rate while it runs: what the hand has over a run. A large button pauses it.

import { element, fill, putText } from "../shared/dom.js";
import { writeOptions } from "./lookbar.js";
import { IS_OVER, isOneMoment, rateText, statusOf } from "./words.js";

const LEAST_POWER = -5; // of the learning rate, of ten
const MOST_POWER = 0;
const FULL = "full"; // speed

/** Which buttons can be pressed in which state. */
const OPEN = {
  starting: ["stop", "reset"],
  loading: ["stop", "reset"],
  running: ["stop", "reset", "save", "inside"],
  paused: ["step", "stop", "reset", "save", "inside"],
  stopping: ["stop", "reset"],
  done: ["reset", "keep", "save", "inside"],
  stopped: ["reset", "keep", "save", "inside"],
  failed: ["reset", "keep"],
};

/** Whether a button can be pressed now. */
function isOpen(button) {
  return button.getAttribute("aria-disabled") !== "true";
}

export class Controls {
  /** @param {{onDo: (name: string, value?: ?number) => void}} answers */
  constructor(answers) {
    this.answers = answers;
    this.buttons = Object.fromEntries(
      ["step", "stop", "reset", "keep", "save", "inside"].map((name) => [name, this.button(name)])
    );
    this.status = element("p", { class: "tr-status", role: "status" });
    this.bar = element("i", {});
    this.title = element("p", { class: "tr-small" });
    this.next = element("p", { class: "tr-small" });
    this.progress = element("div", { class: "tr-progress" }, [this.bar]);
    this.slider = element("input", { type: "range", min: LEAST_POWER, max: MOST_POWER, step: 0.05 });
    this.rateLabel = element("span", { class: "tr-small" });
    this.rate = element("label", { class: "tr-rate" }, [this.rateLabel, this.slider]);
    this.slider.addEventListener("input", () => this.turn());
    this.slider.addEventListener("change", () => (this.isHeld = false));
    this.speed = element("select", { class: "tr-list" });
    this.speedLabel = element("span", { class: "tr-small" });
    this.speedField = element("label", { class: "tr-speed" }, [this.speedLabel, this.speed]);
    this.speed.addEventListener("change", () =>
      this.answers.onDo("speed", this.speed.value === FULL ? null : Number(this.speed.value))
    );
    const buttons = element("div", { class: "tr-buttons", role: "group" }, Object.values(this.buttons));
    this.root = element("div", { class: "tr-controls" }, [
      buttons,
      element("div", { class: "tr-standing" }, [this.status, this.progress, this.title, this.next]),
      this.speedField,
      this.rate,
    ]);
  }

  button(name) {
    const button = element("button", { type: "button", "data-do": name });
    button.addEventListener("click", () => isOpen(button) && this.answers.onDo(name));
    return button;
  }

  /**
   * @param {object} run @param {Record<string, any>} texts @param {boolean} offersInside whether there is a page to
   *   look inside
   */
  show(run, texts, offersInside) {
    Object.assign(this, { texts });
    const open = (OPEN[run.state] ?? []).filter(
      (name) => !(name === "keep" && run.isKept) && !(name === "inside" && !offersInside)
    );
    for (const [name, button] of Object.entries(this.buttons)) {
      button.textContent = texts.buttons[name];
      button.title = texts.hints[name] ?? "";
      button.setAttribute("aria-disabled", String(!open.includes(name))); // stays in reach, so that focus is not lost
    }
    const focused = this.root.getRootNode().activeElement;
    for (const name of ["keep", "save", "inside"]) this.buttons[name].hidden = !open.includes(name);
    for (const name of ["step", "stop"]) this.buttons[name].hidden = IS_OVER.includes(run.state);
    if (focused?.hidden && this.root.contains(focused)) this.buttons.reset.focus(); // it is there in every state
    this.status.textContent = statusOf(run, texts);
    putText(this.title, run.title ?? "");
    putText(this.next, run.isKept ? texts.next_kept : isOneMoment(run) ? texts.next_from_file : texts.next);
    this.next.hidden = !["done", "stopped"].includes(run.state);
    this.bar.style.width = `${run.steps > 0 ? (100 * run.step) / run.steps : 0}%`;
    this.showRate(run, texts);
    this.showSpeed(run, texts);
  }

  showSpeed(run, texts) {
    this.speedField.hidden = IS_OVER.includes(run.state);
    this.speedLabel.textContent = texts.speed_label;
    writeOptions(this.speed, Object.entries(texts.speeds), run.speed ? String(run.speed) : FULL);
  }

  showRate(run, texts) {
    this.rate.hidden = IS_OVER.includes(run.state);
    if (this.isHeld || run.rate === null) return;
    this.slider.value = String(Math.log10(run.rate));
    this.slider.setAttribute("aria-label", texts.rate_label);
    this.rateLabel.textContent = fill(texts.rate, { rate: rateText(run.rate) });
  }

  turn() {
    this.isHeld = true;
    const rate = Number((10 ** this.slider.valueAsNumber).toPrecision(2));
    this.rateLabel.textContent = fill(this.texts.rate, { rate: rateText(rate) });
    this.answers.onDo("rate", rate);
  }
}
