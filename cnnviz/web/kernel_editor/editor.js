// A kernel under the hand: its weights, a slider for the chosen one, its bias, tabs for its channels, ready-made ones.
// Knows numbers and where they stand; what they do, and what a ready-made kernel looks like, is its owner's business.

import { element, fill, putText } from "../shared/dom.js";
import { textsForHand } from "../shared/pointing.js";
import { ChannelTabs } from "./tabs.js";
import { WeightGrid } from "./grid.js";
import { exactText, onGrid, parseWeight, stepOf, weightText } from "./weights.js";

/**
 * @typedef {{key: string, title: string, group: "preset" | "edit", hint?: string}} Action
 * @typedef {{shape: [number, number, number, number], weights: Float32Array, bias?: ?Float32Array,
 *   texts: Record<string, string>, table: Uint32Array, range: number, actions?: Action[], chosen?: string[][]}} Shown
 *   `shape`: (kernels, channels, rows, cols); `table`: 256 packed pixels; `range`: colours and sliders run from −range
 *   to
 *   +range; without `bias` there is no field for it; `actions`: buttons that the owner answers; `chosen`: for each
 *   kernel
 *   and channel the key of the action that stands there
 * @typedef {{onChange: (weights: Float32Array, isFinal: boolean, bias: ?Float32Array) => void,
 *   onAction?: (key: string, place: {unit: number, channel: number}) => void,
 *   onSelect?: (place: {unit: number, channel: number, row: number, col: number}) => void}} Answers
 */

export class KernelEditor {
  /** @param {Answers} answers `onChange` comes at most once a frame, and once with `isFinal` when the hand rests */
  constructor(answers) {
    this.answers = answers;
    this.place = { unit: 0, channel: 0, at: 0 };
    this.frame = 0;
    this.isFinal = true;
    this.shown = null;
    this.build();
  }

  build() {
    this.units = new ChannelTabs((unit) => this.pick({ unit }));
    this.channels = new ChannelTabs((channel) => this.pick({ channel }));
    this.grid = new WeightGrid({
      onPick: (at) => this.pick({ at }),
      onValue: (at, value, isFinal) => this.put(at, value, isFinal),
    });
    this.weight = sliderRow("weight", (value, isFinal) => this.put(this.place.at, value, isFinal));
    this.bias = sliderRow("bias", (value, isFinal) => this.putBias(value, isFinal));
    this.presets = element("div", { class: "kernel-actions", role: "group" });
    this.edits = element("div", { class: "kernel-actions", role: "group" });
    for (const group of [this.presets, this.edits])
      group.addEventListener("click", (event) => this.act(event.target.closest("button")));
    this.hint = element("p", { class: "kernel-hint" });
    this.presetsHint = element("p", { class: "kernel-hint" });
    this.root = element("section", { class: "kernel-editor" }, [
      this.units.root,
      this.channels.root,
      this.grid.root,
      this.weight.root,
      this.bias.root,
      this.hint,
      this.edits,
      this.presets,
      this.presetsHint,
    ]);
  }

  /** New numbers; what the hand holds just now stays under the hand. @param {Shown} shown */
  show(shown) {
    const isHeld = this.isHeld && this.shown && sameShape(this.shown.shape, shown.shape);
    const kept = isHeld ? { weights: this.shown.weights, bias: this.shown.bias } : copied(shown);
    const texts = this.shown?.texts;
    this.shown = { ...shown, ...kept };
    const [units, channels, rows, cols] = shown.shape;
    this.place = {
      unit: Math.min(this.place.unit, units - 1),
      channel: Math.min(this.place.channel, channels - 1),
      at: Math.min(this.place.at, rows * cols - 1),
    };
    if (texts !== shown.texts) this.writeTexts();
    this.writeActions();
    this.paint();
  }

  /** Whether a hand or a key is at work in it. */
  get isHeld() {
    return this.grid.isHeld || this.weight.isHeld() || this.bias.isHeld();
  }

  /** Where the chosen weight stands. */
  get selected() {
    const cols = this.shown.shape[3];
    const { unit, channel, at } = this.place;
    return { unit, channel, row: Math.floor(at / cols), col: at % cols };
  }

  /** Chooses a kernel, a channel or a weight of it. @param {{unit?: number, channel?: number, at?: number}} change */
  pick(change) {
    this.place = { ...this.place, ...change };
    this.paint();
    this.answers.onSelect?.(this.selected);
  }

  writeTexts() {
    const { texts } = this.shown;
    this.grid.root.setAttribute("aria-label", texts.title);
    this.presets.setAttribute("aria-label", texts.presets);
    this.edits.setAttribute("aria-label", texts.edits);
    this.hint.textContent = textsForHand(texts).hint;
    this.presetsHint.textContent = texts.presets_hint ?? "";
    this.presetsHint.hidden = !texts.presets_hint;
  }

