// What the bench is painted with: colours of the present theme, and picture and result as atlases.

import { paintAtlas, scaleOf, withTable } from "../shared/atlas.js";
import { recolour } from "../network/scene.js";

/**
 * Brings the scene's colours and atlases up to date with its packet and the theme.
 * @param {object} scene
 * @param {HTMLElement} root its `data-theme` says which theme that is
 * @param {object} palettes
 */
export function refreshBench(scene, root, palettes) {
  recolour(scene, root, palettes);
  for (const index of [0, 1]) {
    const layer = scene.packet.layers[index];
    const scale = (channel) => withTable(scene.tables, scaleOf(layer, "layer", channel));
    const key = `map:${index}`;
    scene.atlases.set(key, paintAtlas(layer.output.values, layer, scale, scene.atlases.get(key)));
  }
}
