// The network on one screen: wiring of packet, layout, paint, pointer and keys.

import { putText } from "../shared/dom.js";
import { Levels } from "../shared/address.js";
import { leaveOutOfLink } from "../shared/leftout.js";
import { ANSWERS_FOUND, IMAGE_ASKED, INK_DRAWN, STEPS_TAKEN, hear, tell } from "../shared/live.js";
import { keepFocus } from "../shared/steady.js";
import { keepStrayKeys } from "../shared/straykeys.js";
import { readWire } from "../shared/wire.js";
import { followTheme } from "../shared/theme.js";
import { Beginning } from "./beginning.js";
import { depthOf, isSameView, viewIn, viewOf } from "./levels.js";
import { Gallery } from "./gallery.js";
import { Saving } from "./saving.js";
import { NumbersTable } from "./numbers.js";
import { buildLens, showLens } from "./lens.js";
import { LiveFeed, asImage, isAbout } from "./live.js";
import { Origins } from "./origins.js";
import { paintLit } from "../network/paint.js";
import { buildPanel, writeControls, writeCrumbs, writeTexts, writeVerdict } from "./panel.js";
import { nextMark, shownAfter } from "./onscreen.js";
import { readPacket, walkState } from "../network/packet.js";
import { refreshPictures } from "../network/scene.js";
import { Stage } from "./stage.js";
import { Telling } from "./telling.js";
import { listen } from "./hand.js";
import { explorerAt, leave } from "./homes.js";
import { keptCursor, onTiles } from "./hit.js";
import { litBy } from "../network/reads.js";
import { sentence } from "../network/words.js";
import { isWalked, NotWalked } from "../walk/notwalked.js";
import { Edits } from "../edits/edits.js";
import { Walk } from "../walk/view.js";

const SETTLED_MS = 250;

/** One explorer on the page: what it shows, and how it answers. */
class Explorer {
  constructor(parent) {
    this.ink = null;
    this.end = new AbortController();
    this.feed = new LiveFeed((answer, stamp, isImage) => this.answer(answer, stamp, isImage));
    hear(INK_DRAWN, (ink) => this.hearInk(ink), this.end.signal);
    this.panel = buildPanel();
    this.lens = buildLens(this.panel.lens);
    this.scene = { packet: null, layout: null, scope: "layer", atlases: new Map(), tables: {}, ink: {}, open: null };
    this.stage = new Stage(this.panel, this.scene, {
      onStill: () => this.arrive(),
      aroundLabels: (write) => this.origins.keepLabel(write),
    });
    this.selection = { layer: null, channel: 0, row: null, col: null };
    /** @type {string[]} the blocks that are folded or opened, against how they start */
    this.folds = [];
    this.cursor = null;
    this.cell = null;
    this.token = undefined;
    this.moves = this.painted = 0; // of the reader; of the network
    this.isFolding = false; // the next packet lays the columns out anew, and the network moves there
    this.walk = new Walk({
      onStep: (place) => this.follow(place),
      onPlace: (place) => this.report(place),
      onMode: () => this.tellPython(),
      onTurn: (channel, [row, col]) => this.select({ channel, row, col }),
    });
    this.panel.stage.after(this.walk.root);
    this.notWalked = new NotWalked(this.panel.stage);
    this.telling = new Telling(this);
    this.table = new NumbersTable(this);
    this.gallery = new Gallery(this);
    this.saving = new Saving(this);
    this.edits = new Edits(this);
    this.beginning = new Beginning(this);
    this.isPlaced = false;
    this.origins = new Origins(this);
    const onArrive = (view) => this.scene.packet && this.select(viewIn(this.scene.packet, view, this.network));
    this.levels = new Levels({ root: this.panel.root, onArrive });
    parent.append(this.panel.root);
    keepStrayKeys(this.panel.root, this.end.signal);
    this.giveFocusBack = keepFocus(this.panel.root);
    this.observer = new ResizeObserver(([{ contentRect }]) => this.fit(contentRect.width));
    this.observer.observe(this.panel.stage);
    listen(this);
    followTheme(this.panel.root, () => this.repaint());
  }

