// The words above columns: as many of them as stand apart from their neighbours. And the heads of open blocks.

import { textWidth } from "../shared/celltext.js";
import { element, fill } from "../shared/dom.js";
import { BRACKET } from "../network/graphparts.js";
import { LOWER, NARROW_HEAD } from "../network/layout.js";
import { columnOf, wordsOf } from "../network/packet.js";

const HEAD_LINES = ["name", "shape", "parameters", "role"];
const SHAPE = 1;
const PARAMETERS = 2;
const ROLE = 3;
const HEAD_TYPE = [12.5, 11, 11, 10.5]; // as the style sheet
const SMALL_TYPE = 8.5;
const LEAST_SPACE = 6; // between two heads
const NOTE_TYPE = 12;
const ABOVE_MAPS = 20; // pixels: on a narrow screen it stands at the end of the head

/** Names, shapes and parameters above the columns, and the heads of open blocks. */
export function writeLabels(panel, { packet, layout, open, ink }) {
  const blocks = layout.blocks.filter((block) => block.alpha > 0.05);
  const { family } = ink;
  const lines = linesOf(packet, layout, blocks, family, open);
  const labels = blocks.map((block, at) => headOf(packet, layout, block, lines[at], open));
  const counts = blocks
    .filter((block) => isCut(packet, block))
    .map((block) => shownCount(packet, layout, block, family));
  panel.labels.classList.toggle("narrow", layout.narrow);
  panel.labels.replaceChildren(...(layout.brackets ?? []).map(bracket), ...labels, ...counts);
}

/** The lines of each head. */
function linesOf(packet, layout, blocks, family, open) {
  const all = blocks.map(({ index }) => {
    const words = open?.index === index ? packet.texts.layers[index] : wordsOf(packet, index);
    return HEAD_LINES.map((name) => words[name] ?? "");
  });
  if (layout.narrow) return all;
  const heads = blocks.map((block, at) => ({ block, lines: all[at], middle: block.x + block.w / 2 }));
  if (!packet.plan) return fittingHeads(heads, family);
  const row = heads.filter(({ block }) => block.isAlone).sort((a, b) => a.middle - b.middle);
  fitGraphHeads(row, family, layout.headLines);
  const inLanes = heads.filter(({ block }) => !block.isAlone);
  inLanes.forEach((head) => fitInLane(head, heads, family));
  return heads.map(({ lines }) => lines);
}

function headOf(packet, layout, block, [name, shape, parameters, role], open) {
  const layer = packet.layers[block.index];
  const column = columnOf(packet, block.index);
  const bold = open !== null && open.index === block.index;
  const isFolded = Boolean(column?.block) && !bold;
  const button = element(
    "button",
    {
      type: "button",
      class: `label${bold ? " bold" : ""}${isFolded ? " folded" : ""}`,
      "data-index": block.index,
      "data-block": isFolded ? column.block : null,
      "aria-expanded": isFolded ? "false" : null,
      title: hintOf(packet, block, bold ? null : column),
    },
    [
      element("b", {}, [name]),
      element("span", {}, [shape]),
      element("span", {}, [parameters]),
      element("i", {}, [role]),
    ]
  );
  const isInLane = block.isAlone === false && !layout.narrow;
  if (isInLane) button.classList.add("in-lane");
  const centre = layout.narrow ? 0 : isInLane ? block.left + 2 : block.x + block.w / 2;
  button.style.left = `${centre}px`;
  button.style.top = `${layout.narrow ? block.y - NARROW_HEAD : (block.head ?? 0) + (block.lower ?? 0)}px`;
  button.style.opacity = String(block.alpha);
  if (block.room && !layout.narrow) button.style.maxWidth = `${block.wide}px`;
  if (layer.form === "strip" && !layout.narrow) button.classList.add("lean");
  return button;
}

/** What a layer does, in a graph after its whole name and shape (there may be no room for these); its line of code. */
function hintOf(packet, block, column) {
  const { texts } = packet;
  const { index } = block;
  const { path, hint: rule, name, source } = { ...texts.layers[index], ...column?.words };
  const hint = source && !column?.block ? `${rule}\n${source}` : rule;
  const cut = column && block.channels.length < packet.layers[index].count ? `\n${cutHint(packet, block)}` : "";
  if (!column || column.block) return `${hint}${cut}`;
  return `${path ?? name} · ${texts.layers[index].shape}\n${hint}${cut}`;
}

/**
 * The lines of each head; of two that would touch, the wider one loses its role first, then both, then parameters;
 * where name and shape would touch still, every second head stands lower.
 */
function fittingHeads(heads, family) {
  loseLines(heads, family, [ROLE, PARAMETERS], 1);
  const isTight = heads.slice(1).some((head, at) => {
    const taken = widthOf(head, family) + widthOf(heads[at], family);
    return taken / 2 > head.middle - heads[at].middle;
  });
  if (isTight) fitGraphHeads(heads, family);
  return heads.map(({ lines }) => lines);
}

