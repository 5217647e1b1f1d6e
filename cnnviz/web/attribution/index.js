// Pictures of numbers side by side (an image, what its pixels speak for): one cursor, by pointer and keyboard.

import { lookupTables } from "../shared/atlas.js";
import { isDark, lookupTable } from "../shared/colour.js";
import { Feed } from "../shared/feed.js";
import { element, fill, putText } from "../shared/dom.js";
import { valueText } from "../shared/format.js";
import { GridPicture, fitCells } from "../shared/gridpicture.js";
import { IMAGE_ASKED, hear } from "../shared/live.js";
import { keepStanding } from "../shared/standing.js";
import { keepFocus } from "../shared/steady.js";
import { keepStrayKeys } from "../shared/straykeys.js";
import { followTheme } from "../shared/theme.js";
import { attachField, readWire } from "../shared/wire.js";
import { fitEnds } from "../shared/celltext.js";
import { showLegends } from "../network/legends.js";

const HEIGHT = 340; // pixels that a picture may take
const LARGEST_CELL = 12;
const BETWEEN = 24; // as the style sheet
const NARROWEST = 310; // pixels for a picture beside others

/**
 * @typedef {{name: string, label: string, word: string, ends: ?string[], scale: "inputs" | "activations",
 *   field: {shape: number[], values: Float32Array}, low: number, high: number}} NumberPicture
 */

class NumberPictures {
  constructor(parent) {
    this.painted = 0;
    this.cursor = null;
    this.figures = [];
    this.row = element("div", { class: "why-figures" });
    this.readout = element("output", { class: "why-readout" });
    this.said = element("p", { class: "why-said" });
    this.behind = element("p", { class: "why-behind", role: "status" });
    this.root = element("div", { class: "cnnviz-why" }, [this.row, this.readout, this.said, this.behind]);
    this.end = new AbortController();
    this.feed = new Feed({ onAnswer: (bytes, asked) => this.answer(bytes, asked), onProblem: () => {} });
    /**
     * @type {?{token: ?string, version: number}} the drawing of which a map was asked for; null once a run of the page
     *   has shown one that is no older: an answer that comes after that is late
     */
    this.ahead = null;
    hear(IMAGE_ASKED, (asked) => this.ask(asked), this.end.signal);
    parent.append(this.root);
    keepStrayKeys(this.root);
    keepFocus(this.root);
    this.observer = new ResizeObserver(() => this.paint());
    this.observer.observe(this.root);
    followTheme(this.root, () => this.paint());
  }

  figure() {
    const picture = new GridPicture({ onPoint: (cell) => this.point(cell) });
    picture.canvas.addEventListener("pointerleave", () => this.point(null));
    const [caption, scale] = [element("figcaption", {}), element("div", { class: "why-scale" })];
    const ends = element("div", { class: "why-ends" }, [element("span", {}), element("span", {})]);
    return { picture, caption, scale, ends, node: element("figure", {}, [caption, picture.canvas, scale, ends]) };
  }

  /** What a run of the page gives: of a drawing that the hand has already gone beyond it takes over the question. */
  receive(bytes) {
    const packet = packetIn(bytes);
    const { live } = packet;
    const isSame = JSON.stringify(live?.why) === JSON.stringify(this.live?.why);
    this.live = live;
    this.feed.url = live?.url ?? null;
    const { ahead } = this;
    const isOlder = ahead && live && live.pad.token === ahead.token && live.pad.version < ahead.version;
    if (isOlder && isSame && this.packet) return;
    this.ahead = null;
    putText(this.behind, "");
    this.show(packet);
  }

  /** The network was asked about an image: so is its map, where that is quick, or nobody draws on. */
  ask({ ink, rest }) {
    if (!this.live || !(this.live.follows || ink.isWhole)) return false;
    const { strokes, image, seen, token, version } = ink;
    const { others: _others, has: _has, selection: _selection, ...said } = rest;
    const key = JSON.stringify([strokes, image, seen, said]);
    if (key === this.asked) return false; // another view of the same image
    this.asked = key;
    this.ahead = { token, version };
    this.feed.ask({ ...said, strokes, image, seen, why: this.live.why });
    return false; // it only listens
  }

