// The bar of a training step: its parts one after the other, by buttons, by a slider, or by themselves.

import { element, fill, svgElement } from "../shared/dom.js";

export class SteerBar {
  /**
   * @param {{onGo: (at: number) => void, onMove: (steps: number) => void, onToggle: () => void,
   *   onNumbers: () => void}} answers `onNumbers`: the table below is to be opened, or closed
   */
  constructor({ onGo, onMove, onToggle, onNumbers }) {
    const button = (name, sign, act) => {
      const made = element("button", { type: "button", class: name, "data-act": name }, [sign]);
      made.addEventListener("click", act);
      return made;
    };
    this.buttons = {
      first: button("first", icon("M4 4v16M20 4L8 12l12 8z"), () => onGo(0)),
      back: button("back", icon("M17 4L5 12l12 8z"), () => onMove(-1)),
      play: button("play", "", onToggle),
      next: button("next", icon("M7 4l12 8-12 8z"), () => onMove(1)),
      last: button("last", icon("M20 4v16M4 4l12 8L4 20z"), () => onGo(Infinity)),
    };
    this.slider = element("input", { type: "range", min: 0, step: 1 });
    this.slider.addEventListener("input", () => onGo(Number(this.slider.value)));
    this.place = element("output", { class: "place" });
    this.numbers = element("button", { type: "button", class: "numbers-button", "aria-expanded": "false" });
    this.numbers.addEventListener("click", onNumbers);
    this.root = element("div", { class: "player", role: "group", tabindex: 0 }, [
      ...Object.values(this.buttons),
      this.slider,
      this.place,
      this.numbers,
    ]);
  }

  writeTexts(texts, count) {
    this.slider.max = String(count - 1);
    for (const [name, button] of Object.entries(this.buttons)) {
      Object.assign(button, { title: texts[name], ariaLabel: texts[name] });
    }
    this.root.setAttribute("aria-label", texts.walk);
    this.slider.setAttribute("aria-label", texts.slider);
    this.numbers.textContent = texts.numbers;
  }

  show({ at, count, title, isPlaying }, texts) {
    this.slider.value = String(at);
    this.slider.setAttribute("aria-valuetext", title);
    this.place.textContent = fill(texts.place, { at: at + 1, count });
    for (const name of ["first", "back"]) this.buttons[name].disabled = at === 0;
    for (const name of ["next", "last"]) this.buttons[name].disabled = at === count - 1;
    const word = isPlaying ? texts.pause : texts.play;
    Object.assign(this.buttons.play, { textContent: word, title: word, ariaLabel: word });
  }
}

/** A small picture on a button. */
function icon(path) {
  return svgElement("svg", { viewBox: "0 0 24 24", width: 15, height: 15, "aria-hidden": "true" }, [
    svgElement("path", {
      d: path,
      fill: "currentColor",
      stroke: "currentColor",
      "stroke-width": 2.5,
      "stroke-linejoin": "round",
    }),
  ]);
}
