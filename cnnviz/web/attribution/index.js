// An image and the map of what its pixels speak for: two pictures, one cursor, by pointer and keyboard.

import { lookupTables } from "../shared/atlas.js";
import { isDark, lookupTable } from "../shared/colour.js";
import { element, fill, isOnPage, say } from "../shared/dom.js";
import { valueText } from "../shared/format.js";
import { GridPicture, fitCells } from "../shared/gridpicture.js";
import { keepFocus } from "../shared/steady.js";
import { keepStrayKeys } from "../shared/straykeys.js";
import { followTheme } from "../shared/theme.js";
import { attachField, readWire } from "../shared/wire.js";
import { fitEnds } from "../shared/celltext.js";
import { showLegends } from "../network/legends.js";

const HEIGHT = 340; // pixels that a picture may take
const LARGEST_CELL = 12;
const BETWEEN = 24; // as the style sheet
const PICTURES = ["image", "map"];
const views = new WeakMap();

class AttributionView {
  constructor(parent) {
    this.painted = 0;
    this.cursor = null;
    this.figures = Object.fromEntries(PICTURES.map((name) => [name, this.figure(name)]));
    const figures = element(
      "div",
      { class: "why-figures" },
      Object.values(this.figures).map(({ node }) => node)
    );
    this.readout = element("output", { class: "why-readout" });
    this.root = element("div", { class: "cnnviz-why" }, [figures, this.readout]);
    parent.append(this.root);
    keepStrayKeys(this.root);
    keepFocus(this.root);
    this.observer = new ResizeObserver(() => this.paint());
    this.observer.observe(this.root);
    followTheme(this.root, () => this.paint());
  }

  figure(name) {
    const picture = new GridPicture({ onPoint: (cell) => this.point(cell) });
    picture.canvas.dataset.picture = name;
    picture.canvas.addEventListener("pointerleave", () => this.point(null));
    const [caption, scale] = [element("figcaption", {}), element("div", { class: "why-scale" })];
    const ends = element("div", { class: "why-ends" }, [element("span", {}), element("span", {})]);
    ends.hidden = name === "image";
    return { picture, caption, scale, ends, node: element("figure", {}, [caption, picture.canvas, scale, ends]) };
  }

  receive(bytes) {
    const { header, body } = readWire(bytes);
    for (const name of PICTURES) attachField(header[name], body);
    this.packet = header;
    this.paint();
    this.painted += 1;
    this.root.dataset.painted = String(this.painted); // counted, so that tests can wait for it
  }

  paint() {
    if (!this.packet || this.root.clientWidth === 0) return;
    const { palettes, texts } = this.packet;
    const dark = isDark(this.root);
    const palette = palettes[dark ? "dark" : "light"];
    const tables = { image: lookupTable(palette.inputs), map: lookupTables(palette).activations };
    const [rows, cols] = this.packet.map.shape;
    const accent = getComputedStyle(this.root).getPropertyValue("--st-primary-color").trim() || "#d9480f";
    const { cell } = fitCells({ count: 1, rows, cols }, this.side(), HEIGHT, LARGEST_CELL);
    const shape = { count: 1, rows, cols, cell, across: 1 };
    for (const name of PICTURES) {
      const { picture, caption, scale, ends } = this.figures[name];
      const { values, low, high } = this.packet[name];
      picture.help = texts.help;
      picture.show(values, shape, { table: tables[name], low, high }, texts[name], accent);
      say(caption, texts[name]);
      const room = Math.min(picture.size.width, this.side());
      scale.style.width = `${room}px`;
      ends.style.width = `${room}px`;
      const middle = name === "map" ? "0" : "";
      const legend = { table: tables[name], ends: fitEnds(low, high, { room, middle }), css: "position:static" };
      showLegends(scale, [legend]);
      say(ends.firstChild, texts.against);
      say(ends.lastChild, texts.for);
    }
    this.mark();
  }

  /** How wide a picture may be: two side by side, on a phone one above the other. */
  side() {
    const { clientWidth } = this.root;
    return clientWidth > 620 ? (clientWidth - BETWEEN) / 2 : clientWidth;
  }

  point(cell) {
    this.cursor = cell;
    this.mark();
  }

  mark() {
    const { cursor, packet } = this;
    for (const { picture } of Object.values(this.figures)) picture.mark(cursor);
    if (!cursor) return say(this.readout, packet.texts.nothing);
    const at = cursor.row * packet.map.shape[1] + cursor.col;
    const [image, map] = PICTURES.map((name) => valueText(packet[name].values[at]));
    say(this.readout, fill(packet.texts.cell, { ...cursor, image, map }));
  }

  close() {
    this.observer.disconnect();
    this.root.remove();
  }
}

/** Streamlit calls this for every new packet; the cursor stays. */
export default function mountAttribution({ data, parentElement }) {
  let view = views.get(parentElement);
  if (!view) {
    view = new AttributionView(parentElement);
    views.set(parentElement, view);
  }
  view.receive(data);
  return () => {
    if (isOnPage(parentElement)) return;
    view.close();
    views.delete(parentElement);
  };
}
