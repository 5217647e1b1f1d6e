// One cell of a convolution: patch × kernel = products for each channel, all channels + bias = the value on screen.

import { clearCanvas } from "../shared/canvas.js";
import { cssColour, textOn } from "../shared/colour.js";
import { element, fill } from "../shared/dom.js";
import { formatNumber } from "../shared/format.js";
import { readsOf } from "../network/reads.js";
import { added } from "../shared/holding.js";
import { gridDigits, gridText, partDigits, shareDigits, termDigits } from "./digits.js";
import { MapFigure } from "./mapfigure.js";
import { everMultiplied, isPadding, kernelOf, outputAt, overhang, tapsOf, tapValue } from "./model.js";
import { NumberGrid } from "./numbergrid.js";
import { besideSumSide, isNarrow, lowSide, pairSide } from "./room.js";

const MINI = 40;
const MOST_CHIPS = 128;

export class ConvolutionScene {
  /** @param {import("./view.js").Walk} walk */
  constructor(walk) {
    this.walk = walk;
    this.lit = null;
    this.source = new MapFigure(walk.sourceAnswers());
    this.result = new MapFigure(walk.resultAnswers());
    this.grids = ["patch", "kernel", "products"].map((name) => new NumberGrid(name, (at) => this.hover(name, at)));
    this.readout = element("p", { class: "walk-readout" });
    this.chips = element("div", { class: "walk-chips", role: "group" });
    this.total = element("output", { class: "walk-total" });
    this.chips.addEventListener("click", (event) => this.choose(event.target.closest("button")));
    const [patch, kernel, products] = this.grids.map(({ node }) => node);
    const sign = (text) => element("span", { class: "walk-sign", "aria-hidden": "true" }, [text]);
    this.equals = sign("=");
    const upper = element("div", { class: "walk-row" }, [
      this.source.node,
      sign("→"),
      patch,
      sign("×"),
      kernel,
      this.equals,
      products,
    ]);
    const lower = element("div", { class: "walk-row walk-lower" }, [
      element("div", { class: "walk-sum" }, [this.total, this.chips]),
      sign("→"),
      this.result.node,
    ]);
    this.node = element("div", { class: "walk-scene" }, [upper, this.readout, lower]);
  }

  /** A new packet, another map, another size. */
  hold(model, width) {
    this.model = model;
    const { texts } = this.walk;
    if (!model.channels.includes(this.chosen)) this.chosen = strongestChannel(model);
    const side = Math.min(250, isNarrow(width) ? pairSide(width) : Math.min(lowSide(), (width - 100) / 4));
    const captions = [texts.patch, texts.kernel, texts.products];
    this.grids.forEach((grid, i) => {
      grid.size(side);
      grid.caption.textContent = captions[i];
    });
    this.holdMaps(side, isNarrow(width) ? Math.min(220, width) : Math.min(besideSumSide(), side));
    const shown = model.channels.slice(0, MOST_CHIPS);
    if (this.chips.childElementCount !== shown.length) {
      this.chips.replaceChildren(...shown.map((channel) => this.chip(channel)));
    }
    [...this.chips.children].forEach((chip, i) => {
      chip.dataset.channel = shown[i];
      chip.title = fill(texts.chip, { source: model.sourceName, channel: shown[i] });
    });
  }

  holdMaps(side, resultSide) {
    const { model, walk } = this;
    const { axes } = readsOf(model.layer);
    this.source.hold({
      atlas: walk.atlas(model.sourceIndex),
      channel: this.chosen,
      rows: model.source.rows,
      cols: model.source.cols,
      ink: walk.ink,
      caption:
        model.source.count === 1
          ? model.sourceName
          : fill(walk.texts.map_of, { source: model.sourceName, channel: this.chosen, last: model.source.count - 1 }),
      margin: { rows: overhang(axes.rows, model.source.rows), cols: overhang(axes.cols, model.source.cols) },
    });
    this.source.size(side);
    this.result.hold({
      atlas: walk.atlas(model.index),
      channel: model.channel,
      rows: model.layer.rows,
      cols: model.layer.cols,
      ink: walk.ink,
      caption: model.name,
    });
    this.result.size(resultSide);
  }

  chip(channel) {
    const canvas = element("canvas", {});
    return element("button", { type: "button", class: "walk-chip", "data-channel": channel }, [
      canvas,
      element("span", {}),
    ]);
  }

  choose(chip) {
    if (!chip) return;
    this.chosen = Number(chip.dataset.channel);
    this.walk.refresh();
  }

  hover(name, at) {
    this.lit = at;
    this.litKernel = name === "kernel" ? at : null;
    if (this.walk.model) this.paint(this.position); // the pointer also leaves a walk that has been left
  }

  paint(position) {
    this.position = position;
    const { model } = this;
    const [row, col] = this.walk.cellOf(position);
    const { rows, cols, taps } = tapsOf(model, row, col);
    const groups = model.channels.map((channel) => productsOf(model, channel, taps));
    const terms = groups.map(added);
    const bias = model.layer.bias ? model.layer.bias.values[model.channel] : 0;
    const total = outputAt(model, row, col);
    const digits = shareDigits(groups, terms, bias, total);
    const { fine, coarse, sign } = digits;
    this.paintGrids(taps, rows, cols, groups, digits);
    this.paintChips(groups, terms, { rows, cols }, fine);
    const hidden = this.walk.isHidden(position);
    const words = this.walk.texts[`total${terms.length === 1 ? "_one" : ""}${model.layer.bias ? "" : "_without_bias"}`];
    this.total.textContent = fill(words, {
      bias: formatNumber(bias, fine),
      total: hidden ? "?" : formatNumber(total, coarse),
      count: terms.length,
      sign,
    });
    const cells =
      this.litKernel === null
        ? null
        : everMultiplied(model.layer, Math.floor(this.litKernel / cols), this.litKernel % cols);
    const hovered = this.lit === null ? null : taps[this.lit];
    this.source.paint({
      taps,
      cells,
      marked:
        hovered?.placeRow === null || hovered?.placeCol === null
          ? null
          : hovered && { row: hovered.placeRow, col: hovered.placeCol },
    });
    this.result.paint({ marked: { row, col }, veilFrom: this.walk.veilFrom(position) });
  }

