// The edges of a graph: curves between columns, and ways below the columns that they jump; on a narrow screen, where
// the columns stand below one another, lines beside them.

const CORNER = 6;
const ARROW = 4;
const ASIDE_OF_CELL = 4; // from the border between two columns
const APART = 4; // of edges that leave and arrive beside a column
const FROM_BELOW = 6; // where an edge that goes below leaves a column

/**
 * @param {CanvasRenderingContext2D} context
 * @param {import("./paint.js").Scene} scene
 */
export function paintEdges(context, { layout, ink }) {
  context.strokeStyle = ink.text;
  context.fillStyle = ink.text;
  context.lineWidth = 1.3;
  for (const edge of layout.edges) {
    const [from, to] = [layout.blocks[edge.from], layout.blocks[edge.to]];
    context.globalAlpha = (["below", "beside"].includes(edge.way) ? 0.6 : 0.45) * Math.min(from.alpha, to.alpha);
    context.beginPath();
    const end = traceEdge(context, edge, from, to);
    context.stroke();
    if (edge.way === "beside") paintArrow(context, to.x + to.w + 1, end, -1);
    else paintArrow(context, to.x - 1, end, 1);
  }
  context.globalAlpha = 1;
}

/** @returns {number} the height at which it arrives */
function traceEdge(context, edge, from, to) {
  if (edge.way === "beside") return traceBeside(context, edge.x, from, to);
  if (edge.way === "below") return traceBelow(context, edge.y, from, to);
  const [x0, y0, x1, y1] = [from.x + from.w, from.y + from.h / 2, to.x - ARROW, to.y + to.h / 2];
  const bend = edge.way === "out" ? to.left : edge.way === "in" ? from.left + from.room : x0;
  context.moveTo(x0, y0);
  if (edge.way === "out") context.lineTo(bend, y0);
  const [left, right] = edge.way === "in" ? [x0, bend] : [bend, x1];
  const middle = (left + right) / 2;
  context.bezierCurveTo(middle, y0, middle, y1, right, y1);
  context.lineTo(x1, y1);
  return y1;
}

function traceBelow(context, low, from, to) {
  const [y0, y1] = [from.y + from.h - FROM_BELOW, to.y + to.h - FROM_BELOW];
  const [x0, x1] = [from.left + from.room - ASIDE_OF_CELL, to.left + ASIDE_OF_CELL];
  context.moveTo(from.x + from.w, y0);
  context.arcTo(x0, y0, x0, low, CORNER);
  context.arcTo(x0, low, x1, low, CORNER);
  context.arcTo(x1, low, x1, y1, CORNER);
  context.arcTo(x1, y1, to.x, y1, Math.max(0, Math.min(CORNER, (to.x - x1) / 2)));
  context.lineTo(to.x - ARROW, y1);
  return y1;
}

/** From the middle of a column out to the line beside all, down, and into the middle of another. */
function traceBeside(context, x, from, to) {
  const [y0, y1] = [from.y + from.h / 2 + APART, to.y + to.h / 2 - APART];
  context.moveTo(from.x + from.w, y0);
  context.arcTo(x, y0, x, y1, CORNER);
  context.arcTo(x, y1, to.x + to.w, y1, CORNER);
  context.lineTo(to.x + to.w + ARROW, y1);
  return y1;
}

/** @param {number} side 1: it points to the right, −1: to the left */
function paintArrow(context, x, y, side) {
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(x - side * (ARROW + 1), y - ARROW + 0.5);
  context.lineTo(x - side * (ARROW + 1), y + ARROW - 0.5);
  context.fill();
}
