"""Every operation that a graph can hold: its cells are PyTorch's, they read what moves them, all its forms agree."""

import itertools
import operator
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from cnnviz.core.explain import (
    Cell,
    ExplainError,
    ExtremeCell,
    MovedCell,
    NormCell,
    SoftmaxUnitCell,
    WeightedCell,
    explain,
)
from cnnviz.core.graph import build_graph
from cnnviz.core.layer_trace import LayerTrace
from cnnviz.core.layers import Kind
from cnnviz.core.trace import trace
from cnnviz.core.units import UnitRef
from tests.core.explain.operations import (
    HALVES,
    LISTED,
    NETWORKS,
    Call,
    image,
    last_layer,
    learned,
    of,
    precision,
    read_by,
    units,
)

aten = torch.ops.aten


@pytest.mark.parametrize("name", NETWORKS)
def test_the_output_is_pytorchs_and_every_cell_makes_it(name: str):
    model, kind = NETWORKS[name]
    values = image()
    layer = last_layer(model, values)
    with torch.no_grad():
        expected = model.eval()(torch.tensor(values, dtype=precision(model))[None])
    np.testing.assert_array_equal(layer.output.ravel(), expected.numpy().ravel())
    assert kind is None or layer.spec.kind is kind
    for unit in units(layer):
        cell = explain(layer, unit)  # which checks its own sum
        assert cell.total == layer.output[unit.within(layer.output.shape)]


@pytest.mark.parametrize("name", NETWORKS)
def test_a_cell_that_is_not_the_layers_is_refused(name: str):
    layer = last_layer(NETWORKS[name][0], image())
    wrong = replace(layer, output=layer.output * 1.02 + 0.05)
    refused, possible = 0, 0
    for unit in units(wrong):
        right = explain(layer, unit)
        possible += not (isinstance(right, MovedCell) and right.cell is None)  # what padding puts there stands there
        try:
            explain(wrong, unit)
        except ExplainError:
            refused += 1
    assert refused >= 0.9 * possible


@pytest.mark.parametrize("name", [*LISTED, *HALVES])
def test_the_cells_that_it_lists_are_those_that_move_it(name: str):
    """Autograd, from the last layer to its first input alone."""
    model, _kind = NETWORKS[name]
    values = np.abs(image()) + 0.5
    layer = last_layer(model, values)
    for unit in itertools.islice(units(layer), 0, None, 7):
        place = unit.within(layer.output.shape)
        listed = read_by(layer, explain(layer, unit))
        np.testing.assert_array_equal(listed, moved_by(layer, model, values, place), err_msg=f"{name} {place}")


def moved_by(layer: LayerTrace, model: nn.Module, values: np.ndarray, place: tuple[int, ...]) -> np.ndarray:
    """Autograd on the program of the graph, from the first input to one cell."""
    graph = build_graph(model, values.shape)
    number = graph.position(layer.spec.path)
    source = layer.sources[0]
    names = [None, *(one.spec.path for one in trace(model, values).layers)]
    before = 0 if source == 0 else graph.position(names[source])
    given = torch.tensor(layer.inputs[0], dtype=torch.float64).reshape(graph.nodes[before].shapes[0]).requires_grad_()
    with torch.enable_grad():
        known = {before: given}
        for other, array in zip(layer.sources, layer.inputs, strict=True):
            at = 0 if other == 0 else graph.position(names[other])
            known.setdefault(at, torch.tensor(array, dtype=torch.float64).reshape(graph.nodes[at].shapes[0]))
        out = graph.program.evaluate(number, known).reshape(layer.output.shape)
        (gradient,) = torch.autograd.grad(out[place], given)
    return (gradient != 0).numpy().reshape(layer.inputs[0].shape)


