"""What the tests of single cells share: traced layers, all units of a layer, pictures of the worked examples."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import torch
from torch import nn

from cnnviz.core.explain import Cell, explain
from cnnviz.core.layer_trace import LayerTrace
from cnnviz.core.trace import trace
from cnnviz.core.units import UnitRef

CROSS = np.where(np.eye(9) + np.eye(9)[::-1] > 0, 1.0, -1.0)
CROSS[[0, -1], :] = CROSS[:, [0, -1]] = -1.0
DIAGONAL = 2 * np.eye(3) - 1


def traced(module: nn.Module, image: np.ndarray, dtype: torch.dtype = torch.float64) -> LayerTrace:
    """The trace of one layer called "0" on one image (channels, rows, cols), in float32 where it has no parameters."""
    dtype = torch.float32 if next(module.parameters(), None) is None else dtype
    return trace(nn.Sequential(module.to(dtype)), np.asarray(image)).layers[0]


def units(layer: LayerTrace) -> Iterator[UnitRef]:
    """Every unit of the layer, map after map."""
    shape = (*layer.output.shape, 1, 1)[:3]
    for place in itertools.product(*map(range, shape)):
        yield UnitRef(layer.spec.path, *place)


def cell_at(layer: LayerTrace, channel: int = 0, row: int = 0, col: int = 0) -> Cell:
    return explain(layer, UnitRef(layer.spec.path, channel, row, col))


def totals(layer: LayerTrace) -> np.ndarray:
    """The totals of all cells, in the shape of the layer's output."""
    return np.array([explain(layer, unit).total for unit in units(layer)]).reshape(layer.output.shape)


def convolution(kernels: object, bias: object = None, **settings: object) -> nn.Conv2d:
    """A convolution with these kernels (out, in / groups, rows, cols) and, if any, this bias."""
    weight = torch.tensor(np.asarray(kernels), dtype=torch.float64)
    groups = settings.get("groups", 1)
    conv = nn.Conv2d(weight.shape[1] * groups, len(weight), tuple(weight.shape[2:]), bias=bias is not None, **settings)
    conv.weight.data = weight
    if bias is not None:
        conv.bias.data = torch.tensor(np.asarray(bias), dtype=torch.float64)
    return conv


def three_channels() -> np.ndarray:
    """Three maps of 5×5 of the worked example; in the first, one column is ten times as large."""
    rows = np.repeat(np.arange(1.0, 6)[:, None], 5, axis=1)
    first = rows.copy()
    first[:, 1] *= 10
    return np.stack([first, rows, rows])


def random_maps(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape)


def rows_of(text: str) -> np.ndarray:
    """A table of numbers as the worked examples print them."""
    return np.array([[float(number) for number in line.split()] for line in text.strip().splitlines()])
