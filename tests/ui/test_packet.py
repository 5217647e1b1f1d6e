"""What the browser gets is the trace, to the last bit, whichever network it is."""

import itertools
import json
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from cnnviz.core.channel_sums import channel_sums
from cnnviz.core.layer_trace import Trace
from cnnviz.core.layers import Kind
from cnnviz.core.trace import trace
from cnnviz.models.zoo import find_recipe, network_keys
from cnnviz.web.explorer.packet import pack
from cnnviz.web.explorer.texts import explorer_texts
from cnnviz.web.selection import Selection
from tests.browser.exotic import UNKNOWN, broken, every_layer
from tests.browser.exotic import traced as traced_exotic
from tests.ui.packet_reading import array, opened


def traced(key: str = "mnist") -> Trace:
    torch.manual_seed(0)
    recipe = find_recipe(key)
    return trace(recipe.build(), np.random.default_rng(0).random(recipe.input_shape, dtype=np.float32))


@pytest.mark.parametrize("key", network_keys())
def test_every_number_travels_as_it_is(key: str):
    made = traced(key)
    header, floats = opened(pack(made, Selection(), {}))
    for sent, layer in zip(header["layers"][1:-1], made.layers, strict=True):
        np.testing.assert_array_equal(array(sent["output"], floats), layer.output)
        if layer.weight is not None:
            np.testing.assert_array_equal(array(sent["weight"], floats), layer.weight)
    np.testing.assert_array_equal(array(header["layers"][0]["output"], floats), made.image)
    np.testing.assert_array_equal(array(header["layers"][-1]["output"], floats), made.probabilities)


def test_flattened_maps_travel_once():
    header, floats = opened(pack(traced(), Selection(), {}))
    places = {layer["path"]: layer["output"]["at"] for layer in header["layers"]}
    assert places["flatten"] == places["pool2"]
    twin = {layer["path"]: layer["output"]["at"] for layer in header["layers"] if layer["path"] != "flatten"}
    assert len(set(twin.values())) == len(twin)
    assert floats.size < 80_000


@pytest.mark.parametrize(("path", "channel"), [("conv1", 3), ("conv2", 31), ("fc", 7)])
def test_an_open_sum_comes_with_its_shares(path: str, channel: int):
    made = traced()
    header, floats = opened(pack(made, Selection(path, channel), {}))
    layer = made.layers[made.position(path)]
    np.testing.assert_array_equal(array(header["detail"]["sums"], floats), channel_sums(layer, channel))


@pytest.mark.parametrize("path", [None, "input", "relu1", "pool2", "flatten", "softmax"])
def test_what_is_no_sum_has_no_shares(path: str | None):
    header, _floats = opened(pack(traced(), Selection(path), {}))
    assert header["detail"] is None


def test_a_network_that_nobody_planned_is_packed_too():
    """The explorer is drawn from the trace, not from a list of layers."""
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Conv2d(3, 4, 3, groups=1), nn.BatchNorm2d(4), nn.Tanh(), nn.AvgPool2d(2), nn.Conv2d(4, 4, 2, groups=2),
        nn.Dropout2d(), nn.Flatten(), nn.Linear(16, 5), nn.Sigmoid(), nn.Linear(5, 2),
    )  # fmt: skip
    made = trace(model, np.ones((3, 8, 8), np.float32), "own")
    header, _floats = opened(pack(made, Selection("4", 3), {}))
    assert [layer["kind"] for layer in header["layers"][1:4]] == ["convolution", "normalisation", "activation"]
    words = explorer_texts(made)["layers"]
    assert len(words) == len(header["layers"])


def test_hints_hold_the_parameter_formula():
    words = explorer_texts(traced())["layers"]
    assert "32 · (5·5·16 + 1) = 12832 parameters" in words[4]["hint"]
    assert "10 · (1568 + 1) = 15690 parameters" in words[8]["hint"]


def recomputed(layer: dict[str, Any], before: np.ndarray, floats: np.ndarray, channel: int) -> np.ndarray:
    """One output map of a convolution, from the packet alone: tap by tap, as the walk reads it."""
    weight, groups = array(layer["weight"], floats), layer["reads"][0]["groups"]
    count, width = layer["output"]["shape"][0], len(before) // groups
    group = channel // (count // groups)
    made = np.full(layer["output"]["shape"][1:], 0.0)
    made += array(layer["bias"], floats)[channel] if layer["bias"] else 0
    ys, xs = (layer["reads"][0]["axes"][axis]["sources"] for axis in ("rows", "cols"))
    for row, col in np.ndindex(made.shape):
        for (i, y), (j, x) in itertools.product(enumerate(ys[row]), enumerate(xs[col])):
            if y is None or x is None:
                continue
            for place in range(width):
                source = group * width + place
                made[row, col] += float(before[source, y, x]) * float(weight[channel, place, i, j])
    return made


