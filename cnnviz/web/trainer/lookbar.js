// What is looked at in every moment: whose picture, which layer, which input channel of its kernels.

import { element, fill } from "../shared/dom.js";

export class LookBar {
  /** @param {{onLook: (change: {subject?: object, layer?: string, channel?: number}) => void}} answers */
  constructor(answers) {
    this.answers = answers;
    this.kind = element("select", { class: "tr-list" });
    this.index = element("input", { type: "number", class: "tr-number", min: 0, step: 1 });
    this.before = element("button", { type: "button", class: "tr-small-button" }, ["‹"]);
    this.after = element("button", { type: "button", class: "tr-small-button" }, ["›"]);
    this.stepper = element("span", { class: "tr-stepper" }, [this.before, this.index, this.after]);
    this.layer = element("select", { class: "tr-list" });
    this.channel = element("select", { class: "tr-list" });
    this.labels = [0, 1, 2].map(() => element("span", { class: "tr-small" }));
    this.channelField = element("label", {}, [this.labels[2], this.channel]);
    this.root = element("div", { class: "tr-look", role: "group" }, [
      element("label", {}, [this.labels[0], this.kind]),
      this.stepper,
      element("label", {}, [this.labels[1], this.layer]),
      this.channelField,
    ]);
    this.listen();
  }

  listen() {
    const { onLook } = this.answers;
    this.kind.addEventListener("change", () => onLook({ subject: { ...this.subject, kind: this.kind.value } }));
    this.index.addEventListener("change", () => this.turn(this.index.valueAsNumber));
    this.before.addEventListener("click", () => this.turn(this.subject.index - 1));
    this.after.addEventListener("click", () => this.turn(this.subject.index + 1));
    this.layer.addEventListener("change", () => onLook({ layer: this.layer.value, channel: 0 }));
    this.channel.addEventListener("change", () => onLook({ channel: Number(this.channel.value) }));
  }

  turn(index) {
    if (!Number.isInteger(index)) return;
    this.answers.onLook({ subject: { ...this.subject, index: Math.max(0, Math.min(this.pictures - 1, index)) } });
  }

  /**
   * @param {{subject: {kind: string, index: number}, kinds: string[], pictures: number, layers: string[], layer:
   *   string, channels: number, channel: number, texts: Record<string, any>}} shown
   */
  show({ subject, kinds, pictures, layers, layer, channels, channel, texts }) {
    Object.assign(this, { subject, pictures });
    this.root.setAttribute("aria-label", texts.look);
    [texts.look_at, texts.layer, texts.channel].forEach((text, at) => (this.labels[at].textContent = text));
    writeOptions(
      this.kind,
      kinds.map((kind) => [kind, texts.subjects[kind]]),
      subject.kind
    );
    this.stepper.hidden = subject.kind !== "set";
    this.index.max = String(pictures - 1);
    this.index.setAttribute("aria-label", fill(texts.picture_of, { n: pictures }));
    if (this.index.getRootNode().activeElement !== this.index) this.index.value = String(subject.index);
    for (const [button, text] of [
      [this.before, texts.picture_before],
      [this.after, texts.picture_after],
    ])
      button.setAttribute("aria-label", text);
    writeOptions(
      this.layer,
      layers.map((path) => [path, path]),
      layer
    );
    this.channelField.hidden = channels < 2;
    writeOptions(
      this.channel,
      Array.from({ length: channels }, (_, at) => [String(at), String(at)]),
      String(channel)
    );
  }
}

/**
 * The entries of a list, written only where they are others. @param {HTMLSelectElement} list @param {string[][]}
 * options @param {string} chosen
 */
export function writeOptions(list, options, chosen) {
  const stamp = JSON.stringify(options);
  if (list.dataset.stamp !== stamp)
    list.replaceChildren(...options.map(([value, text]) => element("option", { value }, [text])));
  list.dataset.stamp = stamp;
  list.value = chosen;
}
