// The settings: number fields, pairs of them for rows and columns, lists, switches. They know values, not what they do.

import { element, fill, putText } from "./dom.js";

const TYPED = 500; // ms until a number that cuts something off counts: "11" begins with "1"

/** A whole number between bounds; tells of it as soon as it is one, with `isPatient` once typing pauses. */
export class NumberField {
  /** @param {(value: number) => void} onValue @param {{isPatient?: boolean}} [options] */
  constructor(onValue, { isPatient = false } = {}) {
    this.onValue = onValue;
    this.input = element("input", { type: "number", class: "lab-number", step: 1 });
    this.root = this.input;
    // arrows have no type
    this.input.addEventListener("input", ({ inputType }) => this.take(isPatient && Boolean(inputType) ? TYPED : 0));
    this.input.addEventListener("change", () => this.waiting && this.take(0));
    this.input.addEventListener("blur", () => this.waiting || (this.input.value = String(this.value)));
  }

  /** Tells of the number that stands in the field, after `delay` ms. */
  take(delay) {
    clearTimeout(this.waiting);
    this.waiting = null;
    if (delay > 0) this.waiting = setTimeout(() => this.take(0), delay);
    else if (Number.isInteger(this.input.valueAsNumber)) this.onValue(this.input.valueAsNumber);
  }

  /** @param {{value: number, least: number, most: number, label: string}} shown */
  show({ value, least, most, label }) {
    this.value = value;
    Object.assign(this.input, { min: least, max: most });
    this.input.setAttribute("aria-label", label);
    const isEmpty = this.isFocused() && this.input.value === "";
    if (!isEmpty && !this.waiting && this.input.valueAsNumber !== value) this.input.value = String(value);
  }

  isFocused() {
    return this.input.getRootNode().activeElement === this.input;
  }
}

/** Rows and columns, together or apart. */
export class PairField {
  /** @param {(pair: [number, number]) => void} onPair @param {{isPatient?: boolean}} [options] */
  constructor(onPair, options) {
    this.onPair = onPair;
    this.isParted = false; // by the reader; two different numbers part them as long as they differ
    this.pair = [0, 0];
    this.fields = [0, 1].map((axis) => new NumberField((value) => this.put(axis, value), options));
    this.label = element("span", { class: "lab-label" });
    this.link = element("button", { type: "button", class: "lab-link" }, ["="]);
    this.link.addEventListener("click", () => this.toggle());
    this.root = element("div", { class: "lab-pair", role: "group" }, [
      this.label,
      this.fields[0].root,
      this.link,
      this.fields[1].root,
    ]);
  }

  /**
   * @param {{pair: number[], least: number, most: number, label: string, texts: Record<string, string>, isOff?:
   *   boolean}} shown
   */
  show({ pair, least, most, label, texts, isOff = false }) {
    this.pair = [...pair];
    putText(this.label, label);
    this.root.setAttribute("aria-label", label);
    this.fields.forEach((field, axis) => {
      field.show({
        value: pair[axis],
        least,
        most,
        label: fill(axis === 0 ? texts.rows_of : texts.cols_of, { name: label }),
      });
      field.input.disabled = isOff;
    });
    this.showLink();
    this.link.title = texts.link;
    this.link.setAttribute("aria-label", texts.link);
  }

  put(axis, value) {
    const pair = this.isLinked ? [value, value] : axis === 0 ? [value, this.pair[1]] : [this.pair[0], value];
    this.onPair(pair);
  }

  /** Whether a number for one goes for both. */
  get isLinked() {
    return !this.isParted && this.pair[0] === this.pair[1];
  }

  toggle() {
    this.isParted = this.isLinked;
    if (!this.isParted && this.pair[0] !== this.pair[1]) this.onPair([this.pair[0], this.pair[0]]);
    this.showLink();
  }

  showLink() {
    this.link.setAttribute("aria-pressed", String(this.isLinked));
  }
}

/** One of a few words. */
export class WordList {
  /** @param {(key: string) => void} onPick */
  constructor(onPick) {
    this.list = element("select", { class: "lab-list" });
    this.label = element("span", { class: "lab-label" });
    this.root = element("label", { class: "lab-field" }, [this.label, this.list]);
    this.list.addEventListener("change", () => onPick(this.list.value));
  }

  /** @param {{words: Record<string, string>, chosen: string, label: string}} shown */
  show({ words, chosen, label }) {
    if (this.words !== words)
      this.list.replaceChildren(...Object.entries(words).map(([value, text]) => element("option", { value }, [text])));
    this.words = words;
    this.list.value = chosen;
    putText(this.label, label);
  }
}

/** On or off. */
export class Switch {
  /** @param {(isOn: boolean) => void} onTurn */
  constructor(onTurn) {
    this.box = element("input", { type: "checkbox" });
    this.label = element("span", {});
    this.root = element("label", { class: "lab-switch" }, [this.box, this.label]);
    this.box.addEventListener("change", () => onTurn(this.box.checked));
  }

  /** @param {{isOn: boolean, label: string, hint?: string, isOff?: boolean}} shown */
  show({ isOn, label, hint = "", isOff = false }) {
    this.box.checked = isOn;
    this.box.disabled = isOff;
    putText(this.label, label);
    this.root.title = hint;
  }
}

/** In colour, or one of red, green and blue by itself. */
export class ColourTabs {
  /** @param {(channel: ?number) => void} onPick null: in colour */
  constructor(onPick) {
    this.buttons = [null, 0, 1, 2].map((channel) => {
      const button = element("button", { type: "button" });
      button.addEventListener("click", () => onPick(channel));
      return { channel, button };
    });
    this.root = element(
      "div",
      { class: "kernel-tabs", role: "group" },
      this.buttons.map(({ button }) => button)
    );
  }

  /** @param {{isHere: boolean, chosen: ?number, texts: Record<string, any>}} shown */
  show({ isHere, chosen, texts }) {
    this.root.hidden = !isHere;
    if (!isHere) return;
    for (const { channel, button } of this.buttons) {
      putText(button, channel === null ? texts.in_colour : texts.colours[channel]);
      button.setAttribute("aria-pressed", String(channel === chosen));
    }
  }
}

/** A number with a word before it. */
export class LabelledNumber {
  /** @param {(value: number) => void} onValue @param {{isPatient?: boolean}} [options] */
  constructor(onValue, options) {
    this.field = new NumberField(onValue, options);
    this.label = element("span", { class: "lab-label" });
    this.root = element("label", { class: "lab-field" }, [this.label, this.field.root]);
  }

  /** @param {{value: number, least: number, most: number, label: string, hint?: string}} shown */
  show(shown) {
    this.field.show(shown);
    putText(this.label, shown.label);
    this.root.title = shown.hint ?? "";
  }
}
