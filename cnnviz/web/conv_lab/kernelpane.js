// The pane in the middle: the kernel under the hand, what can be done with all its channels, undo and redo.

import { element, putText } from "../shared/dom.js";
import { Switch, LabelledNumber } from "../shared/controls.js";
import { KernelEditor } from "../kernel_editor/editor.js";
import { rangeOf } from "./measures.js";
import { floatsOf } from "./packet.js";

const TRAVELS = { undo: "↶", redo: "↷" };
const WITH_KERNEL = ["convolution", "transposed"];

export class KernelPane {
  /**
   * @param {{onWeights: (weights: Float32Array, bias: ?Float32Array) => void, onAct: (act: object) => void,
   *   onPick: (unit: number) => void, onTravel: (direction: string) => void, onView: () => void}} answers
   *   `onView`: a switch is set otherwise, which changes no number
   */
  constructor({ onWeights, onAct, onPick, onTravel, onView }) {
    this.seed = 0;
    this.isEvery = true;
    this.editor = new KernelEditor({
      onChange: (weights, isFinal, bias) => onWeights(weights, bias),
      onAction: (name, { unit, channel }) =>
        onAct({ name, unit, channel: this.isEvery ? null : channel, seed: this.seed }),
      onSelect: ({ unit }) => onPick(unit),
    });
    this.every = new Switch((isOn) => {
      this.isEvery = isOn;
      onView();
    });
    this.dice = new LabelledNumber((seed) => {
      this.seed = seed;
      onAct({ name: "random", seed });
    });
    this.title = element("h2", {});
    this.noWeights = element("p", { class: "lab-readout" });
    this.more = element("div", { class: "lab-more" }, [this.every.root, this.dice.root]);
    this.steps = Object.entries(TRAVELS).map(([name, sign]) => {
      const button = element("button", { type: "button", class: "lab-step", "data-step": name }, [sign]);
      button.addEventListener("click", () => onTravel(name));
      return button;
    });
    this.root = element("section", { class: "lab-pane lab-kernel" }, [
      element("div", { class: "lab-head" }, [this.title, ...this.steps]),
      this.noWeights,
      this.editor.root,
      this.more,
    ]);
  }

  /** Whether a hand is at a weight. */
  get isHeld() {
    return this.editor.isHeld;
  }

  /** Tabs and switches as they were left, or as the link has them. */
  choose({ map, channel, seed, every }) {
    this.seed = seed;
    this.isEvery = every;
    this.editor.place = { ...this.editor.place, unit: map, channel };
  }

  get view() {
    const { unit, channel } = this.editor.place;
    return { map: unit, channel, seed: this.seed, every: this.isEvery };
  }

  /**
   * @param {{kernel: object, bias: ?number[], operation: string, groups: number}} setup
   * @param {{unit: number, table: Uint32Array, actions: object, readyMade: string[][], texts: object}} rest
   *   `readyMade`: for each kernel and channel which well-known kernel stands there
   */
  show({ kernel, bias, operation, groups }, { unit, table, actions, readyMade, texts }) {
    const weighs = WITH_KERNEL.includes(operation);
    putText(this.title, texts.kernel);
    this.noWeights.hidden = weighs;
    putText(this.noWeights, texts.no_weights);
    for (const part of [this.editor.root, this.more]) part.hidden = !weighs;
    if (!weighs) return;
    const weights = floatsOf(kernel);
    this.editor.show({
      shape: kernel.shape,
      weights,
      bias: bias ? Float32Array.from(bias) : null,
      texts: texts.editor,
      table,
      range: rangeOf(weights),
      actions,
      chosen: readyMade.map((row) => row.map((key) => `preset:${key}`)),
    });
    if (this.editor.selected.unit !== unit) this.editor.pick({ unit });
    this.every.root.hidden = kernel.shape[1] < 2 && groups < 2;
    this.every.show({ isOn: this.isEvery, label: texts.every });
    this.dice.show({ value: this.seed, least: 0, most: 99999, label: texts.seed });
  }

  /** @param {{undo: boolean, redo: boolean}} can */
  showSteps(can, texts) {
    for (const button of this.steps) {
      const name = button.dataset.step;
      button.setAttribute("aria-disabled", String(!can[name])); // stays in reach, so that focus is not lost
      for (const attribute of ["aria-label", "title"]) button.setAttribute(attribute, texts[name]);
    }
  }

  close() {
    this.editor.close();
  }
}
