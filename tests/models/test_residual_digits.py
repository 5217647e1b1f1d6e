"""The residual network for digits: the parts that text books teach, as many parameters as promised, as published."""

import copy
import hashlib
import json
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch import nn

from cnnviz.core.explain import ActivationCell, AddCell, Cell, ConvCell, DenseCell, NormCell, PoolCell, explain
from cnnviz.core.layer_trace import LayerTrace, Trace
from cnnviz.core.layers import Kind
from cnnviz.core.trace import trace
from cnnviz.core.units import UnitRef
from cnnviz.data.datasets import DIGITS, has_mnist, mnist
from cnnviz.data.rasterize import preprocess
from cnnviz.data.sample_drawings import find_sample
from cnnviz.evaluation.metrics import evaluate
from cnnviz.models import checkpoints
from cnnviz.models.decision import RejectBy
from cnnviz.models.residual_blocks import BasicBlock, SeparableBlock
from cnnviz.models.zoo import find_recipe
from cnnviz.web.explorer import LARGE
from cnnviz.web.explorer.packet import pack
from cnnviz.web.selection import Selection

KEY = "digits_residual"


@pytest.fixture(scope="module")
def model() -> nn.Sequential:
    return checkpoints.load(KEY)[0]


@pytest.fixture(scope="module")
def traced(model: nn.Sequential) -> Trace:
    return trace(model, preprocess(find_sample("three").sketch).image)


def test_it_has_as_many_parameters_as_its_parts_add_up_to():
    norm = 2  # a weight and a bias for each map
    stem = 5 * 5 * 16 + norm * 16
    first = 9 * 16 * 32 + 9 * 32 * 32 + 16 * 32 + 3 * norm * 32
    second = 9 * 32 * 64 + 9 * 64 * 64 + 32 * 64 + 3 * norm * 64
    third = 2 * (9 * 64 + 64 * 64 + norm * 64)
    counted = sum(weight.numel() for weight in find_recipe(KEY).build().parameters())
    assert counted == stem + first + second + third + 64 * 10 + 10 == 82_938
    assert counted <= 150_000


def test_it_has_the_parts_that_a_text_book_teaches_next():
    parts = dict(find_recipe(KEY).build().named_modules())
    convolutions = [part for part in parts.values() if isinstance(part, nn.Conv2d)]
    assert [one.groups for one in convolutions].count(64) == 2  # depthwise
    assert [one.kernel_size for one in convolutions].count((1, 1)) == 4  # two shortcuts, two after the depthwise ones
    assert sum(isinstance(part, nn.BatchNorm2d) for part in parts.values()) == 9
    assert isinstance(parts["average"], nn.AdaptiveAvgPool2d)
    assert parts["average"].output_size == 1
    assert sum(isinstance(part, BasicBlock | SeparableBlock) for part in parts.values()) == 3
    assert find_recipe(KEY).classes == DIGITS


