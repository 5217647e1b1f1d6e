"""Fields by hand, from published tables, and how strongly pixels count."""

import copy

import numpy as np
import pytest
import torch
from torch import nn
from torchvision import models

from cnnviz.core.graph import build_graph
from cnnviz.core.receptive_field import (
    Box,
    FieldStatus,
    Reason,
    effective_field,
    layer_receptive_fields,
    receptive_field,
)
from cnnviz.core.receptive_field.effective import central_indices
from cnnviz.core.units import UnitRef
from cnnviz.models.zoo import find_recipe


def formula(model: nn.Module, shape: tuple[int, int, int], layer: str) -> tuple[int, int, int]:
    """(size, jump, padding) on rows, as the tables print them."""
    sight = layer_receptive_fields(build_graph(model, shape))[layer]
    assert sight.size[0] == sight.size[1]
    return sight.size[0], sight.jump[0], -sight.start[0]


def conv(kernel: int, padding: int = 0, **more) -> nn.Conv2d:
    return nn.Conv2d(1, 1, kernel, padding=padding, **more)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([conv(5), nn.MaxPool2d(2), conv(5), nn.MaxPool2d(2)], (16, 4, 0)),
        ([conv(3, 1), conv(3, 1), nn.MaxPool2d(2), conv(3, 1), conv(3, 1), nn.MaxPool2d(2)], (16, 4, 6)),
        ([conv(3, 1), conv(3, dilation=2, padding=2), conv(3, dilation=3, padding=3)], (1 + 2 + 4 + 6, 1, 6)),
        ([conv(5, 2), nn.MaxPool2d(2), conv(5, 2), nn.MaxPool2d(3, 3)], (18, 6, 6)),
    ],
)
def test_published_fields_of_small_networks(rows: list[nn.Module], expected: tuple[int, int, int]):
    """Araujo, Norris, Sim 2019; the third is published without padding, which moves only the start."""
    assert formula(nn.Sequential(*rows), (1, 64, 64), str(len(rows) - 1)) == expected


def unbuilt(name: str) -> nn.Module:
    with torch.device("meta"):
        return models.get_model(name, weights=None).eval()


def test_published_fields_of_vgg16_layer_by_layer():
    found = layer_receptive_fields(build_graph(unbuilt("vgg16"), (3, 224, 224)))
    published = {
        0: (3, 1, 1), 4: (6, 2, 2), 5: (10, 2, 4), 9: (16, 4, 6), 10: (24, 4, 10), 12: (32, 4, 14), 16: (44, 8, 18),
        17: (60, 8, 26), 19: (76, 8, 34), 23: (100, 16, 42), 24: (132, 16, 58), 26: (164, 16, 74), 30: (212, 32, 90),
    }  # fmt: skip
    for place, expected in published.items():
        sight = found[f"features.{place}"]
        assert (sight.size[0], sight.jump[0], -sight.start[0], sight.status) == (*expected, FieldStatus.EXACT)


def alexnet(first_padding: int) -> nn.Sequential:
    layers = [conv(11, first_padding, stride=4), nn.MaxPool2d(3, 2), conv(5, 2), nn.MaxPool2d(3, 2)]
    return nn.Sequential(*layers, conv(3, 1), conv(3, 1), conv(3, 1), nn.MaxPool2d(3, 2))


def test_alexnet_as_published_and_as_torchvision_has_it():
    """The paper's first layer has no padding; torchvision pads by 2, which every later start shows."""
    published = [
        (11, 4, 0),
        (19, 8, 0),
        (51, 8, 16),
        (67, 16, 16),
        (99, 16, 32),
        (131, 16, 48),
        (163, 16, 64),
        (195, 32, 64),
    ]
    found = layer_receptive_fields(build_graph(alexnet(0), (1, 227, 227)))
    assert [(s.size[0], s.jump[0], -s.start[0]) for name, s in found.items() if name != "input"] == published
    assert formula(unbuilt("alexnet"), (3, 224, 224), "features.12") == (195, 32, 64 + 2)


def test_a_strided_convolution_under_a_small_one_sees_five_pixels():
    """Worked example C8: 3×3 with stride 2, then 2×2: 3 + (2 − 1)·2 = 5; with stride 1 below, 4."""
    assert formula(nn.Sequential(conv(3, stride=2), conv(2)), (1, 9, 9), "1") == (5, 2, 0)
    assert formula(nn.Sequential(conv(3), conv(2)), (1, 9, 9), "1") == (4, 1, 0)


def test_all_earlier_layers_answer_at_once():
    graph = build_graph(find_recipe("mnist").build(), (1, 28, 28))
    made = receptive_field(graph, UnitRef("pool2", 0, 3, 3))
    spans = {name: (seen.clipped.rows, len(seen.rows)) for name, seen in made.earlier.items()}
    assert spans == {
        "relu2": (range(6, 8), 2), "conv2": (range(6, 8), 2), "pool1": (range(4, 10), 6),
        "relu1": (range(8, 20), 12), "conv1": (range(8, 20), 12),
    }  # fmt: skip
    assert made.reach == Box(range(6, 22), range(6, 22))
    assert made.status is FieldStatus.EXACT
    assert made.reasons == ()


