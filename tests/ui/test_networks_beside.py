"""A file that is opened beside a network: weights belong to its architecture and are read with its scaling."""

from __future__ import annotations

import io

import pytest
import torch

from cnnviz.models.builder import build_module, preset
from cnnviz.models.checkpoints import CheckpointError
from cnnviz.models.importers import ImportedNetworkError
from cnnviz.models.importers.sources import NetworkSource
from cnnviz.ui.comparison.networks_beside import open_beside
from cnnviz.ui.your_network import opened
from tests.ui.saved_networks import saved

KEY, MEAN, STD, NAMES = "birds_c1", (0.4,), (0.2,), ("plane", "fowl")


def weights(seed: int) -> bytes:
    torch.manual_seed(seed)
    file = io.BytesIO()
    torch.save(build_module(preset(KEY)).state_dict(), file)
    return file.getvalue()


def network_of(data: bytes) -> str:
    return opened.put_source(NetworkSource("one.pth", data, architecture=KEY, mean=MEAN, std=STD, classes=NAMES))


def test_two_checkpoints_of_one_architecture_are_read_alike():
    key = network_of(weights(0))
    found = open_beside(key, weights(1), "two.pth")
    assert found.key != key
    assert found.source is not None
    assert (found.source["architecture"], found.source["mean"], found.source["classes"]) == (KEY, [0.4], list(NAMES))
    one, other = (dict(opened.find_opened(each).model.named_parameters()) for each in (key, found.key))
    assert list(one) == list(other)
    assert not torch.equal(one["conv1.weight"], other["conv1.weight"])
    opened._OPENED.pop(found.key)
    assert found.open() == found.key, "it is opened again from what the session keeps"


def test_a_file_saved_here_is_itself():
    found = open_beside(network_of(weights(0)), saved(KEY), "mine.safetensors")
    assert (found.title, found.source) == ("mine", None)


def test_weights_beside_a_network_of_ours_belong_to_its_preset_where_it_is_one():
    torch.manual_seed(3)
    model, file = build_module(preset("mnist_b1")), io.BytesIO()
    torch.save(model.state_dict(), file)
    found = open_beside("mnist", file.getvalue(), "mine.pth")
    own = dict(opened.find_opened(found.key).model.named_parameters())
    assert torch.equal(own["conv1.weight"], model.conv1.weight)
    with pytest.raises(CheckpointError):
        open_beside("xo", b"junk", "junk.safetensors")
    with pytest.raises(ImportedNetworkError):
        open_beside("mnist", b"junk", "junk.safetensors")
