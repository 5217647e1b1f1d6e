// What the runs are painted with: the colours of the present theme.

import { inkOf } from "../network/scene.js";
import { lookupTables } from "../shared/atlas.js";
import { isDark } from "../shared/colour.js";

/**
 * The scene in the colours of the theme; the very same where nothing has changed.
 * @param {object} scene the one before
 * @param {HTMLElement} root its `data-theme` says which theme that is
 * @param {object} palettes
 */
export function colouredScene(scene, root, palettes) {
  const dark = isDark(root);
  if (scene.dark === dark && scene.of === palettes) return scene;
  root.dataset.theme = dark ? "dark" : "light";
  const soft = dark ? "rgba(255,255,255,0.66)" : "rgba(0,0,0,0.62)";
  return {
    dark,
    ink: { ...inkOf(root, dark), soft },
    tables: lookupTables(palettes[dark ? "dark" : "light"]),
    of: palettes,
  };
}
