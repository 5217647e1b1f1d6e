// Two networks or two images side by side: what the hand does on one side is seen on both. Nothing asks the server.

import { Levels } from "../shared/address.js";
import { element, fill, putText } from "../shared/dom.js";
import { leaveOutOfLink } from "../shared/leftout.js";
import { isPlainKey } from "../shared/plainkey.js";
import { textsForHand } from "../shared/pointing.js";
import { holdPage, keepFocus } from "../shared/steady.js";
import { keepStanding } from "../shared/standing.js";
import { keepStrayKeys } from "../shared/straykeys.js";
import { followTheme } from "../shared/theme.js";
import { depthOf, viewOf } from "../explorer/levels.js";
import { bounded, nextCell, nextInGraph, nextMap } from "../explorer/hit.js";
import { meansBack } from "../explorer/steering.js";
import { LargestList } from "./largest.js";
import { OpenPair } from "./maps.js";
import { SIDES, cellBeside, pairOf, readComparison, sentenceOf } from "./pairs.js";
import { Pane } from "./pane.js";
import { PairSaving } from "./saving.js";

const NOTHING = { layer: null, channel: 0, row: null, col: null }; // what is open beside the folded blocks

class Comparison {
  constructor(parent) {
    this.end = new AbortController();
    this.selection = { ...NOTHING, folds: [] };
    this.panes = Object.fromEntries(SIDES.map((side) => [side, this.pane(side)]));
    this.info = element("p", { class: "info", "aria-live": "polite" });
    this.scale = element("p", { class: "scale-note" });
    this.leftOut = element("p", { class: "left-out", role: "note" });
    this.root = element("div", { class: "cnnviz-explorer comparison" });
    this.saving = new PairSaving(this.root);
    const answers = {
      onHover: (cell) => this.hover(this.openSide(), cell && this.openCell(cell)),
      onClick: (cell) => this.select({ row: cell.row, col: cell.col }),
      onClose: () => this.select(NOTHING),
    };
    this.maps = new OpenPair(answers, this.saving.box);
    this.list = new LargestList((pair) => this.openLargest(pair));
    const sides = element(
      "div",
      { class: "sides" },
      SIDES.map((side) => this.panes[side].panel.root)
    );
    const below = element("div", { class: "below" }, [this.maps.root, this.list.root]);
    this.root.append(this.info, sides, this.scale, this.leftOut, below);
    this.levels = new Levels({ root: this.root, onArrive: (view) => this.compared && this.select(view) });
    parent.append(this.root);
    keepStrayKeys(this.root, this.end.signal);
    keepFocus(this.root);
    this.observer = new ResizeObserver(() => this.layOut());
    this.observer.observe(this.root);
    document.addEventListener("keydown", (event) => meansBack(event) && this.back(), { signal: this.end.signal });
    window.addEventListener("resize", () => this.layOut(), { signal: this.end.signal });
    followTheme(this.root, () => this.compared && this.paint());
  }

  pane(side) {
    return new Pane(side, {
      onHover: (cell) => this.hover(side, cell),
      onClick: (cell) => this.click(side, cell),
      onLabel: (label) => label && this.label(side, label),
      onKey: (event) => this.key(side, event),
      onScroll: (left) => this.scroll(side, left),
    });
  }

  receive(bytes, send) {
    this.send = send;
    this.compared = readComparison(bytes);
    const { compared } = this;
    compared.texts = textsForHand(compared.texts);
    if (compared.token !== this.token) {
      this.token = compared.token;
      const { layer, channel, row, col, folds } = compared.selection;
      this.selection = { layer, channel, row, col, folds };
      this.lit = null;
      this.levels.lay(depthOf(this.selection), viewOf(this.selection));
    }
    if (!this.pair()) this.selection = { ...this.selection, ...NOTHING };
    this.paint();
    if (compared.link) this.levels.write(compared.link);
    this.painted = (this.painted ?? 0) + 1;
    this.root.dataset.painted = String(this.painted);
  }

  paint() {
    const { compared, panes } = this;
    for (const side of SIDES) {
      panes[side].adopt(compared[side], `${compared.texts[side]}: ${compared.titles[side]}`, this.root);
      panes[side].panel.over.setAttribute("aria-label", fill(compared.texts.canvas, { side: compared.texts[side] }));
    }
    putText(this.leftOut, compared.left_out);
    leaveOutOfLink(compared.left_out);
    putText(this.scale, compared.is_alike ? compared.texts.scale_alike : compared.texts.scale_apart);
    this.layOut();
    this.describe();
  }

  layOut() {
    if (!this.compared || this.root.clientWidth === 0) return;
    for (const side of SIDES) this.panes[side].layOut();
    this.light();
  }

  /** The pair that is open; null: none. */
  pair() {
    return this.compared.pairs.find(({ path }) => path === this.selection.layer) ?? null;
  }

  openSide() {
    return this.pair()?.one === null ? "other" : "one";
  }

  /** A cell of the open map, as a cell of its side. */
  openCell(cell) {
    return { index: this.pair()[this.openSide()], part: "map", ...cell };
  }

  hover(side, cell) {
    this.lit = cell && { side, cell };
    this.light();
  }

  click(side, cell) {
    if (!cell) this.back();
    else if (pairOf(this.compared, side, cell.index).path === this.selection.layer && this.isVector(side, cell))
      this.select({ channel: cell.channel });
    else this.openAt(side, cell);
  }

