// The bar of the walk: steps on and back, speed, a slider over all cells, and the switch for guessing first.

import { element, fill } from "../shared/dom.js";
import { RATES } from "./player.js";

export class SteerBar {
  /**
   * @param {{rate: number, onStart: () => void, onMove: (steps: number) => void, onToggle: () => void,
   *   onEnd: () => void, onRate: (rate: number) => void, onJump: (position: number) => void,
   *   onGuess: (is: boolean) => void}} answers
   */
  constructor({ rate, onStart, onMove, onToggle, onEnd, onRate, onJump, onGuess }) {
    const button = (name, act) => {
      const made = element("button", { type: "button", class: "walk-button", "data-act": name });
      made.addEventListener("click", act);
      return made;
    };
    this.buttons = {
      first: button("first", onStart),
      back: button("back", () => onMove(-1)),
      play: button("play", onToggle),
      next: button("next", () => onMove(1)),
      last: button("last", onEnd),
    };
    this.rates = element(
      "select",
      { class: "walk-rate" },
      RATES.map((each) => element("option", { value: each }, [String(each)]))
    );
    this.rates.value = String(rate);
    this.rates.addEventListener("change", () => onRate(Number(this.rates.value)));
    this.slider = element("input", { type: "range", class: "walk-slider", min: 0, step: 1 });
    this.slider.addEventListener("input", () => onJump(Number(this.slider.value)));
    this.place = element("output", { class: "walk-place" });
    this.guess = element("input", { type: "checkbox" });
    this.guess.addEventListener("change", () => onGuess(this.guess.checked));
    this.guessText = element("span", {});
    this.guessLabel = element("label", { class: "walk-guess" }, [this.guess, this.guessText]);
    this.root = element("div", { class: "walk-controls" }, [
      ...Object.values(this.buttons),
      this.rates,
      this.slider,
      this.place,
      this.guessLabel,
    ]);
  }

  /** @param {boolean} canGuess whether there is a value to guess */
  writeTexts(texts, canGuess) {
    for (const [name, made] of Object.entries(this.buttons)) {
      made.title = texts[`do_${name}`];
      made.setAttribute("aria-label", texts[`do_${name}`]);
    }
    this.rates.setAttribute("aria-label", texts.speed);
    this.rates.title = texts.speed;
    [...this.rates.children].forEach((option) => (option.textContent = fill(texts.rate, { rate: option.value })));
    this.slider.setAttribute("aria-label", texts.position);
    this.guessLabel.hidden = !canGuess;
    this.guessText.textContent = texts.guess;
    this.guessLabel.title = texts.guess_hint;
  }

  /** Where the walk stands, at `position` of `count`; the slider stays `at` its step while another one is looked at. */
  show({ at, position, count, isPlaying }, texts) {
    this.slider.max = String(count - 1);
    this.slider.value = String(at);
    this.place.textContent = fill(texts.step, { step: position + 1, count });
    const { play } = this.buttons;
    play.dataset.state = isPlaying ? "playing" : "paused";
    play.title = isPlaying ? texts.do_pause : texts.do_play;
    play.setAttribute("aria-label", play.title);
  }
}
