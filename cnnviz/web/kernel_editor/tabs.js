// One of several kernels or channels: buttons where they are few, a list with steps where they are many.

import { element, fill } from "../shared/dom.js";

const MOST_BUTTONS = 8;

export class ChannelTabs {
  /** @param {(index: number) => void} onPick */
  constructor(onPick) {
    this.onPick = onPick;
    this.root = element("div", { class: "kernel-tabs", role: "group" });
    this.root.addEventListener("click", (event) => this.click(event.target.closest("button")));
    this.root.addEventListener("change", (event) => this.onPick(Number(event.target.value)));
    this.key = "";
  }

  /** @param {{count: number, chosen: number, label: string}} shown hidden where there is only one */
  show({ count, chosen, label }) {
    Object.assign(this, { count, chosen });
    this.root.hidden = count < 2;
    const key = `${count} ${label}`;
    if (key !== this.key) this.build(label);
    this.key = key;
    if (this.list) this.list.value = String(chosen);
    for (const button of this.root.querySelectorAll("[data-index]"))
      button.setAttribute("aria-pressed", String(Number(button.dataset.index) === chosen));
  }

  build(label) {
    const words = (index) => fill(label, { index, count: this.count });
    this.list =
      this.count > MOST_BUTTONS
        ? element(
            "select",
            {},
            indices(this.count).map((i) => element("option", { value: i }, [words(i)]))
          )
        : null;
    const step = (by, sign) =>
      element("button", { type: "button", "data-by": by, "aria-hidden": "true", tabindex: "-1" }, [sign]);
    const buttons = indices(this.count).map((i) =>
      element("button", { type: "button", "data-index": i, "aria-label": words(i) }, [i === 0 ? words(0) : String(i)])
    );
    this.root.replaceChildren(...(this.list ? [step(-1, "‹"), this.list, step(1, "›")] : buttons));
    this.list?.setAttribute("aria-label", words(0));
  }

  click(button) {
    if (!button) return;
    const { count, chosen } = this;
    this.onPick(
      button.dataset.by ? (chosen + Number(button.dataset.by) + count) % count : Number(button.dataset.index)
    );
  }
}

function indices(count) {
  return Array.from({ length: count }, (_, i) => i);
}
