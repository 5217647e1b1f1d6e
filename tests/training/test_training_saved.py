"""A network saved as a file is the network: into a fresh one, checked; foreign and damaged files are refused."""

import json

import numpy as np
import pytest
import safetensors.numpy
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnviz.models.builder import preset, preset_keys
from cnnviz.models.checkpoints import CheckpointError
from cnnviz.training import SavedNetwork, Scaling, pack_network, unpack_network
from cnnviz.training.saved_networks import _digest, build_untouched
from tests.training.small_jobs import RICH


def saved(blueprint=RICH, **facts):
    torch.manual_seed(3)
    weights = {name: value.numpy() for name, value in build_untouched(blueprint).state_dict().items()}
    channels = blueprint.input_shape[0]
    return SavedNetwork(blueprint, Scaling((0.5,) * channels, (0.25,) * channels), weights, facts)


PACKED = pack_network(saved(note="digits"))


@pytest.mark.parametrize("key", preset_keys())
def test_a_saved_network_comes_back_as_it_was(key):
    before = saved(preset(key), steps=5)
    after = unpack_network(pack_network(before))
    assert (after.blueprint, after.scaling, after.facts) == (before.blueprint, before.scaling, {"steps": 5})
    assert set(after.weights) == set(before.weights)
    assert all(np.array_equal(after.weights[name], array) for name, array in before.weights.items())
    assert not any(array.flags.writeable for array in after.weights.values())


def test_the_same_network_gives_the_same_bytes():
    assert pack_network(saved(note="digits")) == PACKED
    assert pack_network(unpack_network(PACKED)) == PACKED


def test_it_is_built_into_a_fresh_network_that_answers_alike():
    network = unpack_network(PACKED)
    model = build_untouched(RICH)
    model.load_state_dict({name: torch.tensor(array) for name, array in network.weights.items()})
    image = torch.rand(1, 1, 8, 8)
    assert torch.equal(network.build()(image), model.eval()(image))
    assert not network.build().training


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU")
def test_it_is_built_on_another_device():
    image = torch.rand(4, 1, 8, 8)
    network = unpack_network(PACKED)
    assert torch.allclose(network.build("cuda")(image.cuda()).cpu(), network.build()(image), atol=1e-4)


def test_building_leaves_the_callers_random_numbers_alone():
    torch.manual_seed(1)
    expected = torch.rand(2)
    torch.manual_seed(1)
    unpack_network(PACKED).build()
    assert torch.equal(torch.rand(2), expected)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(PACKED) - 1), st.integers(1, 255))
def test_a_changed_byte_is_refused_or_changes_nothing(place, change):
    damaged = bytearray(PACKED)
    damaged[place] ^= change
    try:
        found = unpack_network(bytes(damaged))
    except CheckpointError:
        return
    assert pack_network(found) == PACKED  # another kind of blank between two words, say


@pytest.mark.parametrize("junk", [b"", b"PK\3\4", b"\x80\x04\x95pickle", bytes(100), b"\xff" * 1000, PACKED[:200]])
def test_a_foreign_file_is_one_sentence(junk):
    with pytest.raises(CheckpointError, match="not a network saved by this app"):
        unpack_network(junk)


def test_half_a_file_is_one_sentence():
    with pytest.raises(CheckpointError, match="changed or damaged"):
        unpack_network(PACKED[:-100])


def test_a_file_that_is_too_large_is_one_sentence(monkeypatch):
    monkeypatch.setattr("cnnviz.training.saved_networks.MOST_BYTES", 10)
    with pytest.raises(CheckpointError, match="at most 10 bytes"):
        unpack_network(PACKED)


def rewritten(change, weights=None):
    """The file with another manifest, or other weights, its own sum in order."""
    network = unpack_network(PACKED)
    if weights is not None:
        network = SavedNetwork(network.blueprint, network.scaling, weights)
        return pack_network(network)
    size = int.from_bytes(PACKED[:8], "little")
    manifest = json.loads(json.loads(PACKED[8 : 8 + size])["__metadata__"]["cnnviz"])
    manifest.pop("sha256")
    manifest = {"sha256": _digest({**manifest, **change}, network.weights), **manifest, **change}
    return safetensors.numpy.save(dict(network.weights), {"cnnviz": json.dumps(manifest)})


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"format": "other"}, "not a network saved by this app"),
        ({"sha256": "0"}, "changed or damaged"),
        ({"blueprint": None}, "cannot be built"),
        ({"blueprint": {**RICH.to_record(), "parts": []}}, "cannot be built|not those of its network"),
        ({"scaling": {"mean": [0.5], "std": [0]}}, "how the network's input is scaled"),
        ({"scaling": {"mean": [0.5, 0.5], "std": [1, 1]}}, "how the network's input is scaled"),
        ({"scaling": {"mean": ["x"], "std": [1]}}, "how the network's input is scaled"),
        ({"scaling": None}, "how the network's input is scaled"),
        ({"scaling": {"mean": [10**400], "std": [1]}}, "how the network's input is scaled"),
        ({"scaling": {"mean": [1e300], "std": [1]}}, "how the network's input is scaled"),
        ({"scaling": {"mean": [0], "std": [1e-300]}}, "how the network's input is scaled"),
        ({"facts": {"accuracy": float("nan")}}, "not a network saved by this app"),
        ({"facts": {"accuracy": float("inf")}}, "not a network saved by this app"),
    ],
)
def test_a_manifest_that_does_not_fit_is_one_sentence(change, says):
    with pytest.raises(CheckpointError, match=says):
        unpack_network(rewritten(change))


def test_weights_of_another_network_or_that_are_no_numbers_are_one_sentence():
    own = dict(unpack_network(PACKED).weights)
    for name, wrong in (("fc.bias", np.zeros(3, np.float32)), ("fc.bias", np.zeros(2)), ("more", np.zeros(1))):
        with pytest.raises(CheckpointError, match="not those of its network"):
            unpack_network(rewritten({}, {**own, name: wrong}))
    with pytest.raises(CheckpointError, match="numbers that are not finite"):
        unpack_network(rewritten({}, {**own, "fc.bias": np.array([np.nan, 0], np.float32)}))


def test_facts_too_long_to_read_are_left_out(monkeypatch):
    monkeypatch.setattr("cnnviz.training.saved_networks.MOST_FACTS", 5)
    assert unpack_network(PACKED).facts == {}
