// Arrays as they travel: what `wire.py` packs (a JSON header, then float32 or bytes), and numbers within a question.

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
 * Gives a field of the header its `values`. One that has `rows` has only these; the others are those of `old`, or NaN:
 * nobody knows them here.
 * @param {?{at: number, shape: number[], bytes?: boolean, rows?: number[], isPartial?: boolean,
 *   values?: Float32Array | Uint8Array}} field
 * @param {ArrayBuffer} body
 * @param {?{values: Float32Array}} [old] what was there before
 */
export function attachField(field, body, old) {
  if (!field) return;
  const size = field.shape.reduce((product, n) => product * n, 1);
  if (field.rows) {
    field.isPartial = !old?.values || Boolean(old.isPartial);
    const before = old?.values ?? new Float32Array(size).fill(NaN);
    field.values = applyDelta(before, field, body, size / field.shape[0]);
  } else field.values = field.bytes ? new Uint8Array(body, field.at, size) : new Float32Array(body, field.at, size);
}

/** The very same array where nothing is new, so that who painted it knows. */
function applyDelta(old, { rows, at }, body, width) {
  if (rows.length === 0) return old;
  const values = old.slice();
  const parts = new Float32Array(body, at, rows.length * width);
  rows.forEach((row, place) => values.set(parts.subarray(place * width, (place + 1) * width), row * width));
  return values;
}

/** The bytes of float32 numbers, little-endian, in base64. @param {Float32Array} values */
export function base64Of(values) {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}
