// How large the network is on paper.

const PAPER = { width: 1030, height: 560 }; // pixels of a sheet, as style.css lays it: A4, landscape

/** How much smaller the network is on paper, so that a sheet holds it; a column of layers goes over several. */
export function printZoom({ width, height, narrow }) {
  return Math.min(1, PAPER.width / width, narrow ? 1 : PAPER.height / height).toFixed(3);
}
