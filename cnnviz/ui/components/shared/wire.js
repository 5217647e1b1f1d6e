// Reads what `wire.py` sealed: a JSON header, then float32 arrays.

/**
 * @param {Uint8Array} bytes
 * @returns {{header: any, floats: Float32Array}}
 */
export function readWire(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  return { header, floats: new Float32Array(bytes.slice(4 + length).buffer) };
}

/**
 * Gives a field of the header its `values`.
 * @param {?{at: number, shape: number[], values?: Float32Array}} field
 * @param {Float32Array} floats
 */
export function attachField(field, floats) {
  if (!field) return;
  const size = field.shape.reduce((product, n) => product * n, 1);
  field.values = floats.subarray(field.at, field.at + size);
}
