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

const STOPS_OF_BAR = 33; // of the colours of a table that a style sheet mixes between

/** A table as the background of a bar, its first colour on the left. @param {Uint32Array} table @returns {string} */
export function gradientOf(table) {
  const at = (i) => Math.round((i * (table.length - 1)) / (STOPS_OF_BAR - 1));
  const stops = Array.from({ length: STOPS_OF_BAR }, (_, i) => cssColour(table[at(i)]));
  return `linear-gradient(to right, ${stops.join(", ")})`;
}

// sRGB's bytes as amounts of light (WCAG 2, "relative luminance").
const LIGHT = Float64Array.from({ length: 256 }, (_, byte) => {
  const value = byte / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
});
const MIDDLE = Math.sqrt(1.05 * 0.05) - 0.05; // on this luminance black and white are read equally well, with 4.58 to 1

/**
 * Black or white text, whichever is read better on `pixel`: its contrast is never below the 4.5 to 1 that small text
 * needs (softer tones of both would be, on the middle of every scale).
 * @param {number} pixel packed ABGR
 * @returns {string}
 */
export function textOn(pixel) {
  const luminance =
    0.2126 * LIGHT[pixel & 255] + 0.7152 * LIGHT[(pixel >> 8) & 255] + 0.0722 * LIGHT[(pixel >> 16) & 255];
  return luminance > MIDDLE ? "#000000" : "#ffffff";
}
