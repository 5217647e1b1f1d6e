"""Which units a pixel reaches: PyTorch's own answer to a brighter pixel, and receptive fields read backwards."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from cnnviz.core.graph import build_graph
from cnnviz.core.receptive_field import projective_field, receptive_field
from cnnviz.core.units import UnitRef

SHAPE = (2, 9, 10)


class Branches(nn.Module):
    """A shortcut, groups, joined and shuffled channels, and another size of maps."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 4, 3, padding=1)
        self.grouped = nn.Conv2d(4, 4, 3, padding=2, dilation=2, groups=2)
        self.up, self.fc = nn.ConvTranspose2d(8, 3, 3, stride=2), nn.Linear(3, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        a = self.conv(x)
        b = a + self.grouped(a)
        first, second = b.chunk(2, 1)
        c = functional.avg_pool2d(torch.cat([second, a, first], 1), 2)
        d = functional.interpolate(self.up(c), scale_factor=2)
        return self.fc(d.mean((2, 3)))


def positive(model: nn.Module) -> nn.Module:
    torch.manual_seed(0)
    for parameter in model.parameters():
        parameter.data.uniform_(0.1, 1)
    return model.double().eval()


PIXELS = [(0, 0), (8, 9), (4, 5), (3, 0)]


@pytest.mark.parametrize("pixel", PIXELS)
def test_a_unit_is_reached_where_a_brighter_pixel_changes_it(pixel: tuple[int, int]):
    graph = build_graph(positive(Branches()), SHAPE)
    image = torch.rand(1, *SHAPE, dtype=torch.float64)
    brighter = image.clone()
    brighter[:, :, pixel[0], pixel[1]] += 1
    with torch.no_grad():
        before, after = graph.program.values(image), graph.program.values(brighter)
    found = projective_field(graph, *pixel)
    for node in graph.layers:
        number = graph.position(node.name)
        changed = (before[number] != after[number])[0].numpy()
        np.testing.assert_array_equal(found[node.name].reshape(changed.shape), changed, node.name)


def test_it_is_the_receptive_field_read_backwards():
    graph = build_graph(positive(Branches()), SHAPE)
    reached = projective_field(graph, 4, 5)["grouped"]
    for place in np.ndindex(reached.shape):
        unit = UnitRef("grouped", *map(int, place))
        assert bool(receptive_field(graph, unit).exact[4, 5]) == reached[place]


def test_the_field_of_the_next_pixel_is_another():
    """The negative twin."""
    graph = build_graph(positive(Branches()), SHAPE)
    assert (projective_field(graph, 4, 5)["conv"] != projective_field(graph, 4, 6)["conv"]).any()


def test_behind_what_nobody_knows_nothing_is_claimed():
    class Odd(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.cumsum(x, 2).relu()

    found = projective_field(build_graph(Odd(), SHAPE), 0, 0)
    assert found == {"cumsum": None, "relu": None}


def test_a_pixel_outside_is_refused():
    with pytest.raises(IndexError, match="pixel must lie within 9×10, got row 9, column 0"):
        projective_field(build_graph(Branches(), SHAPE), 9, 0)
