"""Two traces as one packet: both as the explorer has them, differences to the bit, as much as was sent of both."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn
from torchvision import models

from cnnviz.core.layer_trace import Trace
from cnnviz.core.trace import Tracer, trace
from cnnviz.models.builder import build_module, preset
from cnnviz.web.comparison.packet import ComparedSide, comparison_packet
from cnnviz.web.selection import Selection
from tests.ui.packet_reading import array, opened

VERDICT = {"status": "answer", "answer": "0", "headline": "", "detail": ""}


def side(shown: Trace) -> ComparedSide:
    names = tuple(str(at) for at in range(len(shown.probabilities)))
    return ComparedSide(shown, "<b>=cmd</b>", names, VERDICT)


def packed(one: Trace, other: Trace, selection: Selection | None = None) -> tuple[dict[str, Any], np.ndarray]:
    return opened(comparison_packet(side(one), side(other), selection or Selection()))


def explorer_of(header: dict[str, Any], floats: np.ndarray, at: int) -> tuple[dict[str, Any], np.ndarray]:
    field = header["sides"][at]["packet"]
    return opened(floats.tobytes()[field["at"] : field["at"] + field["shape"][0]])


def small(seed: int) -> nn.Module:
    torch.manual_seed(seed)
    return build_module(preset("birds_c1")).eval()


def images(shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(0).random((2, *shape), np.float32)


def test_every_difference_of_a_small_network_travels_and_is_b_minus_a():
    shown = images((3, 32, 32))
    one, other = trace(small(0), shown[0]), trace(small(0), shown[1])
    header, floats = packed(one, other)
    assert header["is_alike"] is True
    for pair, before, after in zip(header["pairs"][1:-1], one.layers, other.layers, strict=True):
        wanted = after.output.astype(np.float64) - before.output.astype(np.float64)
        assert pair["path"] == before.spec.path
        np.testing.assert_array_equal(array(pair["difference"], floats), wanted.astype(np.float32))
        assert pair["reach"] == np.abs(wanted.astype(np.float32)).max()
        assert pair["largest"]["value"] == wanted.flat[np.abs(wanted).argmax()]
    for at, shown_side in enumerate((one, other)):
        explorer, own = explorer_of(header, floats, at)
        np.testing.assert_array_equal(array(explorer["layers"][1]["output"], own), shown_side.layers[0].output)


def test_both_sides_have_the_colour_ranges_of_both():
    shown = images((3, 32, 32))[0]
    header, floats = packed(trace(small(0), shown), trace(small(1), shown))
    sides = [explorer_of(header, floats, at)[0]["layers"][1:-1] for at in (0, 1)]
    for one, other in zip(*sides, strict=True):
        assert one["ranges"]["layer"] == other["ranges"]["layer"]
        assert one["range_group"] == other["range_group"]


def test_of_a_large_network_both_sides_show_the_same_maps_and_the_open_difference_travels():
    torch.manual_seed(0)
    tracer = Tracer(models.resnet18(weights=None).eval(), "resnet18")
    one, other = (tracer(image) for image in images((3, 64, 64)))
    header, floats = packed(one, other, Selection("conv1", 5))
    pairs = {pair["path"]: pair for pair in header["pairs"]}
    wanted = other.layers[0].output - one.layers[0].output
    np.testing.assert_array_equal(array(pairs["conv1"]["difference"], floats), wanted)
    assert pairs["layer2.0.conv1"]["difference"] is None
    assert pairs["layer2.0.conv1"]["largest"]["value"] != 0
    sides = [explorer_of(header, floats, at)[0]["layers"] for at in (0, 1)]
    shown = [[layer["overview"]["channels"] for layer in layers if layer.get("overview")] for layers in sides]
    assert shown[0] == shown[1]
    assert len(shown[0]) > 5
    alone = opened_alone(other)
    assert alone != shown[1], "alone B would show its own most active maps"


def opened_alone(shown: Trace) -> list[list[int]]:
    header, floats = packed(shown, shown, Selection("conv1", 5))
    layers = explorer_of(header, floats, 1)[0]["layers"]
    return [layer["overview"]["channels"] for layer in layers if layer.get("overview")]
