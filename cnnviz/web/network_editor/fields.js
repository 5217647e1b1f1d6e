// The fields of a layer: a number, a number that may follow by itself, a word, a tick. They know values, not what they
// do.

import { element, fill } from "../shared/dom.js";

/** A number between bounds; tells of every number that is typed, in bounds or not: Python says what is wrong. */
class NumberBox {
  constructor(spec, onValue) {
    this.spec = spec;
    this.input = element("input", {
      type: "number",
      class: "bp-number",
      min: spec.least,
      max: spec.most,
      step: spec.step ?? 1,
      "data-field": spec.name,
    });
    this.root = element("label", { class: "bp-field" }, [element("span", {}, [spec.label]), this.input]);
    this.input.addEventListener("input", () => {
      if (this.input.value === "" || !Number.isFinite(this.input.valueAsNumber)) return;
      this.value = this.input.valueAsNumber; // it counts until Python has said otherwise: leaving the field keeps it
      onValue(this.value);
    });
    this.input.addEventListener("blur", () => this.leave());
  }

  show(value) {
    this.value = value;
    const isTyped = this.input.getRootNode().activeElement === this.input && this.input.value === "";
    if (!isTyped && !this.isRefused && this.input.valueAsNumber !== value) this.input.value = String(value);
    this.input.setAttribute("aria-invalid", String(Boolean(this.isRefused) && this.input.valueAsNumber !== value));
  }

  /** A number that was refused stays, so that one sees what is wrong; an empty field shows what counts. */
  leave() {
    if (!this.isRefused) this.input.value = String(this.value);
  }

  focus() {
    this.input.focus();
    this.input.select();
  }
}

/** A number that follows from what arrives until somebody types one. */
class AutomaticBox {
  constructor(spec, onValue) {
    this.spec = spec;
    this.onValue = onValue;
    this.box = new NumberBox(spec, onValue);
    this.button = element("button", { type: "button", class: "bp-automatic", "data-field": spec.name });
    this.back = element("button", { type: "button", class: "bp-back" }, [spec.back]);
    this.typed = element("span", { class: "bp-typed" }, [this.box.root, this.back]);
    this.root = element("span", { class: "bp-either" });
    this.button.addEventListener("click", () => this.type());
    this.back.addEventListener("click", () => this.follow());
  }

  show(value, found) {
    this.found = found;
    const isAutomatic = value === this.spec.value;
    this.button.textContent = fill(this.spec.text, { name: this.spec.label, count: found ?? "?" });
    if (!isAutomatic) this.box.show(value);
    const wanted = isAutomatic ? this.button : this.typed;
    if (this.root.firstChild !== wanted) this.root.replaceChildren(wanted);
  }

  type() {
    const value = this.found ?? this.spec.least;
    this.onValue(value);
    this.show(value, this.found);
    this.box.focus();
  }

  follow() {
    this.onValue(this.spec.value);
    this.show(this.spec.value, this.found);
    this.button.focus();
  }

  focus() {
    if (this.button.isConnected) this.button.focus();
    else this.box.focus();
  }
}

class WordBox {
  constructor(spec, onValue) {
    const options = Object.entries(spec.words).map(([value, text]) => element("option", { value }, [text]));
    this.list = element("select", { class: "bp-list", "data-field": spec.name }, options);
    this.root = element("label", { class: "bp-field" }, [element("span", {}, [spec.label]), this.list]);
    this.list.addEventListener("change", () => onValue(this.list.value));
  }

  show(value) {
    this.list.value = value;
  }

  focus() {
    this.list.focus();
  }
}

class TickBox {
  constructor(spec, onValue) {
    this.box = element("input", { type: "checkbox", "data-field": spec.name });
    this.root = element("label", { class: "bp-field" }, [this.box, element("span", {}, [spec.label])]);
    this.box.addEventListener("change", () => onValue(this.box.checked));
  }

  show(value) {
    this.box.checked = value;
  }

  focus() {
    this.box.focus();
  }
}

const BOXES = { number: NumberBox, automatic: AutomaticBox, words: WordBox, tick: TickBox };

/**
 * The field that `spec` asks for.
 * @param {{name: string, type: string, label: string}} spec
 * @param {(value: unknown) => void} onValue
 */
export function buildField(spec, onValue) {
  return new BOXES[spec.type](spec, onValue);
}
