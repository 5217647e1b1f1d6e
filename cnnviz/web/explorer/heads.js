// The words above columns: as many of them as stand apart from their neighbours.

import { textWidth } from "../shared/celltext.js";
import { element } from "../shared/dom.js";
import { NARROW_HEAD } from "../network/layout.js";

const HEAD_LINES = ["name", "shape", "parameters", "role"];
const PARAMETERS = 2;
const ROLE = 3;
const HEAD_TYPE = [12.5, 11, 11, 10.5]; // as the style sheet
const LEAST_SPACE = 6; // between two heads
const NOTE_TYPE = 12;

/** Names, shapes and parameters above the columns. */
export function writeLabels(panel, packet, layout, open) {
  const blocks = layout.blocks.filter((block) => block.alpha > 0.05);
  const lines = layout.narrow
    ? blocks.map(({ index }) => HEAD_LINES.map((name) => packet.texts.layers[index][name]))
    : fittingHeads(packet, blocks, getComputedStyle(panel.root).fontFamily);
  const labels = blocks.map((block, at) => {
    const layer = packet.layers[block.index];
    const [name, shape, parameters, role] = lines[at];
    const bold = open !== null && open.index === block.index;
    const button = element(
      "button",
      {
        type: "button",
        class: `label${bold ? " bold" : ""}`,
        "data-index": block.index,
        title: packet.texts.layers[block.index].hint,
      },
      [
        element("b", {}, [name]),
        element("span", {}, [shape]),
        element("span", {}, [parameters]),
        element("i", {}, [role]),
      ]
    );
    const centre = layout.narrow ? 0 : block.x + block.w / 2;
    button.style.left = `${centre}px`;
    button.style.top = `${layout.narrow ? block.y - NARROW_HEAD : 0}px`;
    button.style.opacity = String(block.alpha);
    if (layer.form === "strip" && !layout.narrow) button.classList.add("lean");
    return button;
  });
  panel.labels.classList.toggle("narrow", layout.narrow);
  panel.labels.replaceChildren(...labels);
}

/** The lines of each head; of two that would touch, the wider one loses its role first, then both, then parameters. */
function fittingHeads({ texts }, blocks, family) {
  const heads = blocks.map((block) => ({
    middle: block.x + block.w / 2,
    lines: HEAD_LINES.map((name) => texts.layers[block.index][name]),
  }));
  const wide = ({ lines }) =>
    Math.max(...lines.map((text, at) => textWidth(text, HEAD_TYPE[at], at === 0 ? 600 : 400, family)));
  heads.slice(1).forEach((head, at) => {
    const pair = [heads[at], head];
    const room = 2 * (head.middle - heads[at].middle - LEAST_SPACE);
    for (const line of [ROLE, PARAMETERS]) {
      for (const one of [...pair].sort((a, b) => wide(b) - wide(a)))
        if (wide(pair[0]) + wide(pair[1]) > room) one.lines[line] = "";
    }
  });
  return heads.map(({ lines }) => lines);
}

/** A word over a narrow column is its sign alone: "× weights" becomes "×". */
export function fittingNote(text, room, family) {
  if (textWidth(text, NOTE_TYPE, 400, family) <= room) return text;
  const [sign, ...rest] = text.split(" ");
  return rest.length > 0 ? sign : text;
}
