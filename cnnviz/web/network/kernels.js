// Where the weights of one map of a layer lie in its packed array. A fully connected layer counts as a convolution
// whose kernel has the size of the maps that it reads.

/**
 * The kernel of `channel` for one input map: rows × cols weights.
 * @param {import("./packet.js").Layer} layer
 * @param {number} channel
 * @param {number[]} channels the input maps that it reads
 * @param {number} source one of them
 * @returns {Float32Array}
 */
export function kernelAt({ kernel, weight }, channel, channels, source) {
  const size = kernel[0] * kernel[1];
  const from = (channel * channels.length + channels.indexOf(source)) * size;
  return weight.values.subarray(from, from + size);
}

/**
 * All kernels of `channel`, one after the other.
 * @param {import("./packet.js").Layer} layer
 * @param {number} channel
 * @param {number[]} channels the input maps that it reads
 * @returns {Float32Array}
 */
export function kernelsOf(layer, channel, channels) {
  const size = layer.kernel[0] * layer.kernel[1];
  const all = new Float32Array(channels.length * size);
  channels.forEach((source, place) => all.set(kernelAt(layer, channel, channels, source), place * size));
  return all;
}
