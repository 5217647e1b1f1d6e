"""The whole shipped network, every position of every layer: the numbers of a cell make PyTorch's number."""

import ast
import itertools
from collections.abc import Callable
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch
from cells import units
from torch import nn

import cnnviz.core.explain
from cnnviz.core.explain import Cell, ExplainError, explain, explain_softmax
from cnnviz.core.explain.cell import explainer_of
from cnnviz.core.layer_trace import LayerTrace, Trace
from cnnviz.core.layers import Kind
from cnnviz.core.trace import trace
from cnnviz.core.units import UnitRef
from cnnviz.figures.rounding import decimals_that_hold
from cnnviz.models.checkpoints import load


@pytest.fixture(scope="module")
def made() -> Trace:
    """The shipped weights on a ring with a grey edge: flat parts (ties), borders and everything between."""
    model, _manifest = load("mnist")
    distance = np.hypot(*np.mgrid[-13.5:14, -13.5:14]) - 8
    return trace(model, np.clip(2.5 - np.abs(distance), 0, 1).astype(np.float32)[None])


# How a reader makes the total from the numbers of the cell, and the magnitude that its rounding goes with.
BY_HAND: dict[Kind, Callable[[Cell], tuple[float, float]]] = {
    Kind.CONVOLUTION: lambda c: ((c.patch * c.kernel).sum() + c.bias, np.abs(c.products).sum() + abs(c.bias)),
    Kind.ACTIVATION: lambda c: (max(c.value, 0.0), 1.0),
    Kind.MAX_POOLING: lambda c: (c.values.max(), 1.0),
    Kind.FLATTEN: lambda c: (c.value, 1.0),
    Kind.LINEAR: lambda c: (c.inputs @ c.weights + c.bias, np.abs(c.products).sum() + abs(c.bias)),
}


def worst(layer: LayerTrace, read: Callable[[Cell], tuple[float, float]], first: int | None = None) -> float:
    """The largest difference to PyTorch, relative to the magnitude of what is added, over all or the `first` units.

    All positions of every third map, and all entries of a vector.
    """
    off = 0.0
    some = (unit for unit in units(layer) if layer.output.ndim == 1 or unit.channel % 3 == 0)
    for unit in itertools.islice(some, first):
        made, magnitude = read(explain(layer, unit))
        off = max(off, abs(made - float(layer.output[unit.within(layer.output.shape)])) / magnitude)
    return off


def test_every_position_of_every_layer_is_pytorchs_number(made: Trace):
    for layer in made.layers:
        assert worst(layer, BY_HAND[layer.spec.kind]) < 1e-5, layer.spec.path


def test_a_flipped_kernel_or_a_lost_bias_is_not_pytorchs_number(made: Trace):
    """The negative twins of the reading above."""
    layer = made.layers[0]
    flipped = worst(layer, lambda c: ((c.patch * c.kernel[:, ::-1, ::-1]).sum() + c.bias, 1.0), first=100)
    without_bias = worst(layer, lambda c: (c.products.sum(), 1.0), first=100)
    assert min(flipped, without_bias) > 0.01


def test_all_products_of_a_layer_are_exact(made: Trace):
    """The product of two float32 numbers fits into float64, so nothing is lost before the sum."""
    cell = explain(made.layers[3], UnitRef("conv2", 5, 7, 7))
    for patch, kernel, product in zip(cell.patch.ravel(), cell.kernel.ravel(), cell.products.ravel(), strict=True):
        assert product.as_integer_ratio() == _exact(patch, kernel)


def _exact(a: float, b: float) -> tuple[int, int]:
    return (Fraction(float(a)) * Fraction(float(b))).as_integer_ratio()


def test_products_and_bias_as_shown_add_up_to_the_total_as_shown(made: Trace):
    """Read back from the texts; two decimals for all, the negative twin, miss in many cells."""
    missed = shown = 0
    for path, step in (("conv1", 7), ("conv2", 29), ("fc", 1)):
        layer = made.layers[made.position(path)]
        for unit in itertools.islice(units(layer), 0, None, step):
            cell = explain(layer, unit)
            terms = [*cell.products.ravel().tolist(), cell.bias]
            digits = decimals_that_hold(terms, cell.total)
            assert digits is not None
            assert adds_up(terms, cell.total, *digits)
            missed += not adds_up(terms, cell.total, 2, 2)
            shown += 1
    assert missed > shown / 3 > 500


def adds_up(terms: list[float], total: float, term_digits: int, total_digits: int) -> bool:
    """Away from ties, Python's own format writes what is shown; the texts are added as decimals."""
    added = sum((Decimal(f"{term:.{term_digits}f}") for term in terms), Decimal(0))
    step = Decimal(1).scaleb(-total_digits)
    return added.quantize(step, ROUND_HALF_UP) == Decimal(f"{total:.{total_digits}f}")


def test_winners_are_where_pytorch_finds_them(made: Trace):
    for path in ("pool1", "pool2"):
        layer = made.layers[made.position(path)]
        flat = nn.MaxPool2d(2, return_indices=True)(torch.tensor(layer.input))[1].ravel().tolist()
        width = layer.input.shape[2]
        assert [explain(layer, unit).winner for unit in units(layer)] == [divmod(index, width) for index in flat]


def test_the_softmax_is_the_traces(made: Trace):
    np.testing.assert_allclose(explain_softmax(made.logits).probabilities, made.probabilities, atol=1e-6)


def test_cells_of_a_network_are_padded_where_their_window_leaves_the_map(made: Trace):
    cell = explain(made.layers[0], UnitRef("conv1", 0, 0, 0))
    assert cell.padded.sum() == 5 * 5 - 3 * 3
    assert not explain(made.layers[0], UnitRef("conv1", 0, 14, 14)).padded.any()


def test_a_layer_of_an_unknown_kind_is_refused_by_name():
    layer = trace(nn.Sequential(nn.Threshold(0.5, 0)), np.ones((1, 2, 2))).layers[0]
    with pytest.raises(ExplainError, match=r"layer must be of a known kind \(.*\), got 0, a Threshold: choose another"):
        explain(layer, UnitRef("0"))


def test_a_unit_of_another_layer_or_outside_is_refused(made: Trace):
    with pytest.raises(ExplainError, match="unit must be one of conv1, got one of conv2"):
        explain(made.layers[0], UnitRef("conv2"))
    with pytest.raises(IndexError, match="unit must lie within conv1, of shape 16×28×28, got channel 16"):
        explain(made.layers[0], UnitRef("conv1", 16))


def test_an_output_that_is_not_the_layers_is_refused(made: Trace):
    for layer in made.layers:
        wrong = replace(layer, output=layer.output + np.float32(0.01))
        with pytest.raises(ExplainError, match=f"numbers of {layer.spec.path} must make its output"):
            explain(wrong, UnitRef(layer.spec.path))


def test_every_kind_that_a_layer_can_have_is_explained_but_the_unsupported():
    registered = set(cnnviz.core.explain.cell._REGISTRY)
    assert registered == set(Kind) - {Kind.UNSUPPORTED}
    with pytest.raises(ValueError, match=r"kind must be explained once, got .* twice"):
        explainer_of(Kind.LINEAR)(explain)


def imported(source: str) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").split(".")[0])
    return names


def test_cells_are_arithmetic_on_arrays_and_never_import_torch():
    files = sorted(Path(cnnviz.core.explain.__file__).parent.glob("*.py"))
    assert len(files) > 8
    for path in files:
        assert "torch" not in imported(path.read_text(encoding="utf-8")), path.name
    assert "torch" in imported("from torch import nn")
