"""Checkpoints: what is loaded is what was saved, or one sentence says what is wrong."""

import io
import json
import pickle
import re

import pytest
import safetensors.torch
import torch

from cnnviz.models.checkpoints import CheckpointError, Manifest, digest, load, pack, save
from cnnviz.models.decision import DecisionRule, RejectBy
from cnnviz.models.zoo import find_recipe


@pytest.fixture
def weights():
    torch.manual_seed(0)
    return find_recipe("mnist").build().state_dict()


def manifest_for(packed, **changes):
    known = {"network": "mnist", "parameters": 28_938, "seed": 0, "command": "none", "made": "2026-01-01"}
    return Manifest(**{**known, "sha256": digest(packed), "threshold": 0.6, **changes})


@pytest.fixture
def folder(tmp_path, weights):
    packed = pack(weights)
    save(packed, manifest_for(packed, figures={"mnist_test": {"accuracy": 0.5}}), "net", tmp_path)
    return tmp_path


def test_what_is_loaded_is_what_was_saved(folder, weights):
    model, manifest = load("net", folder)
    assert all(torch.equal(weights[name], weight) for name, weight in model.state_dict().items())
    assert manifest.rule.threshold == 0.6
    assert manifest.figures["mnist_test"]["accuracy"] == 0.5


def test_the_rule_is_kept_and_the_usual_one_where_a_manifest_names_none(folder, weights):
    packed = pack(weights)
    save(packed, manifest_for(packed, threshold=4.2, reject_by="divergence from uniform"), "other", folder)
    assert load("other", folder)[1].rule == DecisionRule(4.2, RejectBy.UNIFORM)
    record = json.loads((folder / "net.json").read_text())
    del record["reject_by"]
    (folder / "net.json").write_text(json.dumps(record))
    assert load("net", folder)[1].rule == DecisionRule(0.6, RejectBy.PROBABILITY)


@pytest.mark.parametrize(
    "changes", [{"reject_by": "luck"}, {"reject_by": None}, {"threshold": 4.2}], ids=["unknown", "none", "too high"]
)
def test_a_rule_that_is_none_is_refused(folder, changes):
    record = json.loads((folder / "net.json").read_text())
    (folder / "net.json").write_text(json.dumps(record | changes))
    with pytest.raises(CheckpointError, match="is not a manifest"):
        load("net", folder)


def test_a_loaded_model_is_for_evaluation_and_asks_for_no_gradients(folder):
    model, _ = load("net", folder)
    assert not model.training
    assert not any(weight.requires_grad for weight in model.parameters())


def test_the_same_weights_give_the_same_bytes_in_any_order(weights):
    assert pack(weights) == pack(dict(reversed(weights.items())))


@pytest.mark.parametrize("place", [0, 9, 500, -1])
def test_a_changed_byte_is_refused_and_both_hashes_are_named(folder, place):
    path = folder / "net.safetensors"
    data = bytearray(path.read_bytes())
    before = digest(bytes(data))
    data[place] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(CheckpointError) as caught:
        load("net", folder)
    assert re.findall(r"[0-9a-f]{64}", str(caught.value)) == [before, digest(bytes(data))]


def test_an_unchanged_file_is_loaded(folder):
    assert load("net", folder)[1].network == "mnist"


def test_a_checkpoint_that_is_not_there(tmp_path):
    with pytest.raises(CheckpointError, match="there is no checkpoint 'other'"):
        load("other", tmp_path)


def test_a_manifest_without_its_weights(folder):
    (folder / "net.safetensors").unlink()
    with pytest.raises(CheckpointError, match="cannot be read"):
        load("net", folder)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"network": 3}', "\xff"])
def test_a_manifest_that_is_none(folder, text):
    (folder / "net.json").write_text(text, encoding="latin-1")
    with pytest.raises(CheckpointError, match="is not a manifest"):
        load("net", folder)


@pytest.mark.parametrize(
    "data",
    [b"", b"not safetensors", pickle.dumps({"a": 1}), safetensors.torch.save({"conv1.weight": torch.zeros(3)})],
    ids=["empty", "text", "pickle", "foreign network"],
)
def test_foreign_weights_are_refused_even_if_their_hash_is_right(folder, data):
    (folder / "net.safetensors").write_bytes(data)
    record = json.loads((folder / "net.json").read_text())
    (folder / "net.json").write_text(json.dumps(record | {"sha256": digest(data)}))
    with pytest.raises(CheckpointError, match="does not hold the weights"):
        load("net", folder)


def test_a_network_that_is_not_registered(folder):
    record = json.loads((folder / "net.json").read_text())
    (folder / "net.json").write_text(json.dumps(record | {"network": "unknown"}))
    with pytest.raises(CheckpointError, match="network 'unknown'"):
        load("net", folder)


@pytest.fixture
def opened_pickles(monkeypatch):
    """What was opened as a pickle, by any of the ways there are."""
    found = []
    for module, name in ((pickle, "load"), (pickle, "loads"), (pickle, "Unpickler"), (torch, "load")):
        monkeypatch.setattr(module, name, lambda *what, _way=f"{module.__name__}.{name}", **_how: found.append(_way))
    return found


def test_a_pickle_is_never_opened(folder, weights, opened_pickles):
    model, _manifest = load("net", folder)
    assert all(torch.equal(weights[name], weight) for name, weight in model.state_dict().items())
    assert opened_pickles == []


def test_a_pickle_in_the_place_of_the_weights_is_refused_unopened(folder, weights, opened_pickles):
    file = io.BytesIO()
    torch.save(weights, file)
    packed = file.getvalue()
    (folder / "net.safetensors").write_bytes(packed)
    record = json.loads((folder / "net.json").read_text())
    (folder / "net.json").write_text(json.dumps(record | {"sha256": digest(packed)}))
    with pytest.raises(CheckpointError, match=r"net\.safetensors"):
        load("net", folder)
    assert opened_pickles == []


def test_saving_refuses_a_manifest_of_other_weights(tmp_path, weights):
    packed = pack(weights)
    with pytest.raises(CheckpointError, match="must have the SHA-256"):
        save(packed, manifest_for(b"other"), "net", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_write_that_fails_leaves_the_old_checkpoint_and_no_rubbish(folder, weights, monkeypatch):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    packed = pack({name: weight + 1 for name, weight in weights.items()})
    monkeypatch.setattr("cnnviz.machine.whole_files.os.fsync", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        save(packed, manifest_for(packed), "net", folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_unknown_entries_of_a_later_manifest_are_passed_over(folder):
    record = json.loads((folder / "net.json").read_text())
    (folder / "net.json").write_text(json.dumps(record | {"later": 1}))
    assert load("net", folder)[1].seed == 0
