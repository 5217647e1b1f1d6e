"""The tables of layers of branches: each line follows by hand, and the last is PyTorch's."""

from __future__ import annotations

import itertools
from decimal import localcontext

import numpy as np
import pytest
from adding_up import ALMOST, adds_up, is_shown, read, rounded

from cnnviz.core.explain import ExtremeCell, MovedCell, NormCell, ProductCell, SoftmaxUnitCell, explain
from cnnviz.core.layers import Kind
from cnnviz.figures.cell_table_of_graphs import cell_table
from tests.core.explain.operations import NETWORKS, image, last_layer, units

BRANCHES = (
    Kind.ADD, Kind.MULTIPLY, Kind.CONCAT, Kind.REARRANGE, Kind.PADDING, Kind.UPSAMPLING, Kind.REDUCTION, Kind.SOFTMAX,
)  # fmt: skip


def quotient(above: str, below: str, like: str):
    with localcontext(prec=60):
        return rounded(read(above) / read(below), like)


@pytest.mark.parametrize("name", [name for name, (_model, kind) in NETWORKS.items() if kind in BRANCHES])
def test_the_table_of_a_cell_holds_as_shown(name: str):
    layer = last_layer(NETWORKS[name][0], image())
    held = 0
    for unit in itertools.islice(units(layer), 0, None, 5):
        cell = explain(layer, unit)
        made = cell_table(cell)
        total = made.sums[-1][-1]
        if total.startswith(ALMOST):
            continue
        held += 1
        assert is_shown(total, cell.total)
        if isinstance(cell, MovedCell | ExtremeCell):
            assert total in {row[-1] for row in made.rows}
        elif isinstance(cell, ProductCell):
            first, second = (row[-1] for row in made.rows)
            product = rounded(read(first) * read(second), total)
            assert read(total) == (quotient(first, second, total) if cell.is_quotient else product)
        elif isinstance(cell, SoftmaxUnitCell):
            assert len(made.rows) == len(cell.logits)
            if not cell.is_log:
                assert quotient(made.rows[cell.own][-1], made.sums[0][-1], total) == read(total)
        elif made.sums[0] is not made.sums[-1]:  # a mean
            divisor = made.sums[-1][0].split("/")[1]
            assert adds_up([row[-1] for row in made.rows], made.sums[0][-1])
            assert quotient(made.sums[0][-1], divisor, total) == read(total)
        else:
            assert adds_up([row[-1] for row in made.rows], total)
    assert held > 0


def test_a_normalisation_by_the_image_says_of_how_many_cells():
    layer = last_layer(NETWORKS["group normalisation"][0], image())
    cell = explain(layer, next(units(layer)))
    assert isinstance(cell, NormCell)
    assert "60 cells of this one image" in cell_table(cell).caption


def test_a_sum_that_is_off_is_noticed():
    """The negative twin."""
    layer = last_layer(NETWORKS["sum of two branches"][0], image())
    made = cell_table(explain(layer, next(units(layer))))
    assert not adds_up([row[-1] for row in made.rows], str(read(made.sums[-1][-1]) + read("0.001")))


def test_every_kind_of_record_has_a_table():
    for name, (model, _kind) in NETWORKS.items():
        layer = last_layer(model, image())
        assert cell_table(explain(layer, next(units(layer)))).rows, name
    assert np.isfinite(image()).all()