  paintGrids(taps, rows, cols, groups, digits) {
    const { model, lit } = this;
    const { ink, texts } = this.walk;
    const kernel = kernelOf(model, this.chosen);
    const values = taps.map((tap) => tapValue(model, this.chosen, tap));
    const place = model.channels.indexOf(this.chosen);
    const products = groups[place];
    const share = added(products);
    const { fine, coarse, sign } =
      place < digits.each.length
        ? { fine: digits.each[place], coarse: digits.fine, sign: digits.sign }
        : partDigits(products, share, digits.fine);
    const crossed = taps.map((tap) => tap.row === null || tap.col === null || isPadding(model, tap));
    const none = crossed.map(() => false);
    const { scales } = model;
    const factors = gridDigits(values, [...kernel], products, fine);
    this.equals.textContent = factors.sign;
    const [patchGrid, kernelGrid, productGrid] = this.grids;
    patchGrid.paint(
      {
        rows,
        cols,
        lit,
        crossed,
        texts: values.map((value) => gridText(value, factors.left)),
        pixels: values.map((value) => scales.source(value, this.chosen)),
      },
      ink
    );
    kernelGrid.paint(
      {
        rows,
        cols,
        lit,
        crossed: none,
        texts: [...kernel].map((value) => gridText(value, factors.right)),
        pixels: [...kernel].map(scales.weight),
      },
      ink
    );
    productGrid.paint(
      {
        rows,
        cols,
        lit,
        crossed: none,
        texts: products.map((value) => gridText(value, fine)),
        pixels: products.map(scales.product),
      },
      ink
    );
    productGrid.caption.textContent = fill(texts.products_sum, { sum: formatNumber(share, coarse), sign });
    this.readout.textContent =
      lit === null || lit >= taps.length
        ? this.prompt(taps, crossed)
        : this.sentence(taps[lit], { values, kernel, products }, fine, cols);
  }

  prompt(taps, crossed) {
    const { texts } = this.walk;
    const padded = crossed.filter(Boolean).length;
    const words = this.model.layer.settings.transposed
      ? texts.prompt_transposed
      : padded > 0
        ? texts.prompt_padded
        : texts.prompt;
    return fill(words, { padded, count: taps.length, channel: this.chosen, source: this.model.sourceName });
  }

  /** One product in words. */
  sentence(tap, { values, kernel, products }, fine, cols) {
    const { texts } = this.walk;
    const [value, weight, product] = [values, kernel, products].map((part) => part[this.lit]);
    const { left, right, sign } = termDigits(values, kernel, products, this.lit, fine);
    const isEmpty = tap.row === null || tap.col === null;
    const isAround = isPadding(this.model, tap) && !this.model.layer.settings.transposed;
    const words = isAround ? texts.term_padding : isEmpty ? texts.term_nothing : texts.term;
    const tinted = this.litKernel === null ? "" : ` · ${texts.tinted}`;
    return fill(words, this.termWords(tap, value, weight, product, { left, right, sign, fine, cols })) + tinted;
  }

  termWords(tap, value, weight, product, { left, right, sign, fine, cols }) {
    return {
      source: this.model.sourceName,
      channel: this.chosen,
      row: tap.row,
      col: tap.col,
      value: formatNumber(value, left),
      weight: formatNumber(weight, right),
      sign,
      product: formatNumber(product, fine),
      krow: Math.floor(this.lit / cols),
      kcol: this.lit % cols,
    };
  }

  /** A small picture of each channel's products, with their sum. */
  paintChips(groups, terms, shape, digits) {
    const { model } = this;
    [...this.chips.children].forEach((chip, i) => {
      const channel = model.channels[i];
      chip.setAttribute("aria-pressed", String(channel === this.chosen));
      chip.lastChild.textContent = formatNumber(terms[i], digits);
      const pixel = model.scales.share(terms[i]);
      Object.assign(chip.style, { background: cssColour(pixel), color: textOn(pixel) });
      paintMini(chip.firstChild, groups[i], shape, model.scales.product);
    });
  }
}

function productsOf(model, channel, taps) {
  const kernel = kernelOf(model, channel);
  return taps.map((tap, i) => tapValue(model, channel, tap) * kernel[i]);
}

function paintMini(canvas, values, { rows, cols }, shade) {
  const context = clearCanvas(canvas, MINI, MINI);
  const cell = MINI / Math.max(rows, cols);
  values.forEach((value, i) => {
    context.fillStyle = cssColour(shade(value));
    context.fillRect((i % cols) * cell, Math.floor(i / cols) * cell, cell + 0.5, cell + 0.5);
  });
}

/** The channel that has most to say in the open map: its shares are the largest, or else its kernel. */
function strongestChannel(model) {
  const size = model.layer.rows * model.layer.cols;
  const voices = model.channels.map((channel, place) =>
    model.sums ? model.sums.subarray(place * size, (place + 1) * size) : kernelOf(model, channel)
  );
  const strengths = voices.map((values) =>
    values.reduce((sum, value) => sum + (Number.isFinite(value) ? Math.abs(value) : 0), 0)
  );
  return model.channels[strengths.indexOf(Math.max(...strengths))];
}
