"""What can be looked at, and the nearest view that exists when a link asks for more."""

import numpy as np
import pytest

from cnnviz.core.trace import trace
from cnnviz.models.zoo import find_recipe
from cnnviz.web.selection import Panel, Selection, selection_from_json, selection_to_json, shapes


@pytest.fixture(scope="module")
def traced():
    return trace(find_recipe("mnist").build(), np.zeros((1, 28, 28), np.float32))


def test_input_layers_and_probabilities_can_be_opened(traced):
    found = shapes(traced)
    assert list(found) == ["input", "conv1", "relu1", "pool1", "conv2", "relu2", "pool2", "flatten", "fc", "softmax"]
    assert found["conv2"] == (32, 14, 14)
    assert found["flatten"] == (1, 1568, 1)
    assert found["fc"] == found["softmax"] == (10, 1, 1)


@pytest.mark.parametrize(
    ("asked", "depth"),
    [
        (Selection("conv1", 15, 27, 27), 2),
        (Selection("conv1", 15, 28, 27), 1),
        (Selection("conv1", 16), 0),
        (Selection("conv9", 0), 0),
        (Selection("flatten", 0, 1567, 0), 2),
        (Selection("fc", 9), 1),
        (Selection(), 0),
    ],
)
def test_the_nearest_view_that_exists_is_shown(traced, asked: Selection, depth: int):
    assert asked.within(traced).depth == depth


def test_colours_are_kept_when_the_layer_does_not_exist(traced):
    from cnnviz.core.colour_ranges import RangeScope

    assert Selection("conv9", scope=RangeScope.MAP).within(traced).scope is RangeScope.MAP


def test_panels_are_kept_when_the_layer_does_not_exist_and_what_is_no_panel_is_nothing(traced):
    asked = selection_from_json({"layer": "conv9", "panels": ["sees", "no such", 3]})
    assert asked.within(traced).panels == {Panel.SEES}
    assert selection_from_json({"panels": "sees"}).panels == selection_from_json({"panels": 7}).panels == frozenset()
    assert selection_to_json(asked)["panels"] == ["sees"]