  isVector(side, { index }) {
    return this.compared[side].layers[index].form !== "maps";
  }

  /** The head of a layer opens its first map, that of a block folds or opens the block on both sides. */
  label(side, { dataset: { block, index } }) {
    if (!block) return this.openAt(side, { index: Number(index), channel: 0 });
    const { folds } = this.selection;
    this.lit = null;
    this.cursor = null;
    return this.select({ folds: folds.includes(block) ? folds.filter((one) => one !== block) : [...folds, block] });
  }

  openAt(side, { index, channel }) {
    const pair = pairOf(this.compared, side, index);
    this.select({ ...NOTHING, layer: pair.path, channel });
    this.maps.root.scrollIntoView({ block: "nearest" });
  }

  openLargest(pair) {
    const { channel = 0, row = null, col = null } = pair.largest ?? {};
    const form = pair.one === null ? null : this.compared.one.layers[pair.one].form;
    const isMap = form === "maps";
    this.lit = null;
    this.select({
      layer: pair.path,
      channel: isMap || form === "cells" || form === "bars" ? channel : 0,
      row: isMap ? row : null,
      col: isMap ? col : null,
    });
  }

  back() {
    if (this.selection.row !== null) this.select({ row: null, col: null });
    else if (this.selection.layer !== null) this.select(NOTHING);
  }

  select(change) {
    this.selection = { ...this.selection, ...change };
    this.describe();
    this.levels.stand(depthOf(this.selection), viewOf(this.selection));
    holdPage(this.root);
    this.send("selection", this.selection);
  }

  describe() {
    const scenes = Object.fromEntries(SIDES.map((side) => [side, this.panes[side].scene]));
    this.maps.show(this.compared, this.pair(), this.selection.channel, scenes);
    this.list.show(this.compared, this.selection.layer);
    this.saving.show(this.compared, this.pair(), this.selection.channel, scenes.one);
    this.light();
  }

  /** The cell that is held: clicked, or reached by keys. */
  held() {
    const { row, col, channel } = this.selection;
    return row === null || !this.pair() ? null : { side: this.openSide(), cell: this.openCell({ channel, row, col }) };
  }

  /** Lights a cell on both sides: within one frame, without asking anybody. */
  light() {
    if (!this.compared) return;
    const { texts } = this.compared;
    const at = this.lit ?? this.cursor ?? this.held();
    const beside = at && cellBeside(this.compared, at.side, at.cell);
    for (const side of SIDES) this.panes[side].light(at?.side === side ? at.cell : beside);
    const prompt = this.pair() ? texts.prompt_open : texts.prompt;
    putText(this.info, at ? sentenceOf(this.compared, at.side, at.cell) : prompt);
    const isOpen = at && this.isOpenMap(at);
    this.maps.light(this.compared, isOpen ? at.cell : null, this.panes.one.scene.ink);
  }

  isOpenMap({ side, cell }) {
    const pair = this.pair();
    return pair !== null && pair[side] === cell.index && cell.channel === this.selection.channel;
  }

  scroll(side, left) {
    const { stage } = this.panes[side === "one" ? "other" : "one"].panel;
    if (Math.abs(stage.scrollLeft - left) > 1) stage.scrollLeft = left;
  }

  key(side, event) {
    if (!isPlainKey(event)) return undefined;
    const { layers, plan } = this.compared[side];
    const { layout } = this.panes[side].scene;
    const pair = this.pair();
    if (event.key === "Escape") this.cursor = null;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      const cell = this.cursor?.cell ?? { index: 0, channel: 0 };
      this.cursor = null;
      return this.openAt(side, cell);
    }
    if (pair && (event.key === "PageUp" || event.key === "PageDown")) return this.turn(event, pair, side);
    if (pair && pair[side] !== null && layers[pair[side]].form === "maps")
      return this.moveCell(event, layers[pair[side]]);
    const from = this.cursor?.cell ?? { index: 0, channel: 0 };
    const moved = plan ? nextInGraph(plan, layout.blocks, from, event.key) : nextMap(layers, from, event.key);
    if (!moved) return undefined;
    event.preventDefault();
    const { rows, cols } = layers[moved.index];
    this.lit = null;
    this.cursor = { side, cell: { ...moved, row: rows >> 1, col: cols >> 1, part: "map" } };
    return this.light();
  }

  turn(event, pair, side) {
    event.preventDefault();
    const { count } = this.compared[side].layers[pair[side]];
    const step = event.key === "PageDown" ? 1 : -1;
    return this.select({ channel: bounded(this.selection.channel + step, count) });
  }

  moveCell(event, layer) {
    const { row, col } = this.selection;
    const moved = nextCell(layer, { row: row ?? 0, col: col ?? 0 }, event.key);
    if (!moved) return;
    event.preventDefault();
    this.lit = null;
    this.select(row === null ? { row: 0, col: 0 } : moved);
  }

  close() {
    this.end.abort();
    this.levels.close();
    leaveOutOfLink("");
    this.observer.disconnect();
    for (const side of SIDES) this.panes[side].close();
    this.root.remove();
  }
}

/** Streamlit calls this for every new packet; the comparison itself stays. */
export default function mountComparison({ data, parentElement, setStateValue }) {
  return keepStanding(Comparison, parentElement, (comparison) => comparison.receive(data, setStateValue));
}