@pytest.mark.parametrize("name", ["block1", "block2", "block3"])
def test_a_block_adds_what_goes_around_it(model: nn.Sequential, name: str):
    block = model.get_submodule(name)
    channels = next(block.children()).in_channels
    image = torch.rand(1, channels, 8, 8, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        seen: dict[str, torch.Tensor] = {}
        hook = block.norm2.register_forward_hook(lambda _part, _given, made: seen.update(inner=made))
        whole = block(image)
        hook.remove()
        around = block.shortcut(image) if isinstance(block, BasicBlock) else image
    torch.testing.assert_close(whole, torch.relu(seen["inner"] + around))
    assert not torch.allclose(whole, torch.relu(seen["inner"]))  # without the shortcut it is another network


def test_it_fits_the_pages_budget(traced: Trace):
    size = sum(layer.output.nbytes for layer in traced.layers)
    assert size < LARGE
    assert len(pack(traced, Selection(), {})) < 1_500_000


def by_torch(model: nn.Sequential, layer: LayerTrace, made: Trace) -> np.ndarray:
    """The layer's output by its module in float64; of an addition the sum of what it reads."""
    inputs = [torch.tensor(made.image if at == 0 else made.layers[at - 1].output).double() for at in layer.sources]
    if layer.spec.kind is Kind.ADD:
        return sum(inputs[1:], inputs[0]).numpy()
    module = copy.deepcopy(model).double().get_submodule(layer.spec.path)
    with torch.no_grad():
        return module(inputs[0][None])[0].numpy()


def some_units(layer: LayerTrace) -> Iterator[UnitRef]:
    """Corner, middle and last cell of the first and the last map of a layer, or its first and last entry."""
    channels, *sides = layer.output.shape
    places = {(0, 0), tuple(side // 2 for side in sides), tuple(side - 1 for side in sides)} if sides else {(0, 0)}
    for channel in {0, channels // 3, channels - 1}:
        for row, col in places:
            yield UnitRef(layer.spec.path, channel, row, col)


def test_a_cell_of_every_operation_is_explained_and_its_terms_add_up_to_pytorchs_number(
    model: nn.Sequential, traced: Trace
):
    kinds = set()
    for layer in traced.layers:
        wanted = by_torch(model, layer, traced)
        for unit in some_units(layer):
            cell = explain(layer, unit)
            value = wanted[unit.within(wanted.shape)]
            assert float(layer.output[unit.within(wanted.shape)]) == pytest.approx(value, rel=1e-4, abs=1e-5)
            assert sum_of(cell) == pytest.approx(value, rel=1e-4, abs=1e-4), unit
        kinds.add(layer.spec.kind)
    assert kinds == {
        Kind.CONVOLUTION, Kind.NORMALISATION, Kind.ACTIVATION, Kind.MAX_POOLING, Kind.AVERAGE_POOLING, Kind.ADD,
        Kind.FLATTEN, Kind.LINEAR,
    }  # fmt: skip


def sum_of(cell: Cell) -> float:
    """What the numbers of a cell make, by hand."""
    if isinstance(cell, ConvCell):
        return float((cell.patch.astype(np.float64) * cell.kernel).sum() + cell.bias)
    if isinstance(cell, NormCell):
        return (cell.value - cell.mean) / np.sqrt(cell.variance + cell.epsilon) * cell.gamma + cell.beta
    if isinstance(cell, DenseCell):
        return float(cell.inputs.astype(np.float64) @ cell.weights + cell.bias)
    if isinstance(cell, AddCell):
        return float((cell.values * cell.scales).sum())
    if isinstance(cell, PoolCell):
        return float(cell.values.max() if cell.divisor is None else cell.values.sum() / cell.divisor)
    return max(float(cell.value), 0.0) if isinstance(cell, ActivationCell) else float(cell.value)


def test_the_weights_are_those_of_the_manifest(model: nn.Sequential):
    packed, manifest = checkpoints.weights_path(KEY).read_bytes(), checkpoints.read_manifest(KEY)
    assert hashlib.sha256(packed).hexdigest() == manifest.sha256
    assert manifest.parameters == sum(weight.numel() for weight in model.parameters()) == 82_938
    assert (manifest.network, manifest.seed) == (KEY, 0)
    assert all(part.startswith(f"python -m cnnviz train {KEY} --steps") for part in manifest.command.split(" && "))
    assert manifest.data["held_out_tablets"] == ["app", "tos", "uqb"]


def test_the_manifest_has_every_figure_that_is_published():
    figures = checkpoints.read_manifest(KEY).figures
    plain = checkpoints.read_manifest("mnist").figures
    assert set(plain) <= set(figures)
    assert figures["mnist_test"]["n"] == 10_000
    assert figures["pen_held_out"]["n"] == plain["pen_held_out"]["n"]
    assert set(figures["pen_held_out_by_tablet"]) == {"app", "tos", "uqb"}
    for read in (figures["mnist_test"], figures["pen_held_out"], *figures["pen_held_out_by_tablet"].values()):
        right = sum(row[digit] for digit, row in enumerate(read["confusion"]))
        assert right / read["n"] == pytest.approx(read["accuracy"], abs=6e-5)
    rules = figures["rejection_rules"]
    assert {"maximum probability", "energy"} <= set(rules)
    for rule in rules.values():
        assert rule["worst"] == min(rule["rejected"].values())
        assert rule["mean"] == pytest.approx(np.mean(list(rule["rejected"].values())))
    json.dumps(figures)


def test_its_rule_is_the_one_that_was_published_as_better():
    """The rule of the manifest rejects as the comparison says, and accepts no fewer digits than the usual one."""
    manifest = checkpoints.read_manifest(KEY)
    assert manifest.rule.by is RejectBy.UNIFORM
    rules = manifest.figures["rejection_rules"]
    chosen, usual = rules[manifest.reject_by], rules[RejectBy.PROBABILITY]
    for name, key in (("MNIST test", "mnist_test"), ("strangers' strokes", "pen_held_out")):
        accepted = 1 - manifest.figures[key]["share_rejected"]
        assert accepted == pytest.approx(chosen["accepted"][name], abs=5e-4)  # the threshold is rounded down
        assert chosen["accepted"][name] >= usual["accepted"][name]
        assert accepted >= 0.985
    assert chosen["mean"] > usual["mean"]
    assert chosen["worst"] > usual["worst"]


@pytest.mark.data
@pytest.mark.skipif(not has_mnist(), reason="MNIST is not in CNNVIZ_DATA")
def test_the_accuracy_on_mnist_is_that_of_the_manifest(model: nn.Sequential):
    manifest = checkpoints.read_manifest(KEY)
    found = evaluate(model, mnist("test"), manifest.rule)
    assert found.accuracy == pytest.approx(manifest.figures["mnist_test"]["accuracy"], abs=0.0003)
    assert found.share_rejected == pytest.approx(manifest.figures["mnist_test"]["share_rejected"], abs=5e-4)
