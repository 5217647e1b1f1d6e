// Chapters 3 to 6: one layer after the other, walked cell by cell; in the last of them the reader chooses the map.

import { element, fill, renewChildren } from "../shared/dom.js";
import { formatNumber } from "../shared/format.js";
import { isPlainKey } from "../shared/plainkey.js";
import { Numbers, paintSmall } from "./numbers.js";
import { mapOf } from "./packet.js";
import { Question } from "./predict.js";
import { Stepper } from "./stepper.js";

const SIZES = {
  match: { ask: "ask_size", why: "why_match", sizes: [5, 6, 7, 9], right: "conv1" },
  pool: { ask: "ask_pool", why: "why_pool", sizes: [2, 3, 4, 7], right: "pool" },
  stack: { ask: "ask_stack", why: "why_stack", sizes: [1, 2, 3, 4], right: "pool2" },
};
const POOLINGS = ["pool", "mean"]; // chapter 5: the reader may keep the mean
const OF_MAPS = 2; // decimals
const PICTURE = "input"; // as the packet calls what the first layer reads

/** One chapter that walks over the map of one layer, of one feature. */
export class Walking {
  /**
   * @param {{layer: ?string, question: string, onStep: () => void, onChannel: (at: number) => void, onTold: () =>
   *   void, onView: () => void}} options `layer` null: the reader chooses
   */
  constructor({ layer, question, onStep, onChannel, onTold, onView }) {
    Object.assign(this, { layer, about: question, onChannel, onTold, onView });
    this.chosen = layer ?? "conv2";
    this.stepper = new Stepper({ onStep });
    this.stepper.isCovered = ["match", "pool"].includes(question);
    this.question = new Question(() => this.answered());
    this.beforeTitle = element("h4", {});
    this.beforeMap = new Numbers();
    this.before = element("figure", { class: "before" }, [this.beforeTitle, this.beforeMap.node]);
    this.tabs = element("div", { class: "tabs", role: "group" });
    this.tabs.addEventListener("click", (event) => this.pick(event.target.closest("button")));
    this.poolings = element("div", { class: "tabs poolings", role: "group" });
    this.poolings.addEventListener("click", (event) => this.pool(event.target.closest("button")?.dataset.path));
    this.stack = layer ? null : new Stack((path, channel) => this.open(path, channel));
    this.node = element("section", { class: "walking" }, [
      this.question.node,
      this.before,
      ...(this.stack ? [this.stack.node] : []),
      element("div", { class: "tab-rows" }, [this.poolings, this.tabs]),
      this.stepper.node,
    ]);
  }

  /** Another pooling: the cell where the window stands stays. */
  pool(path) {
    if (!path) return;
    this.chosen = path;
    this.show(this.view);
    this.poolings.querySelector(`[data-path="${path}"]`).focus();
    this.stepper.onStep();
    this.onView();
  }

  /** @param {object} view what is on screen: packet, tools, tables, feature */
  show(view) {
    this.view = view;
    const { texts } = view.tools;
    this.question.show(this.about === "relu" ? this.askRelu(texts) : this.askSize(texts), texts);
    const { isDone } = this.question;
    this.tabs.hidden = !isDone || this.layer === null;
    this.stepper.node.hidden = !isDone;
    if (this.stack) this.stack.node.hidden = !isDone;
    this.writeTabs(texts);
    this.writePoolings(texts, isDone);
    this.stack?.show(view, this.chosen);
    const shown = this.shown();
    this.stepper.show(shown);
    this.before.hidden = isDone || this.layer === null || !shown.withSource;
    if (!this.before.hidden) this.showBefore(shown);
  }

  /** What the question is about: the map that the layer reads. */
  showBefore({ step, sourceName, tables }) {
    const [, rows, cols] = step.source.shape;
    const label = sourceName(step.channel);
    this.beforeTitle.textContent = label;
    this.beforeMap.show({
      rows,
      cols,
      values: mapOf(step.source, step.channel),
      table: tables.activations,
      label,
      at: this.about === "relu" ? this.asked : -1,
    });
  }

  askSize(texts) {
    const { ask, why, sizes, right } = SIZES[this.about];
    const named = (size) => `${size}×${size}`;
    return {
      ask: texts[ask],
      why: texts[why],
      choices: sizes.map(named),
      right: named(this.view.packet.outputs[right].shape[1]),
    };
  }

  /** What becomes of one number of the map: a negative one, where there is one. */
  askRelu(texts) {
    const { packet, feature } = this.view;
    const value = mapOf(packet.outputs.conv1, feature)[this.asked];
    const shown = (number) => formatNumber(number, OF_MAPS);
    return {
      ask: fill(texts.ask_relu, { value: shown(value) }),
      why: texts.why_relu,
      right: shown(mapOf(packet.outputs.relu1, feature)[this.asked]),
      choices: [...new Set([-Math.abs(value), 0, Math.abs(value)].map(shown))],
    };
  }

  /** The place that is asked about. */
  get asked() {
    return Math.max(
      0,
      mapOf(this.view.packet.outputs.conv1, this.view.feature).findIndex((value) => value < 0)
    );
  }

  answered() {
    this.show(this.view);
    if (this.about === "relu") this.stepper.jump(this.asked);
    this.stepper.buttons.step_on.focus({ preventScroll: true });
    this.stepper.onStep();
    this.onTold();
  }

