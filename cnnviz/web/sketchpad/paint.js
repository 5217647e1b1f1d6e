// Ink on canvases: white on black, as the network sees it. Paints what it is told, decides nothing.

/** @typedef {import("./gesture.js").Stroke} Stroke */
/** @typedef {import("./sketch.js").Sketch} Sketch */

const INK = "#ffffff";
const GUIDE = "rgba(120, 150, 190, 0.16)";
/** The cross-hair and the eraser's ring: a hue that no ink has. */
const MARK = "#ffb000";
const CELLS = 28;

/**
 * Paints a sketch on two canvases: `ink` keeps what is final, piece by piece; `tip` shows what still follows the hand.
 */
export class Painter {
  /** @type {Stroke[] | null} the finished strokes that are on the canvas; null when it is to be painted anew */
  settled = null;
  /** @type {import("./gesture.js").Gesture | null} */
  gesture = null;
  /** @type {number[]} how many points of each piece of the gesture are on the canvas */
  done = [];

  /**
   * @param {HTMLCanvasElement} ink
   * @param {HTMLCanvasElement} tip
   */
  constructor(ink, tip) {
    this.ink = /** @type {CanvasRenderingContext2D} */ (ink.getContext("2d"));
    this.tip = /** @type {CanvasRenderingContext2D} */ (tip.getContext("2d"));
  }

  /** Paint everything anew next time (the canvas has changed its size). */
  forget() {
    this.settled = null;
  }

  /**
   * @param {Sketch} sketch
   * @param {{at: [number, number], isCross: boolean} | null} pointer where the cross-hair or the eraser's ring stands
   */
  paint(sketch, pointer) {
    if (this.settled !== sketch.settled || (this.gesture && this.gesture !== sketch.gesture)) {
      this.#repaint(sketch.settled);
    }
    this.gesture = sketch.gesture;
    this.#paintNew(sketch.gesture?.pieces ?? []);
    this.#paintTip(sketch, pointer);
  }

  /** Whether no ink is to be seen; asked where a whole drawing may have been erased, stroke by stroke. */
  isBlank() {
    const { width, height } = this.ink.canvas;
    return new Uint32Array(this.ink.getImageData(0, 0, width, height).data.buffer).every((pixel) => pixel === 0);
  }

  /** @param {Stroke[]} pieces */
  #paintNew(pieces) {
    for (const [i, piece] of pieces.entries()) {
      paintStroke(this.ink, piece, this.done[i] ?? 0);
      this.done[i] = piece.points.length;
    }
  }

  #repaint(settled) {
    wipe(this.ink);
    for (const stroke of settled) paintStroke(this.ink, stroke, 0);
    this.settled = settled;
    this.done = [];
  }

  #paintTip(sketch, pointer) {
    wipe(this.tip);
    const { gesture } = sketch;
    if (gesture && !gesture.erases && isInside(gesture.end)) {
      paintStroke(this.tip, { points: [gesture.end, ...gesture.raw.slice(-1), gesture.tip], width: gesture.width }, 1);
    }
    if (pointer?.isCross) paintCross(this.tip, pointer.at);
    if (pointer && (gesture ? gesture.erases : sketch.isEraser)) {
      paintRing(this.tip, pointer.at, gesture ? gesture.width : sketch.toolWidth);
    }
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {{points: [number, number][], width: number, erases?: boolean}} stroke
 * @param {number} done how many of its points are painted already
 */
function paintStroke(context, { points, width, erases = false }, done) {
  if (done >= points.length) return;
  const side = context.canvas.width;
  context.globalCompositeOperation = erases ? "destination-out" : "source-over";
  context.strokeStyle = context.fillStyle = INK;
  context.lineWidth = width * side;
  context.lineCap = context.lineJoin = "round";
  context.beginPath();
  if (points.length === 1) {
    context.arc(points[0][0] * side, points[0][1] * side, (width * side) / 2, 0, 2 * Math.PI);
    context.fill();
  } else {
    for (const [x, y] of points.slice(Math.max(0, done - 1))) context.lineTo(x * side, y * side);
    context.stroke();
  }
  context.globalCompositeOperation = "source-over";
}

/**
 * A faint net of the 28 × 28 cells that the network gets: thin, bluish, always under the ink.
 * @param {HTMLCanvasElement} canvas
 */
export function paintGuide(canvas) {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const side = canvas.width;
  wipe(context);
  context.fillStyle = GUIDE;
  for (let i = 1; i < CELLS; i += 1) {
    const at = Math.round((i * side) / CELLS);
    context.fillRect(at, 0, 1, side);
    context.fillRect(0, at, side, 1);
  }
}

function paintCross(context, [x, y]) {
  const side = context.canvas.width;
  const [arm, gap] = [side / 18, side / 70];
  for (const { colour, width } of [
    { colour: "#000000", width: 5 },
    { colour: MARK, width: 2 },
  ]) {
    context.strokeStyle = colour;
    context.lineWidth = (width * side) / 320;
    context.beginPath();
    for (const [dx, dy] of [
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
    ]) {
      context.moveTo(x * side + dx * gap, y * side + dy * gap);
      context.lineTo(x * side + dx * arm, y * side + dy * arm);
    }
    context.stroke();
  }
}

function paintRing(context, [x, y], width) {
  const side = context.canvas.width;
  context.strokeStyle = MARK;
  context.lineWidth = (2 * side) / 320;
  context.beginPath();
  context.arc(x * side, y * side, (width * side) / 2, 0, 2 * Math.PI);
  context.stroke();
}

function wipe(context) {
  context.clearRect(0, 0, context.canvas.width, context.canvas.height);
}

function isInside([x, y]) {
  return x >= 0 && x <= 1 && y >= 0 && y <= 1;
}
