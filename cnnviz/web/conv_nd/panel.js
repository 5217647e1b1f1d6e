// What can be chosen: an example, the size of the kernel, stride, padding and dilation for each axis, the bias.

import { NumberField } from "../shared/controls.js";
import { element, fill, putText, renewChildren } from "../shared/dom.js";
import { isSameSetup, parseNumber } from "./numbers.js";

const PER_AXIS = ["size", "stride", "padding", "dilation"];

export class NdControls {
  /** @param {{onSetting: (name: string, numbers: number[]) => void, onBias: (value: number) => void,
   *   onExample: (key: string) => void}} answers */
  constructor({ onSetting, onBias, onExample }) {
    this.label = element("span", { class: "nd-label" });
    this.examples = element("div", { class: "nd-examples", role: "group" });
    this.examples.addEventListener("click", ({ target }) => {
      const button = target.closest("button");
      if (button) onExample(button.dataset.key);
    });
    this.fields = PER_AXIS.map((name) => new AxesField(name, (numbers) => onSetting(name, numbers)));
    this.bias = element("input", { type: "text", inputmode: "decimal", class: "nd-number", autocomplete: "off" });
    this.biasLabel = element("span", { class: "nd-label" });
    this.bias.addEventListener("input", () => {
      const value = parseNumber(this.bias.value, this.largest);
      if (value !== null) onBias(value);
    });
    this.bias.addEventListener("blur", () => (this.bias.value = String(this.shownBias)));
    this.look = element("p", { class: "nd-look" });
    const settings = [
      ...this.fields.map((field) => field.root),
      element("label", { class: "nd-field" }, [this.biasLabel, this.bias]),
    ];
    this.root = element("div", { class: "nd-controls" }, [
      element("div", { class: "nd-field" }, [this.label, this.examples]),
      element("div", { class: "nd-settings" }, settings),
      this.look,
    ]);
  }

  /** @param {{asked: object, bounds: object, examples: {key: string, title: string, look: string}[], texts}} shown */
  show({ asked, bounds, examples, texts }) {
    const titles = texts.axes[asked.stride.length];
    putText(this.label, texts.examples);
    this.examples.setAttribute("aria-label", texts.examples);
    renewChildren(this.examples, examples, () =>
      examples.map(({ key, title, look }) =>
        element("button", { type: "button", "data-key": key, title: look }, [title])
      )
    );
    const here = examples.find(({ record }) => isSameSetup(record, asked));
    for (const button of this.examples.children)
      button.setAttribute("aria-pressed", String(button.dataset.key === here?.key));
    this.look.hidden = !here;
    putText(this.look, here?.look ?? "");
    const size = asked.kernel.shape.slice(1);
    for (const field of this.fields) {
      const numbers = field.name === "size" ? size : asked[field.name];
      field.show({ numbers, bounds: bounds[field.name], titles, name: texts[field.name], texts });
    }
    this.largest = bounds.largest;
    this.shownBias = asked.bias;
    putText(this.biasLabel, texts.bias);
    const isTyped = this.bias.getRootNode().activeElement === this.bias;
    if (!isTyped) this.bias.value = String(asked.bias);
  }
}

/** A whole number for each axis. */
class AxesField {
  /** @param {string} name @param {(numbers: number[]) => void} onNumbers */
  constructor(name, onNumbers) {
    this.name = name;
    this.numbers = [];
    this.label = element("span", { class: "nd-label" });
    this.inputs = element("div", { class: "nd-axes" });
    this.root = element("div", { class: "nd-field", role: "group", "data-setting": name }, [this.label, this.inputs]);
    this.onNumbers = onNumbers;
    this.fields = [];
  }

  show({ numbers, bounds: [least, most], titles, name, texts }) {
    this.numbers = numbers;
    if (this.fields.length !== numbers.length) {
      this.fields = numbers.map((_number, axis) => new NumberField((value) => this.put(axis, value, this.bounds)));
      this.inputs.replaceChildren(...this.fields.map((field) => field.root));
    }
    this.bounds = [least, most];
    putText(this.label, titles.length > 1 ? fill(texts.of_axis, { name, axis: titles.join(", ") }) : name);
    this.root.setAttribute("aria-label", name);
    this.fields.forEach((field, axis) => {
      field.show({ value: numbers[axis], least, most, label: fill(texts.of_axis, { name, axis: titles[axis] }) });
      field.input.title = titles[axis];
    });
  }

  put(axis, value, [least, most]) {
    if (value < least || value > most) return;
    this.onNumbers(this.numbers.map((number, at) => (at === axis ? value : number)));
  }
}
