// The row of settings under picture, kernel and result: what can be set for the chosen operation, and nothing else.

import { element } from "../shared/dom.js";
import { LabelledNumber, PairField, Switch, WordList } from "../shared/controls.js";
import { paddingOfSame } from "./measures.js";

const WITH_WEIGHTS = ["convolution", "transposed"];
const GLOBAL = ["global-max", "global-average"];

export class Settings {
  /** @param {{onSet: (change: object) => void, onAct: (act: object) => void}} answers */
  constructor(answers) {
    const [onSet, onAct] = [answers.onSet, answers.onAct].map((tell) => (what) => {
      this.stampOf = null; // what comes back may be what stood there before, but the field shows something else
      tell(what);
    });
    this.operation = new WordList((operation) => onSet({ operation }));
    this.size = new PairField(([rows, cols]) => onAct({ name: "size", rows, cols }), { isPatient: true });
    this.stride = new PairField((stride) => onSet({ stride }));
    this.padding = new PairField((padding) => onSet({ padding }));
    this.same = new Switch((isOn) => onSet({ padding: isOn ? "same" : this.numbers() }));
    this.mode = new WordList((mode) => onSet({ mode }));
    this.dilation = new PairField((dilation) => onSet({ dilation }));
    this.outputPadding = new PairField((pair) => onSet({ output_padding: pair }));
    this.count = new LabelledNumber((count) => onAct({ name: "count", count }), { isPatient: true });
    this.groups = new LabelledNumber((groups) => onSet({ groups }));
    this.bias = new Switch((isOn) => onSet({ bias: isOn ? Array(this.setup.kernel.shape[0]).fill(0) : null }));
    this.flipped = new Switch((flipped) => onSet({ flipped }));
    this.onTop = new LabelledNumber((on_top) => onSet({ on_top }));
    this.parts = [
      this.operation,
      this.size,
      this.stride,
      this.padding,
      this.same,
      this.mode,
      this.dilation,
      this.outputPadding,
      this.count,
      this.groups,
      this.bias,
      this.flipped,
      this.onTop,
    ];
    this.root = element(
      "section",
      { class: "lab-settings" },
      this.parts.map((part) => part.root)
    );
  }

  /** @param {object} setup a record @param {object} texts */
  show(setup, texts) {
    this.setup = setup;
    const { kernel, bias, picture: _picture, ...rest } = setup;
    const stamp = JSON.stringify([rest, kernel.shape, Boolean(bias), texts.language]);
    if (stamp === this.stampOf) return; // while a weight moves
    this.stampOf = stamp;
    this.root.setAttribute("aria-label", texts.settings);
    const { operation } = setup;
    const [out, , rows, cols] = setup.kernel.shape;
    const weighs = WITH_WEIGHTS.includes(operation);
    const slides = !GLOBAL.includes(operation);
    const pair = (part, name, value, least, most, isOff = false) =>
      part.show({
        pair: value,
        least,
        most,
        label: texts[name],
        texts,
        isOff,
      });
    this.operation.show({ words: texts.operations, chosen: operation, label: texts.operation });
    pair(this.size, weighs ? "size" : "window_size", [rows, cols], 1, 11);
    pair(this.stride, "stride", setup.stride, 1, 8);
    const isSame = setup.padding === "same";
    pair(this.padding, "padding", isSame ? this.around() : setup.padding, 0, 16, isSame);
    this.same.show({ isOn: isSame, label: texts.same, hint: texts.same_hint });
    this.mode.show({ words: texts.modes, chosen: setup.mode, label: texts.mode });
    pair(this.dilation, "dilation", setup.dilation, 1, 8);
    pair(this.outputPadding, "output_padding", setup.output_padding, 0, 7);
    this.count.show({ value: out, least: 1, most: 16, label: texts.count });
    this.groups.show({ value: setup.groups, least: 1, most: 16, label: texts.groups });
    this.bias.show({ isOn: setup.bias !== null, label: texts.bias });
    this.flipped.show({ isOn: setup.flipped, label: texts.flipped, hint: texts.flipped_hint });
    this.onTop.show({ value: setup.on_top, least: 0, most: 11, label: texts.on_top, hint: texts.on_top_hint });
    const here = new Map([
      [this.size, slides],
      [this.stride, slides],
      [this.padding, slides],
      [this.same, operation === "convolution"],
      [this.mode, operation === "convolution"],
      [this.dilation, slides && operation !== "average"],
      [this.outputPadding, operation === "transposed"],
      [this.count, weighs],
      [this.groups, weighs],
      [this.bias, weighs],
      [this.flipped, weighs],
      [this.onTop, slides && operation !== "transposed"],
    ]);
    for (const [part, isHere] of here) part.root.hidden = !isHere;
  }

  around() {
    return paddingOfSame(this.setup.kernel.shape.slice(2), this.setup.dilation);
  }

  numbers() {
    return this.setup.padding === "same" ? this.around().map((value) => Math.min(value, 16)) : this.setup.padding;
  }
}
