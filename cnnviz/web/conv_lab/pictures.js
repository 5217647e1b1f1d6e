// What the bench is painted with: colours of the present theme, and picture and result as atlases.

import { lookupTables, paintAtlas, scaleOf } from "../shared/atlas.js";
import { inkOf } from "../network/scene.js";
import { isDark } from "../shared/colour.js";
import { withTable } from "./measures.js";

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

function recolour(scene, root, palettes) {
  const dark = isDark(root);
  if (scene.dark === dark) return;
  scene.dark = dark;
  root.dataset.theme = dark ? "dark" : "light";
  scene.ink = inkOf(root, dark);
  scene.tables = lookupTables(palettes[dark ? "dark" : "light"]);
}
