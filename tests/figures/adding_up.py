"""A table of a cell read back from its strings and added up as decimals; the table's own rules are not asked."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext

import numpy as np
import torch
from torch import nn

from cnnviz.core.explain import explain
from cnnviz.core.layer_trace import LayerTrace, Trace
from cnnviz.core.trace import Tracer, trace
from cnnviz.core.units import UnitRef
from cnnviz.data.rasterize import preprocess
from cnnviz.data.sample_drawings import find_sample
from cnnviz.figures.cell_table import CellTable, cell_table
from cnnviz.models import checkpoints

ALMOST = "≈ "  # written before a number that the shown terms do not make


def read(text: str) -> Decimal:
    return Decimal(text.removeprefix(ALMOST).replace("\N{MINUS SIGN}", "-"))


def rounded(value: Decimal, like: str) -> Decimal:
    """`value` with the decimals of the text `like`."""
    with localcontext(prec=60, rounding=ROUND_HALF_UP):
        return value.quantize(Decimal(1).scaleb(read(like).as_tuple().exponent))


def adds_up(terms: list[str], total: str) -> bool:
    """Whether the terms, added up by hand, make the total, rounded as it is written."""
    return rounded(sum(map(read, terms), Decimal(0)), total) == read(total)


def multiplies(value: str, weight: str, product: str) -> bool:
    return rounded(read(value) * read(weight), product) == read(product)


def is_shown(text: str, value: float) -> bool:
    """Whether the text is the value, rounded to the decimals of the text."""
    return rounded(Decimal(value), text) == read(text)


def traced(module: nn.Module, image: np.ndarray) -> LayerTrace:
    return trace(nn.Sequential(module), image.astype(np.float32)).layers[0]


def maps(seed: int, channels: int = 3, size: int = 9, scale: float = 1.0) -> np.ndarray:
    return scale * np.random.default_rng(seed).normal(size=(channels, size, size))


def made_by(module: nn.Module, image: np.ndarray, *place: int) -> tuple[CellTable, float]:
    torch.manual_seed(0)
    layer = traced(module, image)
    unit = UnitRef("0", *place)
    return cell_table(explain(layer, unit)), float(layer.output[place[: layer.output.ndim]])


def on_a_three() -> Trace:
    """The trained network on a drawn 3."""
    model, _manifest = checkpoints.load("mnist")
    return Tracer(model)(preprocess(find_sample("three").sketch).image)