FORMS = {
    "relu": [nn.ReLU(), nn.ReLU(inplace=True), of(torch.relu), of(lambda x: x.relu()), of(lambda x: x.clone().relu_()),
             of(functional.relu), of(lambda x: functional.relu(x, inplace=True)), of(aten.relu.default),
             of(aten.relu_.default)],
    "hardtanh": [nn.ReLU6(), of(functional.relu6), of(lambda x: functional.hardtanh(x, 0.0, 6.0)),
                 of(lambda x: aten.hardtanh.default(x, 0.0, 6.0)), of(lambda x: aten.hardtanh_.default(x, 0, 6))],
    "add": [of(lambda x: x + x), of(lambda x: torch.add(x, x)), of(lambda x: x.add(x)),
            of(lambda x: operator.iadd(x, x)), of(lambda x: aten.add.Tensor(x, x)),
            of(lambda x: aten.add_.Tensor(x, x))],
    "max pooling": [nn.MaxPool2d(3, 2, 1), of(lambda x: functional.max_pool2d(x, 3, 2, 1)),
                    of(lambda x: torch.max_pool2d(x, 3, stride=2, padding=1)),
                    of(lambda x: aten.max_pool2d.default(x, [3, 3], [2, 2], [1, 1]))],
    "average pooling": [nn.AvgPool2d(2, 1, 1, count_include_pad=False),
                        of(lambda x: functional.avg_pool2d(x, 2, 1, 1, False, False)),
                        of(lambda x: aten.avg_pool2d.default(x, [2, 2], [1, 1], [1, 1], False, False))],
    "global average": [nn.AdaptiveAvgPool2d(1), of(lambda x: functional.adaptive_avg_pool2d(x, 1)),
                       of(lambda x: aten.adaptive_avg_pool2d.default(x, [1, 1]))],
    "leaky": [nn.LeakyReLU(0.3), of(lambda x: functional.leaky_relu(x, 0.3)),
              of(lambda x: aten.leaky_relu.default(x, 0.3))],
    "joined": [of(lambda x: torch.cat((x, x), 1)), of(lambda x: torch.concat([x, x], dim=1)),
               of(lambda x: aten.cat.default([x, x], 1))],
    "softmax": [nn.Softmax(1), of(lambda x: x.softmax(1)), of(lambda x: functional.softmax(x, dim=1)),
                of(lambda x: aten.softmax.int(x, 1))],
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_all_forms_of_an_operation_are_the_same_one(name: str):
    layers = [last_layer(nn.Sequential(form) if type(form) is not Call else form, image()) for form in FORMS[name]]
    first = layers[0]
    for layer in layers[1:]:
        np.testing.assert_array_equal(layer.output, first.output)
        assert layer.spec.kind is first.spec.kind
        assert layer.spec.geometry == first.spec.geometry
        for unit in itertools.islice(units(layer), 0, None, 5):
            mine, theirs = (
                explain(layer, unit),
                explain(first, UnitRef(first.spec.path, unit.channel, unit.row, unit.col)),
            )
            assert type(mine) is type(theirs)
            assert mine.total == theirs.total


def test_what_works_in_place_leaves_the_numbers_before_it_as_they_were():
    """A batch normalisation followed by `relu_` has negative values, and so has a branch that is added to in place."""
    model = learned(nn.Conv2d(4, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(inplace=True))
    model[1].weight.data.neg_()
    whole = Call(lambda self, x: self.m(x).add_(x), m=model).double().eval()
    made = trace(whole, image())
    norm, relu, add = made.layers[-3:]
    assert (norm.output < 0).any()
    assert (relu.output >= 0).all()
    np.testing.assert_array_equal(add.output, add.inputs[0] + add.inputs[1])
    assert add.inputs[1] is made.image


def test_a_batch_normalisation_that_a_relu_overwrites_is_caught():
    """The negative twin: run by itself, the module really works on what it is given."""
    value = torch.tensor(image())[None]
    nn.ReLU(inplace=True)(value)
    assert (value >= 0).all()


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_random_settings_of_windows_are_explained(data: st.DataObject):
    groups = data.draw(st.sampled_from([1, 2, 4]))
    kernel = data.draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
    stride, dilation = data.draw(st.integers(1, 3)), data.draw(st.integers(1, 2))
    padding = data.draw(st.integers(0, 2))
    build = data.draw(st.sampled_from([nn.Conv2d, nn.ConvTranspose2d]))
    layer_module = build(4, 4, kernel, stride, padding, groups=groups, dilation=dilation)
    torch.manual_seed(data.draw(st.integers(0, 99)))
    model = nn.Sequential(layer_module).double().eval()
    try:
        expected = model(torch.tensor(image())[None])[0].detach().numpy()
    except RuntimeError:
        return
    if not expected.size:
        return
    layer = last_layer(model, image())
    np.testing.assert_array_equal(layer.output, expected)
    for unit in itertools.islice(units(layer), 0, None, 11):
        explain(layer, unit)


def test_the_record_says_what_the_operation_is():
    def kind_of(name: str) -> Cell:
        layer = last_layer(NETWORKS[name][0], image())
        return explain(layer, next(units(layer)))

    assert kind_of("sum of two branches").scales.tolist() == [1, 1]
    assert kind_of("difference").scales.tolist() == [1, -1]
    assert kind_of("in place, with a factor").scales.tolist() == [1, 0.5]
    assert kind_of("sum with a number").cells[0] is None
    assert kind_of("quotient").is_quotient
    assert isinstance(kind_of("largest of each row"), ExtremeCell)
    assert isinstance(kind_of("softmax over channels"), SoftmaxUnitCell)
    assert kind_of("log softmax of a vector").is_log
    norm = kind_of("group normalisation")
    assert isinstance(norm, NormCell)
    assert (norm.count, norm.statistics) == (2 * 5 * 6, "image")


def test_a_mean_with_other_weights_is_caught():
    """The negative twin of a mean's record: another divisor does not make the number."""
    layer = last_layer(NETWORKS["mean of each map"][0], image())
    cell = explain(layer, next(units(layer)))
    with pytest.raises(ExplainError):
        WeightedCell(
            spec=cell.spec, unit=cell.unit, total=cell.total, dtype=cell.dtype, values=cell.values,
            weights=cell.weights * 1.1, cells=cell.cells,
        )  # fmt: skip


def test_attention_is_opaque_and_everything_around_it_is_explained():
    def attend(self, x):
        tokens = self.conv(x).flatten(2).transpose(1, 2)
        return self.norm(self.attention(tokens, tokens, tokens, need_weights=False)[0] + tokens)

    torch.manual_seed(0)
    parts = {
        "conv": nn.Conv2d(4, 8, 2, 2),
        "attention": nn.MultiheadAttention(8, 2, batch_first=True),
        "norm": nn.LayerNorm(8),
    }
    made = trace(Call(attend, **parts).double().eval(), image((4, 4, 6)))
    by_name = {layer.spec.path: layer for layer in made.layers}
    assert by_name["attention.0"].spec.kind is Kind.UNSUPPORTED
    for name in ("conv", "flatten", "transpose", "add", "norm"):
        layer = by_name[name]
        for unit in itertools.islice(units(layer), 0, None, 5):
            explain(layer, unit)
    with pytest.raises(ExplainError, match="known kind"):
        explain(by_name["attention.0"], UnitRef("attention.0", 0, 0, 0))
