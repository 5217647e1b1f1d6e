// How large the canvases are: on the screen, and on paper.

const PAPER = { width: 1030, height: 560 }; // pixels of a sheet, as style.css lays it: A4, landscape

/** How much smaller the network is on paper, so that a sheet holds it; a column of layers goes over several. */
export function printZoom({ width, height, narrow }) {
  return Math.min(1, PAPER.width / width, narrow ? 1 : PAPER.height / height).toFixed(3);
}

/** As many pixels as the screen has under the layout. */
export function resize(canvas, { width, height }) {
  const ratio = window.devicePixelRatio || 1;
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) {
    Object.assign(canvas, { width: w, height: h });
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  canvas.getContext("2d").setTransform(ratio, 0, 0, ratio, 0, 0);
}
