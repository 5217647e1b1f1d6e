// The levels of the network as the browser's history holds them: how deep a view is, and what it needs to come back.

/** @typedef {{layer: ?string, channel: number, row: ?number, col: ?number, network?: string}} View */

/** 0: the whole network; 1: a map; 2: one of its cells. @param {View} selection @returns {number} */
export function depthOf({ layer, row }) {
  if (layer === null) return 0;
  return row === null ? 1 : 2;
}

/** @param {View} selection @param {string} [network] whose place it is @returns {View} without colours, panels */
export function viewOf({ layer, channel, row, col }, network) {
  return { layer, channel, row, col, network };
}

/**
 * A view that the history holds, as a change of the selection; nothing where it is of another network, or this one has
 * no such map.
 * @param {import("../network/packet.js").Packet} packet
 * @param {?View} view
 * @param {string} [network]
 */
export function viewIn(packet, view, network) {
  if (!view || view.network !== network) return {};
  const layer = packet.layers.find(({ path }) => path === view.layer);
  const { network: _, ...place } = view;
  return view.layer === null || (layer && view.channel < layer.count) ? place : {};
}

/** @param {View} one @param {View} other */
export function isSameView(one, other) {
  return ["layer", "channel", "row", "col"].every((name) => one[name] === other[name]);
}