  /** A new packet from a run of the page; one that the hand has already gone beyond is left aside. */
  receive(wire, send) {
    const { live, pad, surgery, is_sketch: isSketch } = wire.header;
    this.send = send;
    if (live) {
      this.feed.url = live.url;
      this.toldToSay = live.say;
      this.table.url = live.cell_url;
      this.walk.asking.url = live.field_url;
      this.edits.url = live.accuracy_url;
    }
    // a test image, an upload, pixels set by hand: a run of the page knows what became of them
    if (!isSketch || this.ink?.image) this.ink = null;
    const isOvertaken = this.feed.isOvertaken(pad ?? {}) || this.edits.isOvertaken({ surgery });
    if (this.scene.packet && isOvertaken) return;
    const packet = shownAfter(wire, this.scene.packet, this.mark);
    if (!packet) return this.telling.now(); // with what is on the screen now
    if (live) this.seen = live.seen ?? null; // the token of an image, by which Python knows it
    this.adopt(packet);
    this.edits.hear(this.network, surgery);
  }

  /** New numbers, and a new view only where Python asks for one. */
  adopt(packet) {
    const view = this.scene.packet ? null : this.levels.view; // Back from another page leads to the view of then
    if (packet.layers !== this.scene.packet?.layers) this.mark = nextMark();
    this.scene.packet = packet;
    this.edits.adopt(packet);
    this.say = { ...this.toldToSay, ...this.edits.said() };
    this.walk.asking.say = this.say;
    if (packet.texts.language !== this.language) {
      this.language = packet.texts.language;
      writeTexts(this.panel, packet.texts);
    }
    this.panel.over.setAttribute("aria-label", (packet.plan ?? packet).texts.canvas); // its keys do more in a graph
    if (packet.token !== undefined && packet.token !== this.token) {
      this.token = packet.token;
      if (packet.moves < this.moves) this.tellPython(); // the reader has gone on: Python has not heard of it yet
      else this.takeView(packet, view);
    }
    this.openSelected();
    if (this.cursor) this.cursor = keptCursor(packet, this.cursor);
    refreshPictures(this.scene, this.panel.root);
    this.relayout(this.isFolding);
    this.isFolding = false;
    this.beginning.arrive();
    clearTimeout(packet.link && this.address); // an answer about an image has none, and leaves that of the page
    if (packet.link) this.address = setTimeout(() => this.levels.write(packet.link), SETTLED_MS);
    this.painted += 1; // counted, so that tests and benchmarks can wait for it
    Object.assign(this.panel.root.dataset, { version: packet.pad?.version ?? 0, painted: this.painted });
  }

  /** What Python shows, or the view of an entry of the browser's history. */
  takeView({ selection, layers }, view) {
    const { folds, scope, panels } = selection;
    this.selection = { ...selection, ...viewIn({ layers }, view, this.network) };
    this.isPlaced = false;
    this.folds = folds;
    this.scene.scope = scope;
    this.table.isOpen = panels.includes("numbers");
    this.gallery.isOpen = panels.includes("maps");
    this.walk.mode = panels.includes("sees") ? "sees" : "sum";
    this.levels.lay(depthOf(this.selection), viewOf(this.selection, this.network));
    if (!isSameView(this.selection, selection)) this.tellPython();
  }

  /** Ink from the pad, as it is drawn; of what Python has put there itself, Python's packet is on its way. */
  hearInk(ink) {
    this.ink = ink;
    if (ink.isPlaced) return true;
    return this.ask();
  }

  /**
   * Asks the short way about what lies on the table; false where there is none.
   * What is no ink goes as an image or by its token, and so does a drawing that is the same as before.
   */
  ask(isSame = false) {
    const { packet } = this.scene;
    const isStill = this.ink === null || (isSame && !this.feed.isOvertaken(packet.pad));
    const ink = isStill ? asImage(packet, this.edits.isUsed ? null : this.seen) : this.ink;
    const rest = { ...this.say, selection: this.chosen(), ...this.edits.question() };
    const isAsked = this.feed.ask(ink, rest);
    if (isAsked) tell(IMAGE_ASKED, { ink, rest });
    return isAsked;
  }

