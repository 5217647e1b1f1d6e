"""A run of the page sends only what the browser does not show; what is on another screen, it does not count on."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import pytest

from cnnviz.data.rasterize import PreparedImage
from cnnviz.i18n import in_language
from cnnviz.models.importers.sources import usual_source
from cnnviz.ui.app.caches import trained_network
from cnnviz.ui.draw.show import compute_shown
from cnnviz.ui.your_network.opened import put_source
from cnnviz.web.edits.state import EditsState, edits_state_from_json
from cnnviz.web.explorer.on_screen import OnScreen, on_screen_from_json
from cnnviz.web.selection import Selection, selection_to_json

FEW = 40_000  # bytes: what is said of a network, without numbers
WHOLE, OPENED = Selection(), Selection("layer1.0.conv1", 3)


@lru_cache(maxsize=1)
def large() -> str:
    return put_source(usual_source("resnet18"))


def image(shape: tuple[int, ...], seed: int = 0) -> PreparedImage:
    return PreparedImage(np.random.default_rng(seed).normal(size=shape).astype(np.float32), (), True, False)


def sent(network: str, selection: Selection, seed: int = 0, **rest: Any) -> tuple[dict[str, Any], int]:
    """The header of a packet, and the bytes of all."""
    shape = (1, 28, 28) if network == "mnist" else (3, 224, 224)
    rest = {"surgery": EditsState()} | rest
    packet = compute_shown(image(shape, seed), selection, network=network, **rest).explorer
    return json.loads(packet[4 : 4 + int.from_bytes(packet[:4], "little")]), len(packet)


def screen(header: dict[str, Any]) -> OnScreen:
    """What a browser says that shows a packet: as JSON, there and back."""
    said = {"mark": "m:1", "key": header["key"], "selection": header["selection"]}
    found = on_screen_from_json(json.loads(json.dumps(said)))
    assert found is not None
    return found


@pytest.mark.parametrize("network", [large, lambda: "mnist"])
@pytest.mark.parametrize("name", ["layer1.0.conv1", "conv2"])
def test_of_what_is_on_the_screen_no_number_travels_again(network: Callable[[], str], name: str):
    key = network()
    if (name == "conv2") != (key == "mnist"):
        return
    first, size = sent(key, Selection(name, 3))
    again, few = sent(key, Selection(name, 3), on_screen=screen(first))
    assert few < FEW < size
    assert "layers" not in again
    assert "texts" not in again
    assert (again["builds_on"], again["selection"]) == ("m:1", first["selection"])
    assert (again["link"], again["verdict"], again["key"]) == (first["link"], first["verdict"], first["key"])


def test_of_a_layer_that_is_opened_in_a_large_network_only_its_own_numbers_travel():
    first, _size = sent(large(), WHOLE)
    whole, most = sent(large(), OPENED)
    news, size = sent(large(), OPENED, on_screen=screen(first))
    at = [layer.get("path") for layer in whole["layers"]].index(OPENED.layer)
    assert news["builds_on"] == "m:1"
    assert size < most - 400_000  # the overviews of all other columns
    assert news["layers"][at]["output"]["shape"] == whole["layers"][at]["output"]["shape"]
    assert sum("output" not in layer and "overview" not in layer for layer in news["layers"]) > 30


def test_a_cell_that_is_held_sends_no_term_of_its_map_again():
    first, _size = sent(large(), OPENED)
    held = Selection(OPENED.layer, OPENED.channel, 5, 6)
    news, size = sent(large(), held, on_screen=screen(first))
    assert news["detail"]["sums"]["rows"] == []
    assert size < FEW
    other, _size = sent(large(), Selection(OPENED.layer, 4), on_screen=screen(first))  # the twin: another map
    assert "rows" not in other["detail"]["sums"]


def test_what_is_on_another_screen_is_not_counted_on():
    here, size = sent("mnist", WHOLE)
    on_screen = screen(here)
    edited = edits_state_from_json({"done": "off.1.conv1", "view": "after"}, _anatomy())
    with in_language("en"):
        assert sent("mnist", WHOLE, on_screen=on_screen)[1] < FEW
    for rest in ({"seed": 1}, {"surgery": edited}):
        header, whole = sent("mnist", WHOLE, on_screen=on_screen, **rest)
        assert "builds_on" not in header
        assert {"texts", "palettes", "classes"} <= header.keys()
        assert whole > size / 2
    of_another = OnScreen("m:1", on_screen.key.replace("mnist", "xo"), WHOLE)
    assert "builds_on" not in sent("mnist", WHOLE, on_screen=of_another)[0]


def _anatomy() -> Any:
    return trained_network("mnist").anatomy


ODD = [None, 3, [], {}, {"mark": 1, "key": "[]", "selection": {}}, {"mark": "m", "key": "[1]", "selection": {}},
       {"mark": "m" * 65, "key": json.dumps([0] * 8), "selection": {}}, {"mark": "m", "key": json.dumps([0] * 8)},
       {"mark": "m", "key": "[" * 5000, "selection": {}}]  # fmt: skip


@pytest.mark.parametrize("said", ODD)
def test_what_a_browser_cannot_mean_is_nothing(said: Any):
    assert on_screen_from_json(said) is None


def test_a_key_of_odd_things_is_another_view():
    key = json.dumps([{}, [], 1, None, 2, 3, 4, 5])
    said = on_screen_from_json({"mark": "m", "key": key, "selection": {"row": "x"}})
    assert said is not None
    header, _size = sent("mnist", WHOLE, on_screen=said)
    assert "builds_on" not in header
    assert selection_to_json(said.selection)["row"] is None
