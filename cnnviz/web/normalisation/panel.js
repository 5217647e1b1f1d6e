// What can be chosen: batch, layer, mode, how many batches, γ and β or p. It knows values, not what they do.

import { LabelledNumber, WordList } from "../shared/controls.js";
import { element, putText } from "../shared/dom.js";

const MOST = 9;

export class NormControls {
  /** @param {(change: object) => void} onChange */
  constructor(onChange) {
    this.example = new WordList((example) => onChange({ example }));
    this.layer = new WordList((layer) => onChange({ layer }));
    this.modes = ["train", "eval"].map((mode) => {
      const button = element("button", { type: "button", "data-mode": mode });
      button.addEventListener("click", () => onChange({ mode }));
      return button;
    });
    this.modeLabel = element("span", { class: "lab-label" });
    this.modeGroup = element("span", { class: "norm-modes", role: "group" }, this.modes);
    this.batch = new LabelledNumber((batch) => onChange({ batch: Math.min(MOST, Math.max(1, batch)) }));
    this.numbers = Object.fromEntries(["gamma", "beta", "p"].map((name) => [name, new DecimalField(name, onChange)]));
    this.root = element("div", { class: "norm-controls" }, [
      this.example.root,
      this.layer.root,
      element("div", { class: "lab-field" }, [this.modeLabel, this.modeGroup]),
      this.batch.root,
      ...Object.values(this.numbers).map((field) => field.root),
    ]);
  }

  /** @param {{asked: object, texts: object}} shown */
  show({ asked, texts }) {
    this.example.show({ words: texts.examples, chosen: asked.example, label: texts.example });
    this.layer.show({ words: texts.layers, chosen: asked.layer, label: texts.layer });
    putText(this.modeLabel, texts.mode);
    this.modeGroup.setAttribute("aria-label", texts.mode);
    for (const button of this.modes) {
      putText(button, texts.modes[button.dataset.mode]);
      button.setAttribute("aria-pressed", String(button.dataset.mode === asked.mode));
    }
    this.batch.show({ value: asked.batch, least: 1, most: MOST, label: texts.batch, hint: texts.batch_hint });
    for (const [name, field] of Object.entries(this.numbers)) {
      field.root.hidden = (name === "p") !== (asked.layer === "dropout");
      field.show({ value: asked[name], label: texts[name] });
    }
  }
}

const BOUNDS = { gamma: [-10, 10, 0.5], beta: [-10, 10, 0.5], p: [0, 0.9, 0.1] };

/** A number that need not be whole. */
class DecimalField {
  constructor(name, onChange) {
    const [least, most, step] = BOUNDS[name];
    this.input = element("input", { type: "number", class: "lab-number", min: least, max: most, step });
    this.label = element("span", { class: "lab-label" });
    this.root = element("label", { class: "lab-field", "data-number": name }, [this.label, this.input]);
    this.input.addEventListener("input", () => {
      const value = this.input.valueAsNumber;
      if (value >= least && value <= most) onChange({ [name]: value });
    });
    this.input.addEventListener("blur", () => (this.input.value = String(this.value)));
  }

  show({ value, label }) {
    this.value = value;
    putText(this.label, label);
    const isTyped = this.input.getRootNode().activeElement === this.input;
    if (!isTyped && this.input.valueAsNumber !== value) this.input.value = String(value);
  }
}