  answer({ explorer, steps }, stamp, isImage) {
    const now = this.scene.packet;
    const packet = readPacket(explorer, now, (it) => this.edits.canRead(it) && isAbout(it, now, this.seen));
    if (!packet) return this.ask();
    const drawn = isImage ? { link: null, left_out: now.left_out } : {}; // an image says nothing of its drawing
    this.adopt({ ...packet, pad: stamp, ...drawn });
    if (packet.answers_beside) tell(ANSWERS_FOUND, { answers: packet.answers_beside, stamp });
    return isImage || tell(STEPS_TAKEN, steps);
  }

  chosen() {
    const opened = { numbers: this.table.isOpen, sees: this.walk.mode === "sees", maps: this.gallery.isOpen };
    const panels = Object.keys(opened).filter((name) => opened[name]);
    return { ...this.selection, scope: this.scene.scope, panels, folds: this.folds, moves: this.moves };
  }

  /** Folds an open block, or opens a folded one: where the columns then stand is for Python to say. */
  fold(path) {
    const isTurned = this.folds.includes(path);
    this.folds = isTurned ? this.folds.filter((one) => one !== path) : [...this.folds, path];
    this.cell = null;
    this.isFolding = true;
    this.tellPython();
  }

  openSelected() {
    const index = this.scene.packet.layers.findIndex((layer) => layer.path === this.selection.layer);
    this.scene.open = index < 0 ? null : { index, channel: this.selection.channel };
  }

  /** Goes to a selection; Python is told, and computes while the network moves. */
  select(change) {
    const next = { ...this.selection, ...change };
    this.origins.leave(this.selection, next);
    this.selection = next;
    this.isPlaced = false;
    this.openSelected();
    this.tellPython();
    refreshPictures(this.scene, this.panel.root);
    this.relayout("layer" in change || "channel" in change);
    this.origins.arrive();
    this.stand();
  }

  /** The browser's history knows the level, and its Back comes here again. */
  stand() {
    this.levels.stand(depthOf(this.selection), viewOf(this.selection, this.network));
  }

  /** The walk stands on another cell: the breadcrumb says so at once. */
  follow(place) {
    this.selection = { ...this.selection, ...place };
    putText(this.panel.info, this.walk.prompt());
    writeCrumbs(this.panel, this.scene.packet, this.selection);
  }

  /** The walk went on to another cell: the view stays as it is, Python hears of it. */
  report(place) {
    this.selection = { ...this.selection, ...place };
    this.openSelected();
    refreshPictures(this.scene, this.panel.root);
    this.isPlaced = true;
    this.describe();
    this.stand();
    this.tellPython();
  }

  tellPython() {
    this.moves += 1;
    const isAsked = (this.ink !== null || this.edits.isUsed || this.seen) && this.ask();
    this.telling.soon(isAsked);
  }

  /** Another width; the height is what the network itself takes, and moves with it. */
  fit(width) {
    if (width === this.width) return;
    this.width = width;
    this.relayout(false);
  }

  relayout(moves) {
    if (!this.stage.layOut(moves, this.edits.height)) return;
    if (!moves) this.origins.settle();
    this.describe();
  }

  /** The network stands still again. */
  arrive() {
    this.origins.settle();
    this.light(this.cell ?? this.held());
  }

  /** The same view in the colours of another theme. */
  repaint() {
    if (!this.scene.packet) return;
    refreshPictures(this.scene, this.panel.root);
    this.relayout(false);
  }

  /** Words, controls and table of the present view. */
  describe() {
    const { panel, scene } = this;
    writeVerdict(panel, scene.packet);
    putText(panel.leftOut, scene.packet.left_out ?? "");
    leaveOutOfLink(scene.packet.left_out ?? "");
    writeCrumbs(panel, scene.packet, this.selection);
    this.showWalk();
    this.table.show();
    this.gallery.show();
    this.saving.show();
    this.edits.show();
    this.notWalked.show(scene);
    const canWalk = scene.open !== null && isWalked(scene.packet.layers, scene.open.index);
    const state = canWalk ? this.walkState() : "never";
    const why = canWalk ? scene.packet.texts[`steps_${state}`] : null;
    writeControls(
      panel,
      scene.scope,
      scene.open !== null,
      this.table.isOpen,
      state !== "never", // a press that comes too soon is kept
      !this.walk.root.hidden,
      why
    );
    this.light(this.cell ?? this.held());
  }

