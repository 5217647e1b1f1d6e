"""A link says what stands on side B of a comparison: the same network comes back, or it is said what is missing."""

from __future__ import annotations

import io

import pytest
import torch

from cnnviz.data.sample_drawings import DIGIT_SAMPLES
from cnnviz.models.builder import build_module, preset
from cnnviz.models.importers.sources import NetworkSource, usual_source
from cnnviz.models.zoo import own_key
from cnnviz.ui.app.links import COMPARISON_NAMES, SIDE_B, image_to_link, unpack_sketch
from cnnviz.ui.comparison.comparison_state import NotComparable
from cnnviz.ui.comparison.linked_comparison import network_of_link, of_side_b
from cnnviz.ui.comparison.networks_beside import open_beside, random_weights
from cnnviz.ui.your_network import opened
from cnnviz.ui.your_network.linked_reading import reading_from_link, reading_to_link

MEAN, STD = (1 / 3,), (0.1 + 0.2,)


@pytest.fixture(scope="module")
def weights() -> bytes:
    torch.manual_seed(7)
    file = io.BytesIO()
    torch.save(build_module(preset("mnist_b1")).state_dict(), file)
    return file.getvalue()


def said_of(source: NetworkSource) -> dict[str, str]:
    """What a link says of a network on side A."""
    key = opened.put_source(source)
    return {"network": key} | reading_to_link(key)


def on_side_b(said: dict[str, str]) -> dict[str, str]:
    return {f"{name}{SIDE_B}": value for name, value in said.items()}


def forget(key: str) -> None:
    opened._OPENED.pop(key)


def test_the_sides_of_a_link_do_not_mix():
    query = {"network": "xo", "layer": "conv1"} | on_side_b({"network": "mnist", "mean": "0.5"})
    assert of_side_b(query) == {"network": "mnist", "mean": "0.5"}


def test_a_network_of_ours_and_one_that_is_open_are_found(weights: bytes):
    found = network_of_link({"network": "xo"})
    assert found is not None
    assert (found.key, found.data) == ("xo", None)
    said = said_of(NetworkSource("one.pth", weights, architecture="mnist_b1", mean=MEAN, std=STD))
    found = network_of_link(said)
    assert found is not None
    assert found.key == said["network"]
    forget(found.key)
    assert found.open() == found.key, "whoever has it keeps what it is opened from"


def test_random_weights_are_opened_from_the_link_alone():
    said = said_of(usual_source("mnist_b1"))
    forget(said["network"])
    found = network_of_link(said)
    assert found is not None
    assert found.key == said["network"]
    assert [one.key for one in random_weights("mnist")] == [found.key]


def test_of_a_file_it_is_said_what_to_bring_and_the_file_is_read_as_the_link_says(weights: bytes):
    said = said_of(NetworkSource("one.pth", weights, architecture="mnist_b1", mean=MEAN, std=STD))
    forget(said["network"])
    with pytest.raises(NotComparable, match=r"open the file\. Its weights belong to .*mean 0\.333"):
        network_of_link(said)
    asked = reading_from_link(of_side_b(on_side_b(said)))
    assert open_beside("mnist", weights, "another name.pth", asked).key == said["network"]
    assert open_beside("mnist", weights, "another name.pth").key != said["network"], "read as usual it is another one"


@pytest.mark.parametrize("junk", ["", "..", "own-xyz", "mnist ", "own-" + "g" * 32])
def test_junk_names_no_network(junk: str):
    assert network_of_link({"network": junk}) is None


def test_a_key_that_says_no_more_is_a_network_that_is_gone():
    with pytest.raises(opened.NotOpened):
        network_of_link({"network": own_key("c" * 64)})


def test_all_names_of_side_b_are_the_links_own(weights: bytes):
    said = said_of(NetworkSource("one.pth", weights, architecture="mnist_b1", mean=MEAN, std=STD, classes=("a",) * 10))
    assert set(on_side_b(said)) <= set(COMPARISON_NAMES), "an address keeps what is not ours: an old one would stay"
    drawing = image_to_link(DIGIT_SAMPLES[0].sketch, None)
    assert set(on_side_b(drawing | image_to_link(None, 7))) <= set(COMPARISON_NAMES)
    assert unpack_sketch(drawing["ink"]) is not None
    assert image_to_link(None, None) == {}