EXOTIC = traced_exotic(every_layer())
CONVOLUTIONS = [layer.spec.path for layer in EXOTIC.layers if layer.spec.kind is Kind.CONVOLUTION]


@pytest.mark.parametrize("path", CONVOLUTIONS)
def test_the_browser_has_all_that_a_convolution_needs(path: str):
    header, floats = opened(pack(EXOTIC, Selection(path), {}))
    made = EXOTIC.layers[EXOTIC.position(path)]
    layer = header["layers"][EXOTIC.position(path) + 1]
    last = len(made.output) - 1
    np.testing.assert_allclose(recomputed(layer, made.input, floats, last), made.output[last], atol=1e-5)


def test_a_tap_that_reads_the_cell_beside_would_be_noticed():
    """The negative twin: sources moved by one cell give another map."""
    header, floats = opened(pack(EXOTIC, Selection("circular"), {}))
    made, layer = EXOTIC.layers[EXOTIC.position("circular")], header["layers"][EXOTIC.position("circular") + 1]
    rows = layer["reads"][0]["axes"]["rows"]
    rows["sources"] = rows["sources"][1:] + rows["sources"][:1]
    assert np.abs(recomputed(layer, made.input, floats, 0) - made.output[0]).max() > 1e-3


def test_the_taps_of_a_pooling_hold_its_largest_cell_and_its_mean():
    header, _floats = opened(pack(EXOTIC, Selection(), {}))
    for path, reduce in (("largest", np.max), ("mean", np.mean)):
        made, layer = EXOTIC.layers[EXOTIC.position(path)], header["layers"][EXOTIC.position(path) + 1]
        ys, xs = (layer["reads"][0]["axes"][axis]["sources"] for axis in ("rows", "cols"))
        for row, col in np.ndindex(made.output.shape[1:]):
            taps = [made.input[1, y, x] for y in ys[row] for x in xs[col] if y is not None and x is not None]
            assert reduce(taps) == pytest.approx(float(made.output[1, row, col]), abs=1e-6)


def test_settings_are_those_of_the_modules():
    header, _floats = opened(pack(EXOTIC, Selection(), {}))
    settings = {layer["path"]: layer.get("settings") for layer in header["layers"]}
    assert settings["transposed"]["transposed"]
    assert settings["leaky"]["slope"] == 0.2
    assert (settings["gelu"]["approximate"], settings["gelu_tanh"]["approximate"]) == ("none", "tanh")
    assert settings["norm"]["epsilon"] == 1e-5
    assert settings["dropout"]["probability"] == 0.3


def test_a_layer_that_is_not_known_travels_with_its_values_and_no_taps():
    header, floats = opened(pack(EXOTIC, Selection(UNKNOWN), {}))
    layer = next(layer for layer in header["layers"] if layer["path"] == UNKNOWN)
    assert (layer["kind"], layer["type"], layer["reads"][0]["axes"]) == ("unsupported", "Threshold", None)
    np.testing.assert_array_equal(array(layer["output"], floats), EXOTIC.layers[EXOTIC.position(UNKNOWN)].output)


def test_numbers_that_are_none_travel_and_the_header_stays_json():
    made = traced_exotic(broken())
    for path in ("depthwise", "score"):
        header, floats = opened(pack(made, Selection(path), {}))
        layer = next(layer for layer in header["layers"] if layer["path"] == path)
        np.testing.assert_array_equal(array(layer["output"], floats), made.layers[made.position(path)].output)
        text = pack(made, Selection(path), {})
        length = int.from_bytes(text[:4], "little")
        json.loads(text[4 : 4 + length], parse_constant=pytest.fail)


def test_axes_that_change_places_travel_in_their_own_order():
    """A transposed map is the same memory as the map before it, and other numbers."""
    model = nn.Sequential(nn.Conv2d(1, 2, 1), nn.Flatten(2), Turned(), nn.Linear(2, 3))
    made = trace(model.eval(), np.random.default_rng(0).random((1, 3, 4), dtype=np.float32))
    header, floats = opened(pack(made, Selection(), {}))
    for sent, layer in zip(header["layers"][1:-1], made.layers, strict=True):
        np.testing.assert_array_equal(array(sent["output"], floats), layer.output)


class Turned(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.transpose(1, 2)