/** @param {number} step which of the heads stand beside one another: every one, or every second */
function loseLines(heads, family, lost, step) {
  heads.slice(step).forEach((head, at) => {
    const pair = [heads[at], head];
    const room = 2 * (head.middle - heads[at].middle - LEAST_SPACE);
    for (const line of lost) {
      for (const one of [...pair].sort((a, b) => widthOf(b, family) - widthOf(a, family)))
        if (widthOf(pair[0], family) + widthOf(pair[1], family) > room) one.lines[line] = "";
    }
  });
}

function widthOf({ lines }, family) {
  return Math.max(...lines.map((text, at) => textWidth(text, HEAD_TYPE[at], at === 0 ? 600 : 400, family)));
}

/**
 * Many heads: where name and shape of one would touch its neighbours', every second one stands lower; where that is not
 * enough and there is room for a third line, every third one lower still.
 */
function fitGraphHeads(heads, family, most = 2) {
  const short = ({ lines }) => ({ lines: [`▸ ${lines[0]}`, lines[SHAPE]] });
  const touches = (step) =>
    heads.slice(step).some((head, at) => {
      const taken = widthOf(short(head), family) + widthOf(short(heads[at]), family);
      return taken / 2 + LEAST_SPACE > head.middle - heads[at].middle;
    });
  const step = !touches(1) ? 1 : most > 2 && touches(2) ? most : 2;
  heads.forEach((head, at) => {
    if (step > 1) head.lines.splice(PARAMETERS, 2, "", "");
    head.block.lower = (at % step) * LOWER;
  });
  loseLines(heads, family, [ROLE, PARAMETERS, SHAPE], step);
  heads.forEach((head, at) => (head.block.wide = roomOfName(heads, at, step, family)));
}

/** How wide a head may be between its neighbours. */
function roomOfName(heads, at, step, family) {
  const sides = [heads[at - step], heads[at + step]].filter(Boolean).map((other) => {
    const space = Math.abs(other.middle - heads[at].middle) - LEAST_SPACE;
    return Math.max(space, 2 * space - widthOf(other, family));
  });
  return Math.max(20, Math.min(...sides, Infinity));
}

/**
 * Of several columns above one another each has its head over its maps: its name, and its shape where it fits. A name
 * reaches to the next column of its lane, or to where the lanes end.
 */
function fitInLane({ block, lines }, heads, family) {
  lines.splice(PARAMETERS, 2, "", "");
  const isBeside = (other) => other.isAlone || (other.y < block.y + block.h && block.y < other.y + other.h);
  const next = heads.map((head) => head.block).filter((other) => other.left > block.left && isBeside(other));
  block.wide = Math.min(...next.map(({ left }) => left), Infinity) - block.left - 4;
  if (textWidth(lines[SHAPE], HEAD_TYPE[SHAPE], 400, family) > block.wide) lines[SHAPE] = "";
}

/**
 * The head of an open block, over its columns; pressed, it folds.
 * @param {import("../network/graphlayout.js").Bracket} bracket
 */
function bracket({ path, name, hint, x, y, w }) {
  const button = element(
    "button",
    { type: "button", class: "bracket", "data-block": path, "aria-expanded": "true", title: hint },
    [element("b", {}, [name])]
  );
  button.style.cssText = `left:${x}px;top:${y}px;width:${w}px;height:${BRACKET - 4}px`;
  return button;
}

function isCut({ layers }, { index, channels, isAlone }) {
  return Boolean(isAlone && channels && channels.length < layers[index].count);
}

/** Which of the maps of a column stand there. */
function cutHint({ layers, plan }, { index, channels }) {
  return fill(plan.texts.of_hint, { shown: channels.length, count: layers[index].count });
}

/** How many of the maps of a column stand there. */
function shownCount(packet, layout, block, family) {
  const { texts } = packet.plan;
  const values = { shown: block.channels.length, count: packet.layers[block.index].count };
  const long = fill(texts.of, values);
  const room = layout.narrow ? Infinity : block.room - 2;
  const fits = (text, type) => textWidth(text, type, 400, family) <= room;
  const isTight = !fits(long, HEAD_TYPE[ROLE]);
  const text = isTight ? fill(texts.of_short, values) : long;
  const isSmall = isTight && !fits(text, HEAD_TYPE[ROLE]);
  const note = element("span", { class: `of${isSmall ? " small" : ""}`, title: cutHint(packet, block) }, [text]);
  note.hidden = isSmall && !fits(text, SMALL_TYPE); // the head's own hint says it too
  if (layout.narrow) note.style.right = `${layout.gutter ?? 0}px`;
  else note.style.left = `${block.x + block.w / 2}px`;
  note.style.top = `${layout.narrow ? block.y - ABOVE_MAPS : block.y + block.h + 1}px`;
  note.style.opacity = String(block.alpha);
  return note;
}

/** The path of a layer over a narrow column loses the modules around it, the outermost first. */
export function fittingPath(path, room, family) {
  const parts = path.split(".");
  while (parts.length > 1 && textWidth(parts.join("."), NOTE_TYPE, 400, family) > room) parts.shift();
  return parts.join(".");
}

/** A word over a narrow column is its sign alone: "× weights" becomes "×". */
export function fittingNote(text, room, family) {
  if (textWidth(text, NOTE_TYPE, 400, family) <= room) return text;
  const [sign, ...rest] = text.split(" ");
  return rest.length > 0 ? sign : text;
}
