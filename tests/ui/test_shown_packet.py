"""A map is opened on the short way: by the image's token, and of what is shown already only what is new comes."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from cnnviz.core.edits.comparison import SingleTrace
from cnnviz.core.layer_trace import Trace
from cnnviz.core.per_trace import once_per_trace
from cnnviz.core.trace import trace
from cnnviz.models.importers.sources import usual_source, with_settings
from cnnviz.ui.app import route_paths, routes
from cnnviz.ui.app.caches import trained_network
from cnnviz.ui.app.table_images import ImageGone, keep_image
from cnnviz.ui.your_network import opened as networks
from cnnviz.web.explorer import LARGE, explorer_packet
from cnnviz.web.selection import Selection, selection_to_json

SIDE = 96
VIEWS = [
    (Selection(), Selection("conv1", 3)),
    (Selection("conv1", 3), Selection("conv1", 7)),
    (Selection("conv1", 3), Selection("maxpool", 2)),
    (Selection("maxpool", 2), Selection()),
    (Selection(), Selection("layer1.0.conv2", 5)),
    (Selection("layer1.0.conv2", 5), Selection(folds=frozenset({"layer2"}))),
    (Selection("fc", row=2, col=0), Selection("layer4.1.conv2", 1)),
]


@pytest.fixture(scope="module")
def network() -> str:
    return networks.put_source(with_settings(usual_source("resnet18"), side=SIDE))


@pytest.fixture(scope="module")
def image() -> np.ndarray:
    return np.random.default_rng(0).random((3, SIDE, SIDE), dtype=np.float32)


@pytest.fixture(scope="module")
def made(network: str, image: np.ndarray) -> Trace:
    return trained_network(network).tracer(image)


def opened(packet: bytes) -> tuple[dict[str, Any], np.ndarray]:
    length = int.from_bytes(packet[:4], "little")
    return json.loads(packet[4 : 4 + length]), np.frombuffer(packet[4 + length :], "<f4")


def sent(made: Trace, selection: Selection, shown: Selection | None = None) -> bytes:
    return explorer_packet(made, selection, classes=(), verdict={}, most_bytes=LARGE, shown=shown)


def with_values(value: Any, floats: np.ndarray) -> Any:
    """The header with the numbers of each array in the place of where they lie."""
    if isinstance(value, list):
        return [with_values(one, floats) for one in value]
    if not isinstance(value, dict):
        return value
    found = {name: with_values(one, floats) for name, one in value.items() if name != "at"}
    if "at" in value:
        count = int(np.prod(value["shape"][1:])) * len(value["rows"]) if "rows" in value else np.prod(value["shape"])
        found["values"] = floats[value["at"] // 4 :][: int(count)].tolist() if "bytes" not in value else None
    return found


@pytest.mark.parametrize(("before", "after"), VIEWS)
def test_what_is_new_and_what_was_shown_make_the_whole_packet(made: Trace, before: Selection, after: Selection):
    shown, whole, news = (
        with_values(*opened(packet)) for packet in (sent(made, before), sent(made, after), sent(made, after, before))
    )
    for old, new, wanted in zip(shown["layers"], news["layers"], whole["layers"], strict=True):
        joined = old | new
        more = {"weight", "bias", "mean", "variance", "weight_range", "operands", "training"}  # may stay from before
        is_seen = bool(wanted["output"] or wanted.get("overview"))
        for name in wanted.keys() - more - (set() if is_seen else {"ranges", "overview"}):
            assert joined[name] == wanted[name], (wanted["path"], name)
        if wanted["path"] == after.layer:
            assert {name: joined[name] for name in wanted} == wanted
    assert (news["detail"], news["terms"], news["winners"]) == (whole["detail"], whole["terms"], whole["winners"])
    plan = news.get("plan") or shown["plan"]
    activity = news.get("activity", {})
    columns = [one | {"activity": activity.get(str(one["index"]), None)} for one in plan["columns"]]
    assert (columns if "plan" not in news else plan["columns"]) == whole["plan"]["columns"]


def test_a_map_comes_without_the_rest_of_the_network(made: Trace):
    whole, news = sent(made, Selection("maxpool", 2)), sent(made, Selection("maxpool", 2), Selection())
    own = made.layers[made.position("maxpool")]
    assert len(news) < 4 * (own.output.size + own.input.size) + 60_000  # this layer, what it reads, and few words
    assert len(whole) > len(news) + 400_000


def asked(network: str, token: object, selection: Selection, shown: Selection) -> bytes:
    question = {"network": network, "seen": token, "selection": selection_to_json(selection),
                "shown": selection_to_json(shown)}  # fmt: skip
    answer = routes.answer_to(route_paths.LOOK, json.dumps(question).encode())
    return answer[4 : 4 + int.from_bytes(answer[:4], "little")]


def test_the_short_way_answers_by_the_token_and_says_to_what(network: str, image: np.ndarray, made: Trace):
    token, shown = keep_image(image), Selection()
    header, floats = opened(asked(network, token, Selection("conv1", 3), shown))
    at = 1 + made.position("conv1")
    np.testing.assert_array_equal(with_values(header, floats)["layers"][at]["output"]["values"],
                                  made.layers[at - 1].output.ravel())  # fmt: skip
    assert header["answers"] == {"seen": token, "shown": selection_to_json(shown)}
    assert "texts" not in header


@pytest.mark.parametrize("token", ["", None, "0" * 48, 3, ["a"]])
def test_a_token_that_names_no_image_is_refused(network: str, token: object):
    with pytest.raises(ImageGone, match="not here any more"):
        asked(network, token, Selection("conv1"), Selection())


def test_the_token_of_an_image_of_another_network_is_refused(network: str):
    with pytest.raises(ImageGone, match="not one of this network"):
        asked(network, keep_image(np.zeros((1, 28, 28), np.float32)), Selection("conv1"), Selection())


def test_a_token_says_nothing_of_the_image_and_the_same_image_has_the_same():
    one, same, other = (np.full((1, 2, 2), value, np.float32) for value in (0, 0, 1))
    assert keep_image(one) == keep_image(same) != keep_image(other)
    assert keep_image(one.reshape(1, 4, 1)) != keep_image(one)


def test_scales_are_found_once_for_a_trace():
    made = trace(nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU()).eval(), torch.rand(1, 5, 5).numpy())
    assert SingleTrace(made).scales() is SingleTrace(made).scales()
    calls: list[int] = []
    count = once_per_trace(lambda trace, more: calls.append(more) or len(trace.layers) + more)
    assert [count(made, 1), count(made, 1), count(made, 2)] == [3, 3, 4]
    assert calls == [1, 2]
