// What the plane of the images is made with: the method, the layer, how many images, and of t-SNE the perplexity.

import { element, putText } from "../shared/dom.js";
import { boundsOf } from "./aspect.js";
import { writeOptions } from "./lookbar.js";

export class PlaneBar {
  /** @param {(change: object) => void} onChange */
  constructor(onChange) {
    this.buttons = ["pca", "tsne"].map((method) => {
      const button = element("button", { type: "button", "data-method": method });
      button.addEventListener("click", () => onChange({ method }));
      return button;
    });
    this.fields = Object.fromEntries(["points", "perplexity"].map((name) => [name, new PlaneNumber(name, onChange)]));
    this.choice = element("span", { class: "tr-choice", role: "group" }, this.buttons);
    this.layerLabel = element("span", {});
    this.layer = element("select", { class: "tr-list", "data-plane": "features" });
    this.layer.addEventListener("change", () => onChange({ features: this.layer.value }));
    this.layerField = element("label", { class: "tr-small" }, [this.layerLabel, this.layer]);
    const fields = Object.values(this.fields).map((field) => field.root);
    this.numbers = element("div", { class: "tr-plane-numbers" }, [this.layerField, ...fields]);
  }

  /**
   * @param {{texts: object, method: string, aspect: object, layers: string[], layer: string}} shown `layers`: those
   *   that can be chosen, the usual one last; `layer`: the one whose inputs are shown
   */
  show({ texts, method, aspect, layers, layer }) {
    putText(this.layerLabel, texts.plane_layer);
    this.layerField.hidden = layers.length < 2;
    const chosen = layers.includes(aspect.features) ? aspect.features : layer;
    const options = layers.map((path, at) => [at === layers.length - 1 ? "" : path, path]);
    writeOptions(this.layer, options, chosen === layers.at(-1) ? "" : chosen);
    for (const button of this.buttons) {
      putText(button, texts.methods[button.dataset.method]);
      button.title = texts.method_hints[button.dataset.method];
      button.setAttribute("aria-pressed", String(button.dataset.method === method));
    }
    for (const [name, field] of Object.entries(this.fields)) field.show(aspect[name], texts[`plane_${name}`]);
    this.fields.perplexity.root.hidden = method !== "tsne";
  }
}

/** A whole number that counts when it is left or Enter is pressed. */
class PlaneNumber {
  constructor(name, onChange) {
    const { least, most } = boundsOf(name);
    this.label = element("span", {});
    this.input = element("input", { type: "number", class: "tr-number", min: least, max: most, "data-plane": name });
    this.root = element("label", { class: "tr-small" }, [this.label, this.input]);
    this.input.addEventListener("change", () => {
      const value = this.input.valueAsNumber;
      if (Number.isInteger(value) && value >= least && value <= most) onChange({ [name]: value });
      else this.input.value = String(this.value);
    });
  }

  show(value, label) {
    putText(this.label, label);
    if (this.value !== value) this.input.value = String(value);
    this.value = value;
  }
}
