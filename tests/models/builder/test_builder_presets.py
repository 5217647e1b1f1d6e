"""The ready-made networks: published counts, text-book shapes, and PyTorch's own word for both."""

import pytest
import torch
from torch import nn

from cnnviz.models.builder import NetworkSpec, build_module, inspect_spec, preset, preset_keys
from cnnviz.models.summary import summarise
from cnnviz.models.zoo import find_recipe

# Published, or counted by hand from the layers as the text books print them.
PUBLISHED = {
    "mnist_b1": 28_938,
    "small_b5": 31_626,
    "keras_b6": 34_826,
    "birds_c1": 18_090,
    "birds_wide": 38_386,
    "birds_dropout": 38_386,
    "birds_batch_norm": 38_386 + 2 * (32 + 16),
    "birds_deeper": (3 * 9 + 1) * 32 + (32 * 9 + 1) * 16 + (16 * 9 + 1) * 16 + (16 * 4 * 4 + 1) * 32 + 33 * 2,
    "birds_residual": (3 * 9 + 1) * 32 + (32 * 9 + 1) * 16 + (16 * 9 + 1) * 16 + (16 * 4 * 4 + 1) * 32 + 33 * 2,
    "lenet5": 156 + 2_416 + 48_120 + 10_164 + 850,  # 61,706
    "digits_small": (9 + 1) * 8 + (8 * 9 + 1) * 16 + (16 * 49 + 1) * 10,
    "xo_small": (25 + 1) * 4 + (4 * 25 + 1) * 8 + (8 * 49 + 1) * 2,
    "xor": 3 * 4 + 5 * 2,
}
SHAPES = {
    "mnist_b1": [(16, 28, 28), (16, 14, 14), (32, 14, 14), (32, 7, 7), (1568,), (10,)],
    "small_b5": [(32, 26, 26), (32, 13, 13), (64, 12, 12), (64, 6, 6), (2304,), (10,)],
    "keras_b6": [(32, 26, 26), (32, 13, 13), (64, 11, 11), (64, 5, 5), (1600,), (10,)],
    "birds_c1": [(16, 32, 32), (16, 16, 16), (8, 16, 16), (8, 8, 8), (512,), (32,), (2,)],
    "lenet5": [(6, 28, 28), (6, 14, 14), (16, 10, 10), (16, 5, 5), (400,), (120,), (84,), (10,)],
}


def test_every_preset_has_its_count_here():
    assert set(preset_keys()) == set(PUBLISHED)
    assert PUBLISHED["lenet5"] == 61_706


@pytest.mark.parametrize("key", preset_keys())
def test_parameters_are_the_published_ones_in_the_value_and_in_pytorch(key: str):
    blueprint = preset(key)
    assert inspect_spec(blueprint).problem is None
    assert inspect_spec(blueprint).parameters == PUBLISHED[key]
    assert sum(p.numel() for p in build_module(blueprint).parameters()) == PUBLISHED[key]


@pytest.mark.parametrize("key", SHAPES)
def test_shapes_are_those_of_the_text_book(key: str):
    shapes = [row.output_shape for row in inspect_spec(preset(key)).rows]
    assert [shape for at, shape in enumerate(shapes) if at == 0 or shape != shapes[at - 1]] == SHAPES[key]


@pytest.mark.parametrize("key", preset_keys())
def test_every_row_is_what_the_graph_of_the_built_network_says(key: str):
    """Shapes, parameters and why so many, multiply-adds, receptive fields: another way through PyTorch's tracer."""
    found, blueprint = inspect_spec(preset(key)), preset(key)
    table = {row.name: row for row in summarise(build_module(blueprint), blueprint.input_shape).rows}
    for row in found.rows:
        parts = [made for name, made in table.items() if name.split(".")[0] == row.name]
        last, size, view = parts[-1], row.size, row.view
        assert size is not None
        assert view is not None
        assert (size.shape, size.parameters) == (last.output_shape, sum(part.parameters for part in parts))
        assert size.macs == sum(part.macs for part in parts)
        assert [size.formula] == [part.formula for part in parts if part.parameters] or not size.parameters
        assert (view.size, view.certainty.value) == (last.sight.size, last.sight.status.value)
    assert found.macs == sum(row.macs for row in table.values())


def test_a_wider_layer_is_not_taken_for_the_published_one():
    """The negative twin: the counts above can fail."""
    blueprint = preset("birds_wide")
    narrow = NetworkSpec("other", blueprint.input_shape, blueprint.classes, preset("birds_c1").parts)
    assert inspect_spec(narrow).parameters != PUBLISHED["birds_wide"]


def test_the_mnist_blueprint_builds_the_shipped_network_weight_by_weight():
    torch.manual_seed(3)
    ours = build_module(preset("mnist_b1"))
    torch.manual_seed(3)
    theirs = find_recipe("mnist").build()
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert all(torch.equal(a, b) for a, b in zip(ours.parameters(), theirs.parameters(), strict=True))
    torch.manual_seed(4)
    assert not torch.equal(build_module(preset("mnist_b1")).conv1.weight, theirs.conv1.weight)


def test_building_draws_from_the_callers_generator_and_from_nothing_else():
    torch.manual_seed(0)
    before = torch.get_rng_state()
    inspect_spec(preset("birds_residual"))
    assert torch.equal(torch.get_rng_state(), before)


def test_a_residual_block_is_what_its_convolution_makes_plus_what_came_in():
    torch.manual_seed(1)
    block = build_module(preset("birds_residual")).block1.double()
    x = torch.randn(2, 16, 8, 8, dtype=torch.float64)
    padded = nn.functional.pad(x, (1, 1, 1, 1))
    weight, bias = block.conv.weight, block.conv.bias
    for channel, row, col in [(0, 0, 0), (5, 3, 7), (15, 7, 4)]:
        total = (padded[0, :, row : row + 3, col : col + 3] * weight[channel]).sum() + bias[channel]
        wanted = torch.clamp(total, min=0) + x[0, channel, row, col]
        assert torch.allclose(block(x)[0, channel, row, col], wanted, atol=1e-12)
    assert not torch.allclose(block(x), torch.relu(block.conv(x) + x))  # the sum comes after the activation


def test_an_unknown_preset_names_those_that_there_are():
    with pytest.raises(KeyError, match=r"preset must be one of digits_small, mnist_b1.*got 'nope': choose one"):
        preset("nope")
