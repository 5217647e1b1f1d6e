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
