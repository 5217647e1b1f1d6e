// Canvases with as many pixels as the screen has under them, painted in pixels of the page.

/** How many pixels of the screen one of the page is. */
export function pixelRatio() {
  return window.devicePixelRatio || 1;
}

/**
 * A canvas of this size on the page; what is on it stays as long as the screen's pixels do.
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {number} height
 * @param {boolean} [isFluid] the style sheet may make it narrower, and its height then follows
 * @returns {CanvasRenderingContext2D} in pixels of the page
 */
export function fitCanvas(canvas, width, height, isFluid = false) {
  const ratio = pixelRatio();
  resizeCanvas(canvas, Math.round(width * ratio), Math.round(height * ratio));
  canvas.style.width = `${width}px`;
  if (!isFluid) canvas.style.height = `${height}px`;
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}

/** The same, with nothing on it. */
export function clearCanvas(canvas, width, height) {
  const context = fitCanvas(canvas, width, height);
  context.save();
  context.resetTransform();
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.restore();
  return context;
}

/**
 * Paints a picture pixel by pixel; a canvas of its size is kept.
 * @param {HTMLCanvasElement} canvas
 * @param {{rows: number, cols: number}} size
 * @param {(pixels: Uint32Array, bytes: Uint8ClampedArray) => void} write as colours of 32 bits, or as bytes of red,
 *   green, blue and opacity: both are the same memory
 */
export function paintPixels(canvas, { rows, cols }, write) {
  resizeCanvas(canvas, cols, rows);
  const context = canvas.getContext("2d");
  const image = context.createImageData(cols, rows);
  write(new Uint32Array(image.data.buffer), image.data);
  context.putImageData(image, 0, 0);
}

function resizeCanvas(canvas, width, height) {
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
}