def one_field(rows: list[nn.Module], side: int, row: int, col: int, channel: int = 0):
    layer = str(len(rows) - 1)
    return receptive_field(build_graph(nn.Sequential(*rows), (1, side, side)), UnitRef(layer, channel, row, col))


def test_a_unit_over_padding_sees_nothing_and_says_so():
    made = one_field([nn.Conv2d(1, 1, 1, padding=2)], 5, 0, 0)
    assert made.status is FieldStatus.PADDING_ONLY
    assert made.reach.is_empty
    assert not made.exact.any()
    assert made.sentence.startswith("Nothing of the image: this unit reads only padding.")


def test_a_formula_sees_through_padding_and_the_unit_does_not():
    """The formula takes the padding of the second layer for units of the first, and these for pixels."""
    made = one_field([conv(3), nn.Conv2d(1, 1, 1, padding=1)], 6, 0, 3)
    assert made.reach == Box(range(0, 2), range(2, 5))
    assert made.status is FieldStatus.PADDING_ONLY
    assert made.reasons == (Reason.PADDING,)


def test_columns_that_a_stride_leaves_over_are_named():
    made = one_field([conv(3, stride=2), conv(3, 1)], 6, 1, 1)
    assert made.reach == Box(range(0, 6), range(0, 6))
    assert made.image.rows == (0, 1, 2, 3, 4)
    assert (made.status, made.reasons) == (FieldStatus.BOUND, (Reason.LEFTOVER,))


def test_holes_are_named():
    made = one_field([conv(3, dilation=2)], 9, 2, 2)
    assert made.image.rows == made.image.cols == (2, 4, 6)
    assert (made.status, made.reasons) == (FieldStatus.BOUND, (Reason.HOLES,))
    assert one_field([conv(1, stride=2), conv(2)], 9, 1, 1).reasons == (Reason.HOLES,)


def test_channels_that_see_less_are_named():
    class Two(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = conv(1), conv(3, 1)

        def forward(self, x):
            return torch.cat([self.a(x), self.b(x)], dim=1)

    graph = build_graph(Two(), (1, 7, 7))
    small, large = (receptive_field(graph, UnitRef("cat", channel, 3, 3)) for channel in (0, 1))
    assert (small.status, small.reasons, int(small.exact.sum())) == (FieldStatus.BOUND, (Reason.CHANNELS,), 1)
    assert (large.status, large.reasons, int(large.exact.sum())) == (FieldStatus.EXACT, (), 9)
    assert layer_receptive_fields(graph)["cat"].status is FieldStatus.BOUND
    assert layer_receptive_fields(graph)["cat"].size == (3, 3)


class Sum(nn.Module):
    def __init__(self, one: nn.Module, other: nn.Module) -> None:
        super().__init__()
        self.one, self.other = one, other

    def forward(self, x):
        return self.one(x) + self.other(x)


def test_branches_around_one_centre_are_aligned_and_the_largest_counts():
    sight = layer_receptive_fields(build_graph(Sum(conv(5, 2), conv(3, 1)), (1, 9, 9)))["add"]
    assert (sight.size, sight.status, sight.is_aligned) == ((5, 5), FieldStatus.EXACT, True)


def test_branches_around_different_centres_are_reported():
    shifted = nn.Sequential(nn.ZeroPad2d((2, 0, 2, 0)), conv(3))
    graph = build_graph(Sum(shifted, conv(3, 1)), (1, 9, 9))
    sight = layer_receptive_fields(graph)["add"]
    assert (sight.size, sight.is_aligned, sight.status) == ((4, 4), False, FieldStatus.BOUND)
    made = receptive_field(graph, UnitRef("add", 0, 4, 4))
    assert made.reasons == (Reason.BRANCHES,)
    assert int(made.exact.sum()) == 9 + 9 - 4


def test_branches_with_different_jumps_have_no_formula():
    sight = layer_receptive_fields(build_graph(Sum(conv(1, stride=2), conv(5)), (1, 9, 9)))["add"]  # both give 5×5
    assert not sight.is_aligned
    assert (sight.jump, sight.start, sight.window) == (None, None, None)
    assert sight.status is FieldStatus.BOUND


@pytest.mark.parametrize("layer", ["fc", "avgpool", "layer1.0.add"])
def test_one_layer_that_sees_everything_does_not_change_those_before(layer: str):
    found = layer_receptive_fields(build_graph(unbuilt("resnet18"), (3, 64, 64)))
    expected = FieldStatus.EXACT if layer.endswith("add") else FieldStatus.WHOLE_IMAGE
    assert found[layer].status is expected


def test_squeeze_and_excitation_lets_every_unit_see_everything():
    found = layer_receptive_fields(build_graph(unbuilt("mobilenet_v3_small"), (3, 64, 64)))
    assert found["features.0.0"].status is FieldStatus.EXACT
    assert found["features.1.block.1.mul"].status is FieldStatus.WHOLE_IMAGE
    assert found["features.12.0"].size == (64, 64)


# How strongly.
def gradient_map(model: nn.Module, image: np.ndarray, index: tuple[int, ...]) -> np.ndarray:
    """By central differences in float64: no autograd."""
    twin = copy.deepcopy(model).double().eval()
    found = np.zeros(image.shape)
    with torch.no_grad():
        for place in np.ndindex(image.shape):
            step = torch.zeros(image.shape, dtype=torch.float64)
            step[place] = 1e-6
            plain = torch.tensor(image, dtype=torch.float64)
            found[place] = float((twin((plain + step)[None]) - twin((plain - step)[None]))[(0, *index)] / 2e-6)
    return np.abs(found).sum(axis=0)


def test_the_effective_field_is_the_size_of_central_differences():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(2, 3, 3), nn.Tanh(), nn.Conv2d(3, 2, 3))
    image = np.random.default_rng(0).random((2, 7, 7)).astype(np.float32)
    expected = gradient_map(model, image, (1, 1, 2))
    made = effective_field(build_graph(model, (2, 7, 7)), UnitRef("2", 1, 1, 2), image)
    np.testing.assert_allclose(made.weights, expected / expected.sum(), atol=1e-5)
    turned = effective_field(build_graph(model, (2, 7, 7)), UnitRef("2", 1, 2, 1), image)  # the negative twin
    assert np.abs(turned.weights - expected / expected.sum()).max() > 1e-2


