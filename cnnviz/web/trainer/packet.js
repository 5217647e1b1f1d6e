// A packet of the trainer: words, palettes and addresses from a run of the page, or the answer of the short way.

import { attachField, readWire } from "../shared/wire.js";

/**
 * The header with its arrays in place, however deep they lie.
 * @param {Uint8Array} bytes
 */
export function readTrainer(bytes) {
  const { header, body } = readWire(bytes);
  attachAll(header, body);
  return header;
}

function attachAll(value, body) {
  if (value === null || typeof value !== "object") return;
  if (Number.isInteger(value.at) && Array.isArray(value.shape)) attachField(value, body);
  else for (const part of Object.values(value)) attachAll(part, body);
}

/**
 * Float32 numbers in base 64, as questions carry them.
 * @param {Float32Array} values
 * @returns {string}
 */
export function floatsAsText(values) {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}
