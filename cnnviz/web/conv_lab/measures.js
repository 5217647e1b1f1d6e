// Small sums of the bench: what stays under the hand, how wide a pane is, how far the colours of weights reach. Pure.

import { largestSize } from "../shared/extent.js";

const PHONE = 700; // pixels: narrower, and one pane stands below the other (as in the style sheet)

/** The numbers under the hand stay, unless another size came back. */
export function underTheHand(mine, theirs) {
  const isSame = String(mine.kernel.shape) === String(theirs.kernel.shape);
  return isSame ? { ...theirs, kernel: mine.kernel, bias: mine.bias, picture: mine.picture } : theirs;
}

/** The width that a pane's picture may have; on a phone kernel and result go into one screen. */
export function paneSide(pane) {
  return Math.max(120, Math.min(pane.clientWidth, window.innerWidth <= PHONE ? 260 : 380));
}

/** How far sliders and colours of the weights reach: 1, 2, 5, 10 … so that they do not crawl under the hand. */
export function rangeOf(weights) {
  const most = largestSize(weights);
  const power = 10 ** Math.floor(Math.log10(Math.max(most, 0.5)));
  return Math.max(1, [1, 2, 5, 10].find((factor) => factor * power >= most * 0.999) * power);
}

/** The padding before the picture that "same" stands for, on rows and on columns. */
export function paddingOfSame(size, dilation) {
  return size.map((cells, axis) => Math.floor((dilation[axis] * (cells - 1)) / 2));
}