def variance(weights: np.ndarray) -> float:
    """In pixels²; the weights sum up to 1."""
    places = np.arange(len(weights))
    return float((weights * (places - (weights * places).sum()) ** 2).sum())


@pytest.mark.parametrize(("depth", "kernel"), [(2, 3), (5, 3), (4, 5), (10, 3)])
def test_uniform_weights_spread_as_luo_and_others_say(depth: int, kernel: int):
    """Variance n·(k² − 1) / 12 on each axis."""
    rows = [nn.Conv2d(1, 1, kernel, padding=kernel // 2, bias=False) for _layer in range(depth)]
    model = nn.Sequential(*rows)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(1 / kernel**2)
    made = effective_field(
        build_graph(model, (1, 45, 45)), UnitRef(str(depth - 1), 0, 22, 22), np.zeros((1, 45, 45), np.float32)
    )
    spread = [variance(made.weights.sum(axis=axis)) for axis in (1, 0)]
    assert spread == pytest.approx([depth * (kernel**2 - 1) / 12] * 2, rel=1e-4)
    assert spread != pytest.approx([((depth * (kernel - 1) + 1) ** 2 - 1) / 12] * 2, rel=1e-2)  # were it flat


def test_most_of_the_gradient_lies_in_the_middle_of_the_reach():
    model = nn.Sequential(*(nn.Conv2d(1, 1, 3, padding=1, bias=False) for _layer in range(8)))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(1.0)
    graph, unit = build_graph(model, (1, 33, 33)), UnitRef("7", 0, 16, 16)
    made, reach = effective_field(graph, unit, np.ones((1, 33, 33), np.float32)), receptive_field(graph, unit).reach
    assert made.share_within(reach) == pytest.approx(1)
    assert made.share_within(central_indices(reach)) > 0.85  # a quarter of the area


def test_the_mean_over_images_is_the_mean_of_each():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.Tanh(), nn.Conv2d(4, 1, 3))
    images = np.random.default_rng(1).random((3, 1, 8, 8)).astype(np.float32)
    total = sum(gradient_map(model, image, (0, 1, 1)) for image in images)
    made = effective_field(build_graph(model, (1, 8, 8)), UnitRef("2", 0, 1, 1), images)
    np.testing.assert_allclose(made.weights, total / total.sum(), atol=1e-5)
    assert made.images == 3


def test_a_unit_that_nothing_moves_is_silent_and_has_no_share():
    model = nn.Sequential(nn.Conv2d(1, 1, 3, bias=False), nn.ReLU())
    with torch.no_grad():
        model[0].weight.fill_(-1.0)
    made = effective_field(build_graph(model, (1, 5, 5)), UnitRef("1", 0, 1, 1), np.ones((1, 5, 5), np.float32))
    assert made.is_silent
    assert made.share_within(Box(range(5), range(5))) is None


def test_images_of_another_shape_are_refused_in_one_sentence():
    graph = build_graph(nn.Sequential(nn.ReLU()), (1, 5, 5))
    with pytest.raises(ValueError, match=r"^images must be of shape 1×5×5, got 1×6×5: prepare them for this network$"):
        effective_field(graph, UnitRef("0"), np.ones((1, 6, 5), np.float32))


def test_a_unit_that_there_is_not_is_refused():
    graph = build_graph(nn.Sequential(nn.ReLU()), (1, 5, 5))
    with pytest.raises(IndexError, match="unit must lie within 0, of shape 1×5×5, got channel 0, row 5"):
        receptive_field(graph, UnitRef("0", 0, 5, 0))


def test_answers_are_read_only():
    made = receptive_field(build_graph(nn.Sequential(nn.ReLU()), (1, 5, 5)), UnitRef("0"))
    with pytest.raises(ValueError, match="read-only"):
        made.exact[0, 0] = False
