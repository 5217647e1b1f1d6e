"""A link says how a network from outside is read: the same reading comes back, or it is said what is missing."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest
import torch
from torch import nn

from cnnviz.core.edits import Edits
from cnnviz.models.importers.sources import NetworkSource, usual_source, with_settings
from cnnviz.ui.app.links import LINK_NAMES, READING_NAMES, LinkedView, view_to_link
from cnnviz.ui.your_network import opened
from cnnviz.ui.your_network.linked_reading import reading_from_link, reading_to_link
from cnnviz.web.selection import Selection

MEAN, STD = (0.1 + 0.2, 0.485, 1 / 3), (0.229, 1e-5, 0.25)


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(4 * 36, 3)).eval()
    file = tmp_path_factory.mktemp("file") / "small.pt2"
    torch.export.save(torch.export.export(model, (torch.zeros(1, 3, 8, 8),)), file)
    return file.read_bytes()


def link_of(source: NetworkSource) -> dict[str, str]:
    """What a link says of an opened network, as it is read back from an address."""
    key = opened.put_source(source)
    text = view_to_link(LinkedView(Selection("conv", 1), network=key, edits=Edits()), reading_to_link(key))
    return dict(parse_qsl(text.removeprefix("?")))


def test_the_file_of_a_link_is_read_as_the_link_was_made_to_the_last_bit(content: bytes):
    source = NetworkSource("small.pt2", content, mean=MEAN, std=STD)
    said = link_of(source)
    reading = reading_from_link(said)
    assert reading is not None
    assert (reading.mean, reading.std) == (MEAN, STD)
    assert reading.is_of(content)
    assert not reading.is_of(content + b" ")
    again = reading.applied_to(NetworkSource("another name.pt2", content))
    assert opened.put_source(again) == said["network"]
    assert opened.put_source(NetworkSource("small.pt2", content)) != said["network"], "unread, it is another network"


def test_names_are_told_by_their_digest_and_never_travel(content: bytes):
    names = ("cat", "dog", "<b>bird</b>")
    said = link_of(NetworkSource("small.pt2", content, classes=names))
    assert "cat" not in str(said)
    reading = reading_from_link(said)
    assert reading is not None
    without = reading.applied_to(NetworkSource("small.pt2", content))
    assert without.classes == ()
    assert reading.lacks_names(without)
    assert "class names are not in the link" in reading.words
    assert not reading.lacks_names(with_settings(without, classes=names))
    assert reading.lacks_names(with_settings(without, classes=("dog", "cat", "<b>bird</b>")))


def test_random_weights_are_opened_from_the_link_alone():
    said = link_of(with_settings(usual_source("resnet18"), side=32))
    reading = reading_from_link(said)
    assert reading is not None
    source = reading.random_source()
    assert source is not None
    assert opened.put_source(source) == said["network"]


def test_a_link_to_a_file_says_that_the_file_is_missing_and_how_it_will_be_read(content: bytes):
    reading = reading_from_link(link_of(NetworkSource("small.pt2", content, mean=(0.5,), std=(0.25,))))
    assert reading is not None
    assert reading.random_source() is None
    assert "open the file" in reading.words
    assert "mean 0.5 and standard deviation 0.25" in reading.words


@pytest.mark.parametrize(
    "junk",
    [
        {}, {"mean": "0.5"}, {"file": "../../etc/passwd"}, {"architecture": "os.system"},
        {"file": "0" * 16, "mean": "nan"}, {"file": "0" * 16, "std": "0"}, {"file": "0" * 16, "mean": "x" * 9000},
    ],
)  # fmt: skip
def test_junk_says_nothing(junk: dict[str, str]):
    assert reading_from_link(junk) is None


def test_the_names_of_the_reading_are_the_links_own(content: bytes):
    said = link_of(NetworkSource("small.pt2", content, classes=("a", "b", "c"), mean=(0.5,), std=(0.5,)))
    assert set(said) - {"network", "layer", "map"} == {"file", "mean", "std", "classes"}
    assert set(said) <= {*LINK_NAMES, *READING_NAMES}, "an address keeps what is not ours: an old reading would stay"
