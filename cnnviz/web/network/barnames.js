// Where the name of a class stands beside its bar, and how much of it.

import { textWidth } from "../shared/celltext.js";

const BAR_NAME = 44; // pixels of a class's name beside its bar
const BESIDE_NAME = 78; // for the bar and the percentage

/** How wide the longest of the names is: measured once, there may be a thousand. */
function longestOf(classes) {
  if (!widest.has(classes)) widest.set(classes, Math.max(...classes.map((each) => textWidth(each, 13, 700))));
  return widest.get(classes);
}
const widest = new WeakMap();

/** Where the name of a class stands: before its bar; a long one above it where there is room, else shortened. */
export function nameOfBar(classes, tile, weight, isGraph) {
  const name = classes[tile.channel];
  const longest = longestOf(classes);
  if (longest <= 14) return { name, above: false, left: tile.x + 18 };
  if (tile.pitch >= 44) return { name: shortened(name, tile.w, weight), above: true, left: tile.x + 3 };
  const room = isGraph ? Math.max(BAR_NAME, tile.w - BESIDE_NAME) : BAR_NAME;
  return { name: shortened(name, room, weight), above: false, left: tile.x + room + 6 };
}

/** A name that is at most `room` pixels wide at 13 px; the whole of it is read on hover and in the table. */
function shortened(name, room, weight) {
  let kept = name;
  while (kept && textWidth(`${kept}…`, 13, weight) > room) kept = kept.slice(0, -1);
  return textWidth(name, 13, weight) <= room ? name : `${kept}…`;
}
