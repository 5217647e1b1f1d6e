// What a run of the page sends, against what is on the screen: all of it, only what is new, or that all is there.

import { packetOf } from "../network/packet.js";

const OF_THE_SCREEN = ["layers", "detail", "terms", "winners", "fields", "plan", "activity", "texts", "palettes"];
const pageName = Math.random().toString(36).slice(2); // of this page: another one, or a reload, has another
let marks = 0;

/** A name for what is on the screen from now on, which nothing else has ever had. */
export function nextMark() {
  marks += 1;
  return `${pageName}:${marks}`;
}

/**
 * The packet that is to be shown; null where it builds upon what is not on the screen.
 * @param {{header: any, body: ArrayBuffer}} wire
 * @param {?import("../network/packet.js").Packet} screen what is shown
 * @param {?string} mark its name
 * @returns {?import("../network/packet.js").Packet}
 */
export function shownAfter(wire, screen, mark) {
  const { header } = wire;
  if (header.builds_on === undefined) return packetOf(wire);
  if (!screen) return null;
  const isOnTop = header.builds_on === mark;
  if (isOnTop && header.layers) return packetOf(wire, screen);
  return isOnTop || isOfSameView(header, screen) ? { ...screen, ...withoutNumbers(header) } : null;
}

/** Whether the screen came to show the same by the short way meanwhile. */
function isOfSameView(one, other) {
  return one.key === other.key && JSON.stringify(one.selection) === JSON.stringify(other.selection);
}

function withoutNumbers(header) {
  return Object.fromEntries(Object.entries(header).filter(([name]) => !OF_THE_SCREEN.includes(name)));
}

/** What Python is told of the screen, so that it sends only what is new. */
export function onScreen(packet, mark) {
  return packet?.key ? { mark, key: packet.key, selection: packet.selection } : null;
}
