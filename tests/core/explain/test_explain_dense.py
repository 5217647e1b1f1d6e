"""A unit of a fully connected layer, the flatten before it, and the same layer read as a convolution."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from cells import cell_at, random_maps, traced, units
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from cnnviz.core.explain import ExplainError, cell_of_entry, explain, explain_dense
from cnnviz.core.layer_trace import LayerTrace
from cnnviz.core.trace import trace
from cnnviz.core.units import UnitRef

shapes = st.tuples(st.integers(1, 6), st.integers(1, 6), st.integers(1, 6))


def linear(weights: object, bias: object = None) -> nn.Linear:
    weight = torch.tensor(np.asarray(weights), dtype=torch.float64)
    layer = nn.Linear(weight.shape[1], len(weight), bias=bias is not None)
    layer.weight.data = weight
    if bias is not None:
        layer.bias.data = torch.tensor(np.asarray(bias), dtype=torch.float64)
    return layer


def after_flatten(shape: tuple[int, int, int], outputs: int, seed: int = 0) -> tuple[LayerTrace, LayerTrace]:
    """(flatten, fully connected) on random maps of `shape`."""
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Flatten(), nn.Linear(int(np.prod(shape)), outputs)).double()
    flatten, dense = trace(model, random_maps(*shape, seed=seed)).layers
    return flatten, dense


def test_two_entries_by_hand():
    cell = cell_at(traced(linear([[10.0, -20.0]], [1.0]), np.array([1.0, 2.0])))
    assert cell.products.tolist() == [10, -40]
    assert cell.order.tolist() == [1, 0]
    assert cell.total == 10 - 40 + 1


@settings(max_examples=60, deadline=None)
@given(inputs=st.integers(1, 40), outputs=st.integers(1, 6), bias=st.booleans(), seed=st.integers(0, 99))
def test_any_unit_adds_up_to_pytorchs_number_and_autograd_gives_its_weights(inputs, outputs, bias, seed):
    torch.manual_seed(seed)
    module = nn.Linear(inputs, outputs, bias)
    layer = traced(module, random_maps(inputs, seed=seed))
    for unit in units(layer):
        cell = explain(layer, unit)
        entries = torch.tensor(cell.inputs, requires_grad=True)
        (slope,) = torch.autograd.grad(module(entries)[unit.channel], entries)
        np.testing.assert_array_equal(cell.weights, slope)
        assert cell.products.sum() + cell.bias == pytest.approx(layer.output[unit.channel], abs=1e-10)


def test_entries_are_ordered_by_what_they_add_or_take_away():
    cell = cell_at(after_flatten((4, 3, 3), 2)[1], 1)
    sizes = np.abs(cell.products[cell.order])
    assert (np.diff(sizes) <= 0).all()
    assert sorted(cell.order.tolist()) == list(range(36))


def test_equal_entries_keep_their_order():
    assert cell_at(traced(linear([[1.0, -1.0, 2.0, 1.0]]), np.ones(4))).order.tolist() == [2, 0, 1, 3]
    many = cell_at(traced(linear([[1.0, -1.0] * 200]), np.ones(400)))
    assert many.order.tolist() == list(range(400))


def test_each_entry_knows_the_cell_that_it_was():
    shape = (3, 2, 4)
    flatten, dense = after_flatten(shape, 2)
    cell = explain_dense(dense, UnitRef("1", 1), shape)
    for entry in range(24):
        assert cell.inputs[entry] == flatten.input[cell.source(entry)]
    assert explain_dense(dense, UnitRef("1", 1)).source(0) is None


@settings(deadline=None)
@given(shapes)
def test_flattening_runs_map_after_map_and_row_after_row_as_pytorch_does(shape):
    order = nn.Flatten()(torch.arange(int(np.prod(shape))).reshape(1, *shape))[0]
    numbered = np.arange(int(np.prod(shape))).reshape(shape)
    for entry in range(0, len(order), 7):
        assert numbered[cell_of_entry(shape, entry)] == order[entry]


def test_flattening_column_after_column_is_another_order():
    """The negative twin: NumPy's "F" order is not PyTorch's."""
    shape = (2, 3, 4)
    wrong = [tuple(map(int, np.unravel_index(entry, shape, order="F"))) for entry in range(24)]
    assert wrong != [cell_of_entry(shape, entry) for entry in range(24)]
    assert cell_of_entry((32, 7, 7), 50) == (1, 0, 1)


def test_every_entry_of_a_flatten_is_the_cell_that_it_was():
    flatten, _dense = after_flatten((3, 4, 2), 1)
    for unit in units(flatten):
        cell = explain(flatten, unit)
        assert flatten.input[cell.source] == cell.value == cell.total
        assert (cell.entry, cell.shape) == (unit.channel, (3, 4, 2))


def test_a_flatten_that_keeps_the_maps_apart_is_followed_too():
    layer = traced(nn.Flatten(2), random_maps(3, 2, 4))
    assert explain(layer, UnitRef("0", 0, 1, 6)).source == (1, 1, 2)


def test_a_flatten_in_another_order_is_refused():
    flatten, _dense = after_flatten((3, 4, 2), 1)
    wrong = replace(flatten, inputs=(flatten.input.transpose(0, 2, 1).copy().reshape(3, 4, 2),))
    with pytest.raises(ExplainError, match="numbers of 0 must make its output"):
        cell_at(wrong, 1)


def test_entries_outside_the_maps_are_refused_in_one_sentence():
    with pytest.raises(IndexError, match="entry must be below 24, got 24"):
        cell_of_entry((2, 3, 4), 24)


def test_a_shape_of_another_size_is_refused():
    _flatten, dense = after_flatten((5, 3, 3), 3)
    with pytest.raises(ExplainError, match="shape must hold the 45 inputs of 1, got 1×1×1"):
        explain_dense(dense, UnitRef("1", 0), (1, 1, 1))


def test_a_fully_connected_layer_on_maps_works_along_the_last_axis_as_pytorchs_does():
    layer = traced(nn.Linear(4, 2), random_maps(2, 3, 4))
    for unit in units(layer):
        cell = explain(layer, unit)
        np.testing.assert_array_equal(cell.inputs, layer.input[unit.channel, unit.row])
        assert cell.products.sum() + cell.bias == pytest.approx(cell.total)


def test_another_units_weights_or_a_forgotten_bias_are_refused():
    """The negative twins: numbers that do not make the score are not shown."""
    _flatten, dense = after_flatten((2, 3, 3), 3)
    for wrong in (replace(dense, weight=dense.weight[::-1].copy()), replace(dense, bias=None)):
        with pytest.raises(ExplainError, match="numbers of 1 must make its output"):
            cell_at(wrong, 0)


def test_a_weight_that_is_no_number_is_refused_by_name():
    _flatten, dense = after_flatten((2, 3, 3), 3)
    weight = dense.weight.copy()
    weight[0, 0] = np.inf
    with pytest.raises(ExplainError, match="weights of 1 must be finite numbers, got inf"):
        cell_at(replace(dense, weight=weight))
    with pytest.raises(ExplainError, match="1 must have weights, got none"):
        cell_at(replace(dense, weight=None))
