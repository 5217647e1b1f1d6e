// Layers that change each cell by itself, and poolings: the map before, the rule in the middle, the map after.

import { element, fill } from "../shared/dom.js";
import { largestSize } from "../shared/extent.js";
import { formatNumber } from "../shared/format.js";
import { decimalsOf } from "../shared/sums.js";
import { CurveFigure, curveOf, numbersOfFormula, withOwnSlope } from "./curves.js";
import { functionDigits, gridText, meanDigits } from "./digits.js";
import { MapFigure } from "./mapfigure.js";
import { divisorAt, isPadding, outputAt, overhang, ownChannel, tapsOf, tapValue, winnerAt } from "./model.js";
import { readsOf } from "../network/reads.js";
import { NumberGrid } from "./numbergrid.js";
import { isNarrow, pairSide } from "./room.js";

/** The map before that is looked at: where a group of maps is read, the one in the same place. */
export function sourceChannelOf({ kind, channel, channels }) {
  return kind === "normalisation" && channels.includes(channel) ? channel : channels[0];
}

/** What all of them share: two maps with a rule between them. */
export class BetweenMaps {
  constructor(walk, middle) {
    this.walk = walk;
    this.source = new MapFigure(walk.sourceAnswers());
    this.result = new MapFigure(walk.resultAnswers());
    this.readout = element("p", { class: "walk-readout walk-formula" });
    const [before, after] = [0, 1].map(() => element("span", { class: "walk-sign", "aria-hidden": "true" }, ["→"]));
    this.sides = [this.source.node, before, after, this.result.node];
    const row = element("div", { class: "walk-row" }, [this.source.node, before, middle, after, this.result.node]);
    this.node = element("div", { class: "walk-scene" }, [row, this.readout]);
  }

  hold(model, width) {
    this.model = model;
    const { walk } = this;
    const side = isNarrow(width) ? pairSide(width) : Math.min(330, (width - 80) / 3);
    const { axes } = readsOf(model.layer);
    const channel = sourceChannelOf(model);
    for (const each of this.sides) each.hidden = model.layer.form === "cells"; // single units are no map
    this.source.hold({
      atlas: walk.atlas(model.sourceIndex),
      channel,
      rows: model.source.rows,
      cols: model.source.cols,
      ink: walk.ink,
      caption: fill(walk.texts.map_of, { source: model.sourceName, channel, last: model.source.count - 1 }),
      margin: axes
        ? { rows: overhang(axes.rows, model.source.rows), cols: overhang(axes.cols, model.source.cols) }
        : undefined,
    });
    this.result.hold({
      atlas: walk.atlas(model.index),
      channel: model.channel,
      rows: model.layer.rows,
      cols: model.layer.cols,
      ink: walk.ink,
      caption: model.name,
    });
    this.source.size(side);
    this.result.size(side);
    this.holdMiddle(side);
  }

  paint(position) {
    this.position = position;
    const [row, col] = this.walk.cellOf(position);
    const { rows, cols, taps } = tapsOf(this.model, row, col);
    this.paintMiddle({ rows, cols, taps, row, col, isHidden: this.walk.isHidden(position) });
    this.source.paint({ taps });
    this.result.paint({ marked: { row, col }, veilFrom: this.walk.veilFrom(position) });
  }
}

/** ReLU and its like: a curve with the point of this cell on it. */
export class ActivationScene extends BetweenMaps {
  constructor(walk) {
    const curve = new CurveFigure();
    super(walk, curve.node);
    this.curve = curve;
  }

  holdMiddle(side) {
    const { model } = this;
    const {
      output: { values: all },
      form,
      rows,
      cols,
    } = model.source;
    const first = model.channels[0] * rows * cols;
    const shown = form === "maps" ? all.subarray(first, first + rows * cols) : all;
    this.room = { reach: Math.max(1, largestSize(shown)), side };
    this.drawn = null;
  }

  /** The function of this step's channel, drawn where that is another one. */
  layerAt(position) {
    const { model, room } = this;
    const layer = withOwnSlope(model.layer, (channels) => ownChannel(model, position, channels));
    const name = `${layer.type} ${layer.settings.slope}`;
    if (this.drawn !== name) this.curve.hold(curveOf(layer), room.reach, room.side, this.walk.ink, layer.type);
    this.drawn = name;
    return layer;
  }

  paintMiddle({ taps, row, col, isHidden }) {
    const { model } = this;
    const value = tapValue(model, model.channels[0], taps[0]);
    const result = outputAt(model, row, col);
    const layer = this.layerAt(this.position);
    this.curve.paint(value, isHidden ? null : result);
    const words = this.walk.texts.formulas[model.layer.type] ?? this.walk.texts.formulas.other;
    const { fine, coarse, sign } = functionDigits(value, curveOf(layer) ?? (() => result), result);
    this.readout.textContent = fill(words, {
      x: formatNumber(value, fine),
      opposite: formatNumber(-value, fine),
      y: isHidden ? "?" : formatNumber(result, coarse),
      name: model.layer.type,
      ...numbersOfFormula(layer),
      sign,
      case: isHidden ? "" : value > 0 ? this.walk.texts.positive : this.walk.texts.not_positive,
    });
  }
}

/** Pooling: the window's numbers, the winner marked, or their mean. */
export class PoolingScene extends BetweenMaps {
  constructor(walk) {
    const grid = new NumberGrid("window");
    super(walk, grid.node);
    this.grid = grid;
  }

  holdMiddle(side) {
    this.grid.size(Math.min(side, 250));
    this.grid.caption.textContent = this.walk.texts.window;
  }

  paintMiddle({ rows, cols, taps, row, col, isHidden }) {
    const { model } = this;
    const channel = model.channels[0];
    const values = taps.map((tap) => tapValue(model, channel, tap));
    const crossed = taps.map((tap) => isPadding(model, tap));
    const isMax = model.kind === "max pooling";
    const best = isMax ? winnerAt(model, row, col) : -1; // null: on its way
    const total = outputAt(model, row, col);
    const divisor = isMax ? 1 : divisorAt(model, row, col);
    const { sum, fine, middle, coarse, sign } = isMax ? largestDigits(values) : meanDigits(values, divisor, total);
    const shown = values.map((value, i) => (isMax && crossed[i] ? "−∞" : gridText(value, fine)));
    this.grid.paint(
      {
        rows,
        cols,
        texts: shown,
        crossed,
        lit: null,
        best: isHidden ? -1 : (best ?? -1),
        pixels: values.map((value) => model.scales.source(value, channel)),
      },
      this.walk.ink
    );
    const { texts } = this.walk;
    const equal = isMax && !isHidden ? values.filter((value, i) => !crossed[i] && value === total).length : 1;
    const place = (axis) => (isHidden ? "?" : best === null ? "…" : (taps[best]?.[axis] ?? ""));
    const words = isMax ? (equal > 1 ? texts.formula_max_tie : texts.formula_max) : texts.formula_mean;
    this.readout.textContent = fill(words, {
      equal,
      count: taps.length,
      result: isHidden ? "?" : formatNumber(total, coarse),
      row: place("row"),
      col: place("col"),
      sum: isHidden ? "?" : formatNumber(sum, middle),
      divisor,
      sign,
      terms:
        values.length > 16 ? fill(texts.terms, { count: values.length }) : shown.join(" + ").replaceAll("+ −", "− "),
    });
  }
}

function largestDigits(values) {
  const digits = decimalsOf(values);
  return { sum: 0, fine: digits, middle: digits, coarse: digits, sign: "=" };
}
