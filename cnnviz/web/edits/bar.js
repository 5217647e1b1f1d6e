// In the explorer's bar: the button that opens the panel, the badge that says "edited", the switch before / after /
// difference.

import { element } from "../shared/dom.js";

const VIEWS = ["before", "after", "difference"];

export class EditsBar {
  /** @param {{onOpen: (isOpen: boolean) => void, onView: (view: string) => void}} answers */
  constructor(answers) {
    this.button = element("button", {
      type: "button",
      class: "surgery-button",
      hidden: true,
      "aria-expanded": "false",
    });
    this.badge = element("button", { type: "button", class: "surgery-badge" });
    this.views = element(
      "div",
      { class: "scopes surgery-views", role: "group" },
      VIEWS.map((view) => element("button", { type: "button", "data-view": view }))
    );
    this.root = element("div", { class: "surgery-bar", hidden: true }, [this.badge, this.views]);
    this.button.addEventListener("click", () => answers.onOpen(!this.isOpen));
    this.badge.addEventListener("click", () => answers.onOpen(true));
    this.views.addEventListener(
      "click",
      (event) => event.target.dataset.view && answers.onView(event.target.dataset.view)
    );
  }

  /**
   * @param {{texts: Record<string, string>, badge: string, view: string, isOpen: boolean, hasKernel: boolean,
   *   isWalking: boolean}} shown
   */
  show({ texts, badge, view, isOpen, hasKernel, isWalking }) {
    this.isOpen = isOpen;
    this.button.hidden = false; // what is never told of edits, such as a part of a network, has no button for them
    this.button.textContent = hasKernel ? texts.open : texts.open_network;
    this.button.title = texts.open_hint;
    this.button.setAttribute("aria-expanded", String(isOpen));
    this.root.hidden = badge === "";
    this.badge.textContent = badge;
    this.badge.title = texts.badge_hint;
    this.views.setAttribute("aria-label", texts.view);
    for (const one of this.views.children) {
      const name = one.dataset.view;
      one.textContent = texts[`view_${name}`];
      one.setAttribute("aria-pressed", String(name === view));
      one.disabled = isWalking && name === "difference";
      one.title = one.disabled ? texts.view_no_walk : name === "difference" ? texts.view_difference_hint : "";
    }
  }
}
