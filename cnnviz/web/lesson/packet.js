// A packet of the lesson, and pictures of ±1 as the hexadecimal text in which they travel.

import { attachField, readWire } from "../shared/wire.js";

/** @typedef {{values: Float32Array, shape: [number, number, number]}} Maps */

/** @param {Uint8Array} bytes */
export function readLesson(bytes) {
  const { header, body } = readWire(bytes);
  for (const group of [header.outputs, header.sums, header.patterns, header.winners]) {
    for (const field of Object.values(group)) attachField(field, body);
  }
  attachField(header.votes, body);
  return header;
}

/**
 * Map `channel` of a layer.
 * @param {Maps} maps
 * @param {number} channel
 * @returns {Float32Array}
 */
export function mapOf({ values, shape }, channel) {
  const size = shape[1] * shape[2];
  return values.subarray(channel * size, (channel + 1) * size);
}

/**
 * ±1 from hexadecimal text, row by row; `count` of them.
 * @param {string} text
 * @param {number} count
 * @returns {number[]}
 */
export function fromBits(text, count) {
  const bits = [...text].map((digit) => parseInt(digit, 16).toString(2).padStart(4, "0")).join("");
  return Array.from({ length: count }, (_, at) => (bits[at] === "1" ? 1 : -1));
}

/** @param {ArrayLike<number>} values ±1 @returns {string} */
export function toBits(values) {
  let text = "";
  for (let at = 0; at < values.length; at += 4) {
    let digit = 0;
    for (let i = 0; i < 4; i += 1) digit = 2 * digit + (values[at + i] > 0 ? 1 : 0);
    text += digit.toString(16);
  }
  return text;
}
