// Colours from values: the stops come from Python's theme, the mixing happens here.

/** @typedef {{inputs: string[], weights: string[], activations: string[], scores: string[]}} Palette */

/**
 * Whether the page around `element` is dark, read from Streamlit's own background colour.
 * @param {Element} element
 * @returns {boolean}
 */
export function isDark(element) {
  const colour = getComputedStyle(element).getPropertyValue("--st-background-color").trim();
  const [r, g, b] = rgbOf(colour || "#ffffff");
  return 0.299 * r + 0.587 * g + 0.114 * b < 128;
}

/**
 * @param {string} colour "#rrggbb", "#rgb" or "rgb(r, g, b)"
 * @returns {[number, number, number]}
 */
function rgbOf(colour) {
  if (!colour.startsWith("#")) {
    const [r = 255, g = 255, b = 255] = (colour.match(/\d+(\.\d+)?/g) ?? []).map(Number);
    return [r, g, b];
  }
  const hex = colour.length === 4 ? colour.replace(/[^#]/g, "$&$&") : colour;
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

/**
 * 256 packed ABGR pixels from the first stop to the last.
 * @param {string[]} stops
 * @returns {Uint32Array}
 */
export function lookupTable(stops) {
  const colours = stops.map(rgbOf);
  return Uint32Array.from({ length: 256 }, (_, i) => {
    const place = (i / 255) * (colours.length - 1);
    const below = Math.min(Math.floor(place), colours.length - 2);
    const mix = (k) => Math.round(colours[below][k] + (colours[below + 1][k] - colours[below][k]) * (place - below));
    return (255 << 24) | (mix(2) << 16) | (mix(1) << 8) | mix(0);
  });
}

/**
 * The place of `value` in a table that runs from `low` to `high`, 0 to 255.
 * @param {number} value
 * @param {number} low
 * @param {number} high
 * @returns {number}
 */
export function tableIndex(value, low, high) {
  if (high <= low) return 128;
  return Math.max(0, Math.min(255, Math.round(((value - low) / (high - low)) * 255)));
}

/**
 * @param {number} pixel packed ABGR
 * @returns {string} "rgb(r, g, b)"
 */
export function cssColour(pixel) {
  return `rgb(${pixel & 255}, ${(pixel >> 8) & 255}, ${(pixel >> 16) & 255})`;
}

/**
 * Dark or light text, whichever is read better on `pixel`.
 * @param {number} pixel packed ABGR
 * @returns {string}
 */
export function textOn(pixel) {
  const light = 0.299 * (pixel & 255) + 0.587 * ((pixel >> 8) & 255) + 0.114 * ((pixel >> 16) & 255);
  return light > 140 ? "#14161a" : "#f5f6f8";
}
