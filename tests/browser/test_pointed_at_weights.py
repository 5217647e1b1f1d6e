"""The weight and the product under the pointer are those that are said, whatever the size of the layer's own cells."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

ROWS, COLS, MAPS = 3, 4, 2
VALUES = np.arange(MAPS * ROWS * COLS).tolist()  # each says where it stands
SENTENCE = """(() => {
  const texts = { layers: [{ name: "pool2" }, { name: "fc" }] };
  for (const part of ["kernel", "sum"]) texts[`info_${part}`] = "{value}: map {channel} of {source}, {row} {col}";
  const packet = { texts, layers: [{}, { ...data.layer, sources: [0] }] };
  const atlas = { values: data.values, rows: data.rows, cols: data.cols, first: 0 };
  const atlases = new Map([["kernel", atlas], ["sum", atlas]]);
  const scene = { packet, atlases, open: { index: 1, channel: 5 } };
  return data.cells.map((cell) => m.sentence(scene, cell, null, []));
})()"""


@pytest.mark.parametrize("part", ["kernel", "sum"])
@pytest.mark.parametrize(
    "layer",
    [
        {"count": 10, "rows": 1, "cols": 1},  # fully connected: a unit is one cell
        {"count": 10, "rows": 2, "cols": 2},  # a convolution whose maps are smaller than its kernel
        {"count": 10, "rows": 9, "cols": 8},
    ],
    ids=["unit", "smaller", "larger"],
)
def test_every_cell_of_the_picture_says_its_own_number(run_module: Callable[..., object], part: str, layer: dict):
    tile = {"index": 1, "channel": 1, "part": part, "x": 30, "y": 50, "w": 80, "h": 60, "alpha": 1}
    places = [(row, col) for row in range(ROWS) for col in range(COLS)]
    middles = [[30 + (col + 0.5) * 80 / COLS, 50 + (row + 0.5) * 60 / ROWS] for row, col in places]
    pointed = "data.middles.map(([x, y]) => m.cellAt({ tiles: new Map([['', data.tile]]) }, data.layers, x, y))"
    cells = run_module("explorer/hit.js", pointed, {"middles": middles, "tile": tile, "layers": [{}, layer]})
    said = run_module(
        "network/words.js", SENTENCE, {"layer": layer, "values": VALUES, "rows": ROWS, "cols": COLS, "cells": cells}
    )
    assert said == [f"{ROWS * COLS + row * COLS + col}: map 1 of pool2, {row} {col}" for row, col in places]
