// A packet of the laboratory: its two layers as the walk wants them, and records of arrays as they travel.

import { attachField, base64Of, readWire } from "../shared/wire.js";

/**
 * @param {Uint8Array} bytes
 * @param {?object} before the picture's layer that is known already
 */
export function readConvLab(bytes, before) {
  const { header, body } = readWire(bytes);
  const [picture, result] = header.layers;
  attachField(picture.output, body);
  if (!picture.output && before) picture.output = before.output;
  for (const name of ["output", "weight", "bias"]) attachField(result[name], body);
  if (header.winners) attachField(header.winners.taps, body);
  if (header.detail) attachField(header.detail.sums, body);
  return header;
}

/**
 * Float32 numbers from a record, and back: base 64 of their bytes.
 * @param {{shape: number[], floats: string}} record
 * @returns {Float32Array}
 */
export function floatsOf({ floats }) {
  const text = atob(floats);
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  return new Float32Array(bytes.buffer);
}

/** @param {number[]} shape @param {Float32Array} values */
export function recordOf(shape, values) {
  return { shape: [...shape], floats: base64Of(values) };
}
