// The levels of the network as the browser's history holds them: how deep a view is, and what it needs to come back.

/** @typedef {{layer: ?string, channel: number, row: ?number, col: ?number}} View */

/** 0: the whole network; 1: a map; 2: one of its cells. @param {View} selection @returns {number} */
export function depthOf({ layer, row }) {
  if (layer === null) return 0;
  return row === null ? 1 : 2;
}

/** @param {View} selection @returns {View} without what is no place: colours, panels */
export function viewOf({ layer, channel, row, col }) {
  return { layer, channel, row, col };
}

/**
 * A view that the history holds, as a change of the selection; nothing where this network has no such map.
 * @param {import("../network/packet.js").Packet} packet
 * @param {?View} view
 */
export function viewIn(packet, view) {
  const layer = packet.layers.find(({ path }) => path === view?.layer);
  const isHere = view && (view.layer === null || (layer && view.channel < layer.count));
  return isHere ? view : {};
}

/** @param {View} one @param {View} other */
export function isSameView(one, other) {
  return Object.entries(viewOf(one)).every(([name, value]) => other[name] === value);
}
