// Reads what `wire.py` sealed: a JSON header, then arrays of float32 or bytes.

/**
 * @param {Uint8Array} bytes
 * @returns {{header: any, body: ArrayBuffer}}
 */
export function readWire(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  return { header, body: bytes.slice(4 + length).buffer };
}

/**
 * Gives a field of the header its `values`.
 * @param {?{at: number, shape: number[], bytes?: boolean, values?: Float32Array | Uint8Array}} field
 * @param {ArrayBuffer} body
 */
export function attachField(field, body) {
  if (!field) return;
  const size = field.shape.reduce((product, n) => product * n, 1);
  field.values = field.bytes ? new Uint8Array(body, field.at, size) : new Float32Array(body, field.at, size);
}
