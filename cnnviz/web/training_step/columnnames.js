// The names above the columns: in one line, or, where they would touch, in as many as it takes.

import { textWidth } from "../shared/celltext.js";
import { element } from "../shared/dom.js";
import { columnName } from "./words.js";

const MOST_NAME_LINES = 3;
const NAME_LINE = 17;
const NAME_TOP = 14;
const NAME_TYPE = 12.5; // as the style sheet
const BETWEEN_NAMES = 8; // pixels

/**
 * In how many lines names stand, every second or third in the same one, so that none touches another.
 * @param {{middle: number, width: number}[]} names in their order from left to right
 * @returns {number} 1, 2 or 3; 4 where three do not do
 */
export function linesOfNames(names) {
  const touches = (lines) =>
    names
      .slice(lines)
      .some(({ middle, width }, at) => (width + names[at].width) / 2 + BETWEEN_NAMES > middle - names[at].middle);
  return [1, 2, 3].find((lines) => !touches(lines)) ?? MOST_NAME_LINES + 1;
}

/**
 * A name for each column, which opens it where that can be done; where not all stand apart, those of the columns that
 * the step is about.
 * @param {{packet: import("./packet.js").Packet, layout: import("../network/layout.js").Layout, states: object[],
 *   ink: {family: string}}} scene
 * @param {(index: number) => boolean} canOpen
 * @param {(index: number) => void} open
 * @returns {HTMLElement[]}
 */
export function columnLabels({ packet, layout, states, ink }, canOpen, open) {
  const all = layout.blocks.map(({ index, x, y, w }) => ({
    index,
    y,
    middle: x + w / 2,
    width: textWidth(columnName(packet, index), NAME_TYPE, 750, ink.family),
  }));
  const active = all.filter(({ index }) => states[index].isActive);
  const wanted = layout.narrow || linesOfNames(all) <= MOST_NAME_LINES ? all : active;
  const lines = layout.narrow ? 1 : Math.min(linesOfNames(wanted), MOST_NAME_LINES);
  return wanted.map((one, at) => {
    const top = NAME_TOP + (at % lines) * NAME_LINE;
    const place = layout.narrow ? `left:0;top:${one.y - 32}px` : `left:${one.middle}px;top:${top}px`;
    return columnLabel(
      { packet, states, layout },
      one.index,
      { place, isOne: lines === 1, opens: canOpen(one.index) },
      open
    );
  });
}

function columnLabel({ packet, states, layout }, index, { place, isOne, opens }, open) {
  const { shows, isActive } = states[index];
  const { texts } = packet;
  const kind = { gradient: texts.gradients, after: texts.values_after }[shows] ?? texts.values;
  const label = element(
    opens ? "button" : "div",
    {
      class: `column${isActive ? " active" : ""}${layout.narrow ? " narrow" : ""}`,
      style: place,
      type: opens ? "button" : null,
      "data-index": index,
      "data-shows": shows,
      title: isOne ? null : kind,
    },
    [element("b", {}, [columnName(packet, index)]), ...(isOne ? [element("span", {}, [kind])] : [])]
  );
  if (opens) label.addEventListener("click", () => open(index));
  return label;
}