  answer(bytes, { why }) {
    if (!this.ahead) return;
    if (JSON.stringify(why) !== JSON.stringify(this.live?.why)) return; // the reader has chosen something else
    this.show(packetIn(bytes));
    putText(this.behind, this.packet.texts.behind);
  }

  show(header) {
    this.packet = header;
    putText(this.said, header.said);
    const [rows, cols] = header.pictures[0].field.shape;
    if (this.cursor && (this.cursor.row >= rows || this.cursor.col >= cols)) this.cursor = null;
    if (this.figures.length !== header.pictures.length) {
      this.figures = header.pictures.map(() => this.figure());
      this.row.replaceChildren(...this.figures.map(({ node }) => node));
    }
    this.paint();
    this.painted += 1;
    this.root.dataset.painted = String(this.painted); // counted, so that tests can wait for it
  }

  paint() {
    if (!this.packet || this.root.clientWidth === 0) return;
    const palette = this.packet.palettes[isDark(this.root) ? "dark" : "light"];
    const tables = { inputs: lookupTable(palette.inputs), activations: lookupTables(palette).activations };
    const accent = getComputedStyle(this.root).getPropertyValue("--st-primary-color").trim() || "#d9480f";
    this.packet.pictures.forEach((shown, at) => this.paintOne(this.figures[at], shown, tables[shown.scale], accent));
    this.mark();
  }

  /** @param {NumberPicture} shown @param {Uint32Array} table of its colours */
  paintOne({ picture, caption, scale, ends }, shown, table, accent) {
    const { field, low, high, label } = shown;
    const [rows, cols] = field.shape;
    const { cell } = fitCells({ count: 1, rows, cols }, this.side(), HEIGHT, LARGEST_CELL);
    picture.canvas.dataset.picture = shown.name;
    picture.help = this.packet.texts.help;
    picture.show(field.values, { count: 1, rows, cols, cell, across: 1 }, { table, low, high }, label, accent);
    putText(caption, label);
    const room = Math.min(picture.size.width, this.side());
    scale.style.width = `${room}px`;
    ends.style.width = `${room}px`;
    const middle = shown.ends ? "0" : "";
    showLegends(scale, [{ table, ends: fitEnds(low, high, { room, middle }), css: "position:static" }]);
    ends.hidden = !shown.ends;
    (shown.ends ?? []).forEach((text, end) => putText(ends.children[end], text));
  }

  /** How wide a picture may be: side by side, on a phone one above the other. */
  side() {
    const { clientWidth } = this.root;
    const count = this.packet.pictures.length;
    return clientWidth > NARROWEST * count ? (clientWidth - BETWEEN * (count - 1)) / count : clientWidth;
  }

  point(cell) {
    this.cursor = cell;
    this.mark();
  }

  mark() {
    const { cursor, packet } = this;
    for (const { picture } of this.figures) picture.mark(cursor);
    if (!cursor) return putText(this.readout, packet.texts.nothing);
    const values = packet.pictures.map(({ word, field }) => {
      return `${word} ${valueText(field.values[cursor.row * field.shape[1] + cursor.col])}`;
    });
    putText(this.readout, fill(packet.texts.place, { ...cursor, values: values.join(", ") }));
  }

  close() {
    this.end.abort();
    this.feed.close();
    this.observer.disconnect();
    this.root.remove();
  }
}

function packetIn(bytes) {
  const { header, body } = readWire(bytes);
  for (const { field } of header.pictures) attachField(field, body);
  return header;
}

/** Streamlit calls this for every new packet; the cursor stays. */
export default function mountAttribution({ data, parentElement }) {
  return keepStanding(NumberPictures, parentElement, (view) => view.receive(data));
}
