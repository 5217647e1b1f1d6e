// All maps of the open layer, below the network: to be sorted, looked for by number, and opened.

import { copyMap, hasMap } from "../shared/atlas.js";
import { fitCanvas } from "../shared/canvas.js";
import { element, fill, putText } from "../shared/dom.js";
import { valueText } from "../shared/format.js";
import { columnOf } from "../network/packet.js";

const THUMBNAIL = 44;
const PAGE = 256; // maps at once; more when asked for

export class Gallery {
  /** @param {object} explorer */
  constructor(explorer) {
    this.explorer = explorer;
    this.isOpen = false;
    this.most = PAGE;
    this.order = "active";
    const { panel } = explorer;
    this.box = panel.gallery;
    this.search = element("input", { type: "text", inputmode: "numeric", autocomplete: "off" });
    this.sorts = ["active", "number"].map((name) => element("button", { type: "button", "data-sort": name }));
    this.searchText = element("span", {});
    this.count = element("span", { class: "count", role: "status" });
    this.grid = element("div", { class: "maps" });
    this.more = element("button", { type: "button", class: "more" });
    const sorting = element("div", { class: "scopes", role: "group" }, this.sorts);
    const label = element("label", {}, [this.searchText, this.search]);
    this.box.append(element("div", { class: "finding" }, [label, sorting, this.count]));
    this.box.append(this.grid, this.more);
    panel.maps.addEventListener("click", () => this.toggle());
    this.search.addEventListener("input", () => this.show());
    this.more.addEventListener("click", () => this.show((this.most += PAGE)));
    this.grid.addEventListener("click", (event) => this.open(event.target.closest("button")));
    for (const button of this.sorts) button.addEventListener("click", () => this.sort(button.dataset.sort));
  }

  toggle() {
    this.isOpen = !this.isOpen;
    this.explorer.describe();
    this.explorer.tellPython();
    if (!this.box.hidden) this.box.scrollIntoView({ block: "nearest" });
  }

  sort(name) {
    this.order = name;
    this.show();
  }

  open(button) {
    if (button) this.explorer.select({ channel: Number(button.dataset.channel), row: null, col: null });
  }

  /** The open layer's maps, where there are more than stand in its column; the button says why where there are not. */
  show() {
    const { scene, panel } = this.explorer;
    const { packet, open } = scene;
    const column = open && columnOf(packet, open.index);
    const { maps } = panel;
    maps.hidden = !packet.plan;
    const isPossible = Boolean(column?.order) && packet.layers[open.index].form === "maps";
    maps.disabled = !isPossible;
    maps.setAttribute("aria-expanded", String(this.isOpen && isPossible));
    const { texts } = packet;
    putText(maps, isPossible ? fill(texts.maps_all, { count: packet.layers[open.index].count }) : texts.maps);
    maps.title = isPossible ? texts.maps_hint : open ? texts.maps_none : texts.maps_closed;
    this.box.hidden = !(this.isOpen && isPossible);
    if (!this.box.hidden) this.write(scene, column);
  }

  write(scene, column) {
    const { texts, layers } = scene.packet;
    const { open } = scene;
    putText(this.searchText, texts.maps_search);
    for (const button of this.sorts) {
      putText(button, texts[`maps_by_${button.dataset.sort}`]);
      button.setAttribute("aria-pressed", String(button.dataset.sort === this.order));
    }
    const found = this.found(layers[open.index], column);
    putText(this.count, fill(texts.maps_found, { found: found.length, count: layers[open.index].count }));
    this.more.hidden = found.length <= this.most;
    putText(this.more, fill(texts.maps_more, { count: Math.min(PAGE, found.length - this.most) }));
    this.renew(found.slice(0, this.most).map((channel) => this.map(scene, column, channel)));
  }

  /** The maps are made anew with each picture; the one that has the focus keeps it. */
  renew(buttons) {
    const focused = this.grid.getRootNode().activeElement;
    const { channel } = this.grid.contains(focused) ? focused.dataset : {};
    this.grid.replaceChildren(...buttons);
    if (channel !== undefined)
      buttons.find((button) => button.dataset.channel === channel)?.focus({ preventScroll: true });
  }

  /** The channels whose number is, or begins with, what was typed. */
  found({ count }, { activity }) {
    const asked = this.search.value.trim();
    const all = Array.from({ length: count }, (_, channel) => channel);
    if (this.order === "active" && activity) all.sort((a, b) => activity[b] - activity[a] || a - b);
    return all.filter((channel) => String(channel).startsWith(asked));
  }

  map(scene, { activity }, channel) {
    const { open, packet } = scene;
    const canvas = element("canvas", { "aria-hidden": "true" });
    const atlas = scene.atlases.get(`map:${open.index}`);
    const context = fitCanvas(canvas, THUMBNAIL, THUMBNAIL);
    if (atlas && hasMap(atlas, channel)) copyMap(context, atlas, channel, { x: 0, y: 0, w: THUMBNAIL, h: THUMBNAIL });
    const title = activity && fill(packet.texts.maps_activity, { channel, value: valueText(activity[channel]) });
    const isOpen = channel === open.channel;
    return element(
      "button",
      { type: "button", "data-channel": channel, title, "aria-label": title, "aria-current": isOpen ? "true" : null },
      [canvas, element("span", {}, [String(channel)])]
    );
  }
}
