// What can be chosen beside the drag: picture, kernel, both shifts, the border. It knows values, not what they do.

import { Switch, WordList } from "../shared/controls.js";
import { element, putText } from "../shared/dom.js";

export class ShiftControls {
  /** @param {(change: object) => void} onChange */
  constructor(onChange) {
    this.picture = new WordList((picture) => onChange({ picture }));
    this.kernel = new WordList((kernel) => onChange({ kernel }));
    this.right = new ShiftSlider((right) => onChange({ right }));
    this.down = new ShiftSlider((down) => onChange({ down }));
    this.wraps = new Switch((wraps) => onChange({ wraps }));
    this.back = element("button", { type: "button", class: "shift-back" });
    this.back.addEventListener("click", () => onChange({ right: 0, down: 0 }));
    this.root = element("div", { class: "shift-controls" }, [
      this.picture.root,
      this.kernel.root,
      this.right.root,
      this.down.root,
      this.wraps.root,
      this.back,
    ]);
  }

  /** @param {{asked: object, tools: object}} shown */
  show({ asked, tools }) {
    const { texts, furthest } = tools;
    if (tools !== this.tools) this.lists = [tools.pictures, tools.kernels].map((pairs) => Object.fromEntries(pairs));
    this.tools = tools;
    this.picture.show({ words: this.lists[0], chosen: asked.picture, label: texts.picture });
    this.kernel.show({ words: this.lists[1], chosen: asked.kernel, label: texts.kernel });
    this.right.show({ value: asked.right, furthest, label: texts.right });
    this.down.show({ value: asked.down, furthest, label: texts.down });
    this.wraps.show({ isOn: asked.wraps, label: texts.wraps });
    putText(this.back, texts.back);
    this.back.disabled = asked.right === 0 && asked.down === 0;
  }
}

class ShiftSlider {
  /** @param {(value: number) => void} onValue */
  constructor(onValue) {
    this.label = element("span", { class: "lab-label" });
    this.slider = element("input", { type: "range", step: 1 });
    this.value = element("output", {});
    this.root = element("label", { class: "lab-field shift-slider" }, [
      this.label,
      element("span", {}, [this.slider, this.value]),
    ]);
    this.slider.addEventListener("input", () => onValue(this.slider.valueAsNumber));
  }

  show({ value, furthest, label }) {
    Object.assign(this.slider, { min: -furthest, max: furthest });
    this.slider.value = String(value);
    putText(this.label, label);
    putText(this.value, String(value).replace("-", "\u2212"));
  }
}