  shown() {
    const { packet, tools, tables, feature } = this.view;
    const { texts } = tools;
    const layer = tools.layers.find((one) => one.path === this.chosen);
    const step = {
      layer,
      source: packet.outputs[layer.source],
      output: packet.outputs[layer.path],
      channel: feature,
      pattern: packet.patterns[layer.path] ?? null,
      divisor: packet.divisors[layer.path]?.[feature] ?? 1,
      sums: packet.sums[layer.path] ?? null,
      winners: packet.winners[layer.path] ?? null,
    };
    const named = (path, channel) =>
      fill(texts.map_of, {
        layer: texts.layers[path],
        feature: texts.features[channel],
      });
    return {
      step,
      texts,
      tables,
      withSource: layer.source !== PICTURE,
      key: `${this.layer ?? layer.path}:${feature}`,
      name: named(layer.path, feature),
      sourceName: (channel) => (layer.source === PICTURE ? texts.picture : named(layer.source, channel)),
    };
  }

  writePoolings(texts, isDone) {
    this.poolings.hidden = !isDone || !POOLINGS.includes(this.layer);
    if (this.poolings.hidden) return;
    const buttons = POOLINGS.map((path) =>
      element("button", { type: "button", "data-path": path, "aria-pressed": String(path === this.chosen) }, [
        texts.poolings[path],
      ])
    );
    renewChildren(this.poolings, [this.chosen, texts.language], () => [
      element("span", {}, [texts.which_pooling]),
      ...buttons,
    ]);
  }

  writeTabs(texts) {
    if (this.layer === null) return;
    const buttons = texts.features.map((name, at) =>
      element("button", { type: "button", "data-at": at, "aria-pressed": String(at === this.view.feature) }, [
        fill(texts.feature, { feature: name }),
      ])
    );
    const stamp = `${this.view.feature}${texts.features}${texts.language}`;
    if (stamp === this.stamp) return;
    this.stamp = stamp;
    const hadFocus = this.tabs.contains(this.tabs.getRootNode().activeElement);
    this.tabs.replaceChildren(...buttons);
    if (hadFocus) buttons[this.view.feature].focus();
  }

  pick(button) {
    if (button) this.onChannel(Number(button.dataset.at));
  }

  open(path, channel) {
    this.chosen = path;
    this.onChannel(channel);
  }

  /** The places of the picture under the window, where the picture is what is walked over. */
  get windowOnPicture() {
    return this.stepper.shown && !this.stepper.shown.withSource ? this.stepper.window : new Set();
  }
}

/** Every map of the stack as a small picture; one of them is open. */
class Stack {
  constructor(onOpen) {
    this.onOpen = onOpen;
    this.node = element("div", { class: "stack", role: "group" });
    this.node.addEventListener("click", (event) => this.click(event.target.closest("button")));
    this.node.addEventListener("keydown", (event) => this.key(event));
    this.canvases = [];
  }

  click(button) {
    if (button) this.onOpen(button.dataset.path, Number(button.dataset.channel));
  }

  key(event) {
    const buttons = [...this.node.querySelectorAll("button")];
    const at = buttons.indexOf(event.target);
    const by = { ArrowLeft: -3, ArrowRight: 3, ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (at < 0 || by === undefined || !isPlainKey(event) || !buttons[at + by]) return;
    event.preventDefault();
    event.stopPropagation();
    buttons[at + by].focus();
    this.click(buttons[at + by]);
  }

  show({ packet, tools, tables, feature }, chosen) {
    const { texts } = tools;
    const layers = tools.layers.filter((layer) => layer.is_stacked);
    const stamp = `${texts.features}${texts.language}`;
    if (this.stamp !== stamp) this.build(layers, texts);
    this.stamp = stamp;
    for (const canvas of this.canvases) {
      const { path, channel } = canvas.dataset;
      const { shape } = packet.outputs[path];
      paintSmall(canvas, {
        values: mapOf(packet.outputs[path], Number(channel)),
        rows: shape[1],
        cols: shape[2],
        table: tables.activations,
      });
      canvas.parentElement.setAttribute("aria-pressed", String(path === chosen && Number(channel) === feature));
    }
    layers.forEach(({ path }, at) => {
      const [count, rows, cols] = packet.outputs[path].shape;
      this.sizes[at].textContent = fill(texts.size_of, { count, rows, cols });
    });
  }

  build(layers, texts) {
    this.node.setAttribute("aria-label", texts.which_layer);
    this.sizes = layers.map(() => element("span", { class: "faint" }));
    const columns = layers.map(({ path }, i) => {
      const buttons = texts.features.map((name, channel) => {
        const label = fill(texts.map_of, { layer: texts.layers[path], feature: name });
        return element(
          "button",
          { type: "button", "data-path": path, "data-channel": channel, "aria-label": label, title: label },
          [element("canvas", { "data-path": path, "data-channel": channel })]
        );
      });
      return element("div", { class: "stack-column" }, [
        element("b", {}, [texts.layers[path]]),
        this.sizes[i],
        ...buttons,
      ]);
    });
    this.node.replaceChildren(...columns);
    this.canvases = [...this.node.querySelectorAll("canvas")];
  }
}