  /** Whether the numbers of the open map are here, and all that they are computed from. */
  walkState() {
    const { packet, open } = this.scene;
    return walkState(packet.layers, open.index, open.channel);
  }

  /** The third depth takes the place of the second; a layer without a walk stays as it is. */
  showWalk() {
    const { panel, selection } = this;
    const was = !this.walk.root.hidden;
    const isIn =
      selection.row !== null &&
      this.walkState() === "yes" &&
      !this.edits.isDifference &&
      this.walk.show(this.scene, this.isPlaced && was ? null : selection);
    this.isPlaced = true;
    panel.stage.hidden = isIn;
    if (!isIn) this.walk.hide();
    if (was === isIn || !this.hasFocus()) return;
    (isIn ? this.walk.root : panel.over).focus({ preventScroll: true });
  }

  /** Whether one is at work here; what takes the place of the focused part is then focused. */
  hasFocus() {
    return this.panel.root.contains(this.panel.root.getRootNode().activeElement);
  }

  /** The cell that was clicked and stays lit, if any. */
  held() {
    const { open } = this.scene;
    if (!open || this.selection.row === null) return this.cursor;
    return { ...open, row: this.selection.row, col: this.selection.col, part: "result" };
  }

  /** Lights a cell and all that it reads: runs within one frame, never asks Python. */
  light(cell) {
    const { scene, panel } = this;
    const real = cell && (cell.part === "map" || cell.part === "result") ? cell : null;
    const lit = real ? litBy(scene.packet.layers, real) : [];
    if (real || this.isLit) paintLit(panel.over.getContext("2d"), scene, real, onTiles(lit, scene.layout));
    this.isLit = real !== null;
    showLens(panel, this.lens, scene, real, lit);
    putText(panel.info, this.walk.root.hidden ? sentence(scene, cell, real, lit) : this.walk.prompt());
    this.table.light(real);
  }

  /** A click opens, holds, switches or goes back; see `INTERACTION` in docs. */
  click(cell) {
    const { open, packet } = this.scene;
    if (!cell) return this.back();
    if (cell.part === "kernel" || cell.part === "sum") return undefined;
    const path = packet.layers[cell.index].path;
    if (
      open &&
      cell.index === open.index &&
      (cell.part === "result" || ["strip", "bars"].includes(packet.layers[cell.index].form))
    ) {
      return this.select({ row: cell.row, col: cell.col, channel: cell.channel });
    }
    this.cell = null; // the map travels away from under the pointer
    return this.select({ layer: path, channel: cell.channel, row: null, col: null });
  }

  /** One level up, never further. */
  back() {
    this.cell = null;
    if (this.selection.row !== null) this.select({ row: null, col: null });
    else if (this.selection.layer !== null) this.select({ layer: null, channel: 0 });
  }

  close() {
    this.feed.close();
    this.stage.close();
    clearTimeout(this.address);
    this.telling.stop();
    this.end.abort();
    this.levels.close();
    leaveOutOfLink("");
    this.observer.disconnect();
    this.walk.hide();
    this.edits.close();
    this.panel.root.remove();
  }
}

/** Streamlit calls this for every new packet; the explorer itself stays. */
export default function mountExplorer({ data, parentElement, setStateValue }) {
  const wire = readWire(data);
  const { live, selection, moves, builds_on: base } = wire.header;
  const make = () => (base === undefined ? new Explorer(parentElement) : null);
  const explorer = explorerAt(parentElement, live?.say.network, make);
  if (explorer) explorer.receive(wire, setStateValue);
  else setStateValue("selection", { ...selection, moves: moves ?? 0, on_screen: null }); // what it builds upon is gone
  return () => {
    if (!parentElement.isConnected) leave(parentElement);
  };
}
