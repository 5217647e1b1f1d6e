"""A cell of an activation: PyTorch's value, PyTorch's curve, and a formula that can be worked out as it is written."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from cells import cell_at, random_maps, totals, traced
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from cnnviz.core.explain import ExplainError

FUNCTIONS = [
    nn.ReLU(), nn.LeakyReLU(), nn.LeakyReLU(0.2), nn.Tanh(), nn.Sigmoid(), nn.GELU(), nn.GELU(approximate="tanh"),
    nn.SiLU(),
]  # fmt: skip
each_function = pytest.mark.parametrize("function", FUNCTIONS, ids=str)


def exact(function: nn.Module, x: np.ndarray) -> np.ndarray:
    return function(torch.tensor(x, dtype=torch.float64)).numpy()


@each_function
@settings(max_examples=60, deadline=None)
@given(value=st.floats(-50, 50, width=32))
def test_the_curve_and_the_value_are_pytorchs(function: nn.Module, value: float):
    cell = cell_at(traced(function, np.full((1, 1, 1), value)))
    assert cell.value == value
    assert cell.total == pytest.approx(exact(function, np.array([value]))[0], rel=1e-5, abs=1e-6)
    np.testing.assert_allclose(cell.curve_y, exact(function, cell.curve_x), atol=1e-12)


@each_function
def test_the_curve_reaches_past_the_value_on_both_sides_and_has_its_bend(function: nn.Module):
    for value in (-20.0, 0.1, 7.0):
        x = cell_at(traced(function, np.full((1, 1, 1), value))).curve_x
        assert x[0] < value < x[-1] == -x[0]
        assert 0.0 in x


@each_function
@pytest.mark.parametrize("value", [-1.5, 0.0, 0.75, 3.0])
def test_the_formula_can_be_worked_out_as_it_is_written(function: nn.Module, value: float):
    written = cell_at(traced(function, np.full((1, 1, 1), value))).written(repr)
    left, right = written.split(" = ")
    assert worked_out(left) == pytest.approx(float(right), abs=1e-6)
    assert float(right) == pytest.approx(exact(function, np.array([value]))[0], abs=1e-6)


def worked_out(formula: str) -> float:
    """The oracle: the text-book line, read as Python."""
    for symbol, python in (("½", "0.5"), ("·", "*"), ("π", "pi"), ("³", "**3"), ("√(", "sqrt(")):
        formula = formula.replace(symbol, python)
    names = {name: getattr(math, name) for name in ("exp", "tanh", "erf", "sqrt", "pi")} | {"max": max, "min": min}
    return eval(re.sub(r"√(\d)", r"sqrt(\1)", formula), {"__builtins__": {}}, names)


def test_a_formula_reads_like_the_text_book():
    assert cell_at(traced(nn.ReLU(), np.full((1, 1, 1), -1.5))).written("{:.2f}".format) == "max(0, -1.50) = 0.00"
    leaky = cell_at(traced(nn.LeakyReLU(0.2), np.full((1, 1, 1), -1.5)))
    assert leaky.written("{:.2f}".format) == "max(0, -1.50) + 0.2 · min(0, -1.50) = -0.30"


def test_relu_by_hand_is_pytorchs():
    maps = random_maps(2, 4, 5).astype(np.float32)
    np.testing.assert_array_equal(totals(traced(nn.ReLU(), maps)), np.maximum(maps, 0))


def test_layers_without_a_bend_between_them_are_one_layer():
    """Why activations: two convolutions in a row are one whose kernel is both; with a ReLU between they are not."""
    torch.manual_seed(0)
    first, second = nn.Conv2d(1, 1, 2, bias=False).double(), nn.Conv2d(1, 1, 2, bias=False).double()
    maps = torch.tensor(random_maps(1, 1, 5, 5))
    both = torch.conv_transpose2d(first.weight, second.weight)  # the kernels laid over each other
    assert torch.allclose(second(first(maps)), torch.conv2d(maps, both))
    assert not torch.allclose(second(torch.relu(first(maps))), torch.conv2d(maps, both))


@each_function
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_stays_what_pytorch_makes_of_it(function: nn.Module, value: float):
    cell = cell_at(traced(function, np.full((1, 1, 1), value)))
    np.testing.assert_equal(cell.total, exact(function, np.array([value]))[0])
    assert np.isfinite(cell.curve_x).all()


def test_the_approximation_in_place_of_the_exact_gelu_is_caught():
    """The negative twins: another function, or another slope, does not make PyTorch's number."""
    layer = traced(nn.GELU(), np.full((1, 1, 1), 2.0))
    with pytest.raises(ExplainError, match="numbers of 0 must make its output"):
        cell_at(replace(layer, spec=replace(layer.spec, approximate="tanh")))
    layer = traced(nn.LeakyReLU(0.2), np.full((1, 1, 1), -2.0))
    with pytest.raises(ExplainError, match="numbers of 0 must make its output"):
        cell_at(replace(layer, spec=replace(layer.spec, slope=0.1)))


def test_an_activation_that_nobody_explains_is_refused_by_name():
    layer = traced(nn.ReLU(), np.ones((1, 1, 1)))
    with pytest.raises(ExplainError, match=r"activation must be one of ReLU, .*, got Wish at 0: choose another layer"):
        cell_at(replace(layer, spec=replace(layer.spec, type_name="Wish")))


def test_an_activation_after_the_flatten_is_explained_entry_by_entry():
    layer = traced(nn.Sequential(nn.Flatten(), nn.Tanh())[1], np.array([0.5, -0.5]))
    assert cell_at(layer, 1).total == pytest.approx(math.tanh(-0.5))
