"""A network too large to be sent: overviews of what is seen, every number of what is open; and one that stops."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torchvision import models

from cnnviz.core.layer_trace import Trace
from cnnviz.core.map_overview import furthest_from_zero
from cnnviz.core.trace import TraceError, Tracer, trace
from cnnviz.web.explorer import LARGE, explorer_packet
from cnnviz.web.explorer.graph import FIRST_MAPS
from cnnviz.web.selection import Selection, selection_from_json, selection_to_json

FIRST_PACKET = 1_500_000  # bytes: the budget
CLASSES = tuple(f"class number {at}" for at in range(1000))


@lru_cache(maxsize=2)
def resnet_18() -> Trace:
    torch.manual_seed(0)
    image = np.random.default_rng(0).normal(size=(3, 224, 224)).astype(np.float32)
    return trace(models.resnet18(weights=None).eval(), image, "resnet18")


def sent(selection: Selection, made: Trace | None = None) -> bytes:
    return explorer_packet(made or resnet_18(), selection, classes=CLASSES, verdict={}, most_bytes=LARGE)


def opened(packet: bytes) -> tuple[dict[str, Any], np.ndarray]:
    length = int.from_bytes(packet[:4], "little")
    return json.loads(packet[4 : 4 + length]), np.frombuffer(packet[4 + length :], "<f4")


def array(field: dict[str, Any], floats: np.ndarray, shape: tuple[int, ...] | None = None) -> np.ndarray:
    shape = shape or tuple(field["shape"])
    return floats[field["at"] // 4 :][: int(np.prod(shape))].reshape(shape)


def test_the_first_packet_of_resnet_18_keeps_its_budget():
    assert len(sent(Selection())) <= FIRST_PACKET
    whole = explorer_packet(resnet_18(), Selection(), classes=CLASSES, verdict={})
    assert len(whole) > 40 * FIRST_PACKET  # what it would be otherwise


def test_what_is_seen_comes_as_the_values_furthest_from_zero_of_the_most_active_maps():
    header, floats = opened(sent(Selection()))
    columns = {one["index"]: one for one in header["plan"]["columns"]}
    checked = 0
    for number, (layer, own) in enumerate(zip(header["layers"][1:-1], resnet_18().layers, strict=True), start=1):
        overview = layer["overview"]
        if number not in columns:
            assert (layer["output"], overview) == (None, None)
        elif own.output.ndim == 3:
            assert overview["channels"] == columns[number]["order"][:FIRST_MAPS]
            expected = furthest_from_zero(own.output[overview["channels"]], overview["side"])
            np.testing.assert_array_equal(array(overview, floats), expected)
            checked += 1
    assert checked == 4 + 8 + 1  # conv1 … maxpool, the folded blocks, avgpool


def test_an_open_map_comes_to_the_last_cell_with_its_kernels_and_what_it_reads():
    made = resnet_18()
    header, floats = opened(sent(Selection("layer2.0.conv2", 5, folds=frozenset({"layer2.0"}))))
    at = made.position("layer2.0.conv2")
    layer, own = header["layers"][at + 1], made.layers[at]
    np.testing.assert_array_equal(array(layer["output"], floats), own.output)
    np.testing.assert_array_equal(array(header["layers"][own.sources[0]]["output"], floats), own.input)
    assert (layer["weight"]["rows"], layer["weight"]["shape"]) == ([5], [128, 128, 3, 3])
    np.testing.assert_array_equal(array(layer["weight"], floats, (1, 128, 3, 3))[0], own.weight[5])


def test_a_small_network_travels_whole():
    model = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(144, 3)).eval()
    made = trace(model, torch.rand(1, 6, 6).numpy())
    header, _floats = opened(sent(Selection(), made))
    assert header["plan"] is None
    assert all(layer["output"] for layer in header["layers"])
    assert sent(Selection(), made) == explorer_packet(made, Selection(), classes=CLASSES, verdict={})


def test_what_the_reader_has_folded_comes_back_with_the_selection():
    chosen = Selection(folds=frozenset({"layer1", "layer2.0"}))
    assert selection_from_json(json.loads(json.dumps(selection_to_json(chosen)))) == chosen
    header, _floats = opened(sent(chosen))
    blocks = {one["path"] for one in header["plan"]["blocks"]}
    assert {"layer1"} & blocks == set()
    assert "layer2.0" in blocks
    assert header["selection"]["folds"] == ["layer1", "layer2.0"]


@pytest.mark.parametrize("folds", [None, "layer1", [3], [""], ["x" * 201], ["x"] * 201])
def test_junk_folds_nothing(folds: Any):
    assert selection_from_json({"folds": folds}).folds == frozenset()


class Broken(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv, self.fc = nn.Conv2d(1, 2, 3, padding=1), nn.Linear(width, 3)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """A sum, and a layer that does not fit it."""
        return self.fc((self.conv(maps) + maps).flatten(1))


@pytest.mark.parametrize(
    "model", [Broken(9), nn.Sequential(nn.Conv2d(1, 2, 3, padding=1), nn.Flatten(), nn.Linear(9, 3))]
)
def test_a_network_that_stops_is_shown_as_far_as_it_ran(model: nn.Module):
    image = torch.rand(1, 4, 4).numpy()
    with pytest.raises(TraceError):
        Tracer(model)(image)
    made = Tracer(model).as_far_as_it_runs(image)
    assert made.layers[-1].output.shape == (32,)
    assert made.stopped.startswith("layer fc refused" if isinstance(model, Broken) else "layer 2 refused")
    header, _floats = opened(sent(Selection(), made))
    assert header["stopped"] == made.stopped
    assert [layer["path"] for layer in header["layers"]][-1] == made.layers[-1].spec.path
    assert not any(layer["classes"] for layer in header["layers"])


def test_a_network_that_runs_does_not_stop():
    image = torch.rand(1, 4, 4).numpy()
    whole = Tracer(Broken(32)).as_far_as_it_runs(image)
    assert (whole.stopped, whole.logits.shape) == ("", (3,))


def shown_after(selection: Selection, before: Selection) -> tuple[dict[str, Any], int]:
    packet = explorer_packet(
        resnet_18(), selection, classes=CLASSES, verdict={}, most_bytes=LARGE, with_weights=False, shown=before
    )
    return opened(packet)[0]["layers"][resnet_18().position("fc") + 1], len(packet)


def test_a_vector_opens_with_the_weights_of_one_entry_and_all_of_them_come_with_its_steps():
    units, each = resnet_18().layers[-1].weight.shape
    opening, size = shown_after(Selection("fc"), Selection())
    assert (opening["weight"]["rows"], opening["weights_come"]) == ([0], True)
    assert size < 4 * units * each / 10
    stepping, _size = shown_after(Selection("fc", 0, 5, 0), Selection("fc"))
    assert stepping["weight"]["shape"] == [units, each]
    assert "rows" not in stepping["weight"]
    going_on, size = shown_after(Selection("fc", 0, 6, 0), Selection("fc", 0, 5, 0))
    assert "weight" not in going_on  # the browser has them
    assert size < 4 * units * each / 10
