// Small pictures of a data set, grey or in colour, each with a word below it.

import { paintPixels } from "../shared/canvas.js";
import { element } from "../shared/dom.js";

/**
 * One picture on a canvas of its own.
 * @param {{shape: number[], values: Uint8Array}} field pictures (n, channels, rows, cols)
 * @param {number} index
 * @param {number} side pixels on the page
 * @returns {HTMLCanvasElement}
 */
export function thumb(field, index, side) {
  const [, channels, rows, cols] = field.shape;
  const canvas = element("canvas", {
    width: cols,
    height: rows,
    class: "tr-thumb",
    style: `width: ${side}px; height: ${(side * rows) / cols}px`,
  });
  const size = rows * cols;
  const first = index * channels * size;
  paintPixels(canvas, { rows, cols }, (_, bytes) => {
    for (let at = 0; at < size; at += 1) {
      for (let c = 0; c < 3; c += 1) bytes[4 * at + c] = field.values[first + Math.min(c, channels - 1) * size + at];
      bytes[4 * at + 3] = 255;
    }
  });
  return canvas;
}

/** A row of pictures with words below them; the pictures are painted once, the words whenever they change. */
export class ThumbRow {
  /** @param {string} name */
  constructor(name) {
    this.root = element("div", { class: "tr-thumbs", "data-thumbs": name, role: "list" });
  }

  /**
   * @param {{shape: number[], values: Uint8Array}} field
   * @param {{text: string, mark: string, isRight: ?boolean}[]} words one a picture
   * @param {number} side
   */
  show(field, words, side) {
    if (this.field !== field) {
      this.field = field;
      this.root.replaceChildren(
        ...words.map((_word, index) =>
          element("figure", { role: "listitem" }, [thumb(field, index, side), element("figcaption", {})])
        )
      );
    }
    words.forEach(({ text, isRight, mark }, index) => {
      const caption = this.root.children[index].lastChild;
      if (caption.textContent !== `${text}${mark}`) caption.replaceChildren(text, element("b", {}, [mark]));
      caption.dataset.right = String(isRight);
    });
  }
}
