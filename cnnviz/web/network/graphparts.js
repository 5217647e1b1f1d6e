// What both forms of a graph, columns and rows, share: layers that stand nowhere by themselves, bars with names. Pure.

import { GAP, putTile } from "./layout.js";

export const BRACKET = 24; // the head of an open block

/** The layers that stand nowhere by themselves: nothing is painted of them. */
export function hiddenBlocks(layers, y, h) {
  return layers.map((_, index) => ({ index, x: 0, y, w: 0, h, alpha: 0 }));
}

/** A hidden layer is where the column is that it is a part of: from there it comes when its block opens. */
export function standBehind(blocks, columns) {
  const shown = columns.map(({ index }) => index);
  for (const block of blocks) {
    if (block.alpha > 0) continue;
    const place = blocks[shown.find((index) => index > block.index) ?? shown[shown.length - 1]];
    Object.assign(block, { x: place.x, y: place.y, w: place.w, h: place.h });
  }
}

/** Bars one below the other, as high as their block. @returns {number[]} the channels that stand there */
export function placeBars(tiles, index, block, channels, side) {
  const pitch = block.h / channels.length;
  const h = Math.min(side, pitch - GAP);
  channels.forEach((channel, at) => {
    putTile(tiles, "map", index, channel, {
      x: block.x,
      y: block.y + at * pitch + (pitch - h) / 2,
      w: block.w,
      h,
      pitch,
    });
  });
  return channels;
}