  writeActions() {
    const { actions = [], texts } = this.shown;
    const key = JSON.stringify(actions);
    if (key === this.actionKey) return;
    this.actionKey = key;
    for (const [group, node] of [
      ["preset", this.presets],
      ["edit", this.edits],
    ]) {
      const own = actions.filter((one) => one.group === group);
      const buttons = own.map((one) =>
        element("button", { type: "button", "data-key": one.key, title: one.hint || false }, [one.title])
      );
      const label = element("span", { class: "kernel-label" }, [group === "preset" ? texts.presets : texts.edits]);
      node.replaceChildren(...(own.length > 0 ? [label, ...buttons] : []));
    }
  }

  paint() {
    const { shape, weights, bias, texts, table, range } = this.shown;
    const [units, channels, rows, cols] = shape;
    const { unit, channel, at } = this.place;
    const step = stepOf(range);
    const from = this.from();
    for (const button of this.presets.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.dataset.key === this.shown.chosen?.[unit]?.[channel]));
    }
    this.units.show({ count: units, chosen: unit, label: texts.unit });
    this.channels.show({ count: channels, chosen: channel, label: texts.channel });
    this.grid.show({
      rows,
      cols,
      values: weights.subarray(from, from + rows * cols),
      picked: at,
      half: range,
      step,
      table,
      texts,
    });
    const place = { row: Math.floor(at / cols), col: at % cols, unit };
    this.weight.show({ label: fill(texts.weight, place), value: weights[from + at], range, step });
    this.bias.root.hidden = !bias;
    if (bias)
      this.bias.show({
        label: units > 1 ? fill(texts.bias_of, place) : texts.bias,
        value: bias[unit],
        range: Math.max(range, 1),
        step,
      });
  }

  /** Where the chosen kernel's first weight stands. */
  from() {
    const [, channels, rows, cols] = this.shown.shape;
    return (this.place.unit * channels + this.place.channel) * rows * cols;
  }

  put(at, value, isFinal) {
    this.shown.weights[this.from() + at] = value;
    this.changed(isFinal);
  }

  putBias(value, isFinal) {
    this.shown.bias[this.place.unit] = value;
    this.changed(isFinal);
  }

  /** Tells the owner at once, of further changes in the same frame the last one. */
  changed(isFinal) {
    this.isFinal = isFinal;
    if (this.frame === 0) {
      this.tell();
      this.frame = requestAnimationFrame(() => this.nextFrame());
    } else {
      this.isWaiting = true;
    }
    this.paint();
  }

  nextFrame() {
    this.frame = 0;
    if (this.isWaiting) this.tell();
  }

  tell() {
    this.isWaiting = false;
    const { weights, bias } = this.shown;
    this.answers.onChange(weights.slice(), this.isFinal, bias ? bias.slice() : null);
  }

  act(button) {
    if (button) this.answers.onAction?.(button.dataset.key, { unit: this.place.unit, channel: this.place.channel });
  }

  close() {
    cancelAnimationFrame(this.frame);
    this.root.remove();
  }
}

function copied({ weights, bias }) {
  return { weights: Float32Array.from(weights), bias: bias ? Float32Array.from(bias) : null };
}

function sameShape(one, other) {
  return one.length === other.length && one.every((size, i) => size === other[i]);
}

/** A label, a slider and a number field that say the same. */
function sliderRow(name, onValue) {
  const label = element("span", {});
  const slider = element("input", { type: "range", class: "kernel-slider" });
  const field = element("input", { type: "text", inputmode: "decimal", class: "kernel-field", autocomplete: "off" });
  const root = element("div", { class: "kernel-row", "data-row": name }, [label, slider, field]);
  let isDragged = false;
  let isTyped = false;
  let step = 0.01;
  const rest = () => {
    const was = isDragged;
    isDragged = false;
    if (was) onValue(onGrid(Number(slider.value), step), true);
  };
  slider.addEventListener("input", () => {
    isDragged = true;
    onValue(onGrid(Number(slider.value), step), false);
  });
  for (const end of ["change", "pointerup", "blur"]) slider.addEventListener(end, rest); // back where it was: no change
  field.addEventListener("input", () => {
    isTyped = true;
    const value = parseWeight(field.value);
    field.setAttribute("aria-invalid", String(value === null));
    if (value !== null) onValue(value, false);
  });
  field.addEventListener("blur", () => {
    if (!isTyped) return;
    isTyped = false;
    field.removeAttribute("aria-invalid");
    onValue(parseWeight(field.value) ?? parseWeight(field.dataset.value), true);
  });
  field.addEventListener("keydown", (event) => event.key === "Enter" && field.blur());
  const show = (shown) => {
    step = shown.step;
    putText(label, shown.label);
    for (const part of [slider, field]) part.setAttribute("aria-label", shown.label);
    Object.assign(slider, { min: -shown.range, max: shown.range, step: "any" });
    if (!isDragged) slider.value = String(shown.value);
    field.dataset.value = exactText(shown.value);
    if (!isTyped) field.value = weightText(shown.value, 4);
  };
  return { root, show, isHeld: () => isDragged || isTyped };
}
