"""Weights alone: read without running a file's code, and put only into the network that they belong to."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch
from exported import Small, lively, seeded_image, zip_up
from torch import nn

from cnnviz.models.importers.architectures import build_architecture
from cnnviz.models.importers.records import ImportedNetworkError, ImportLimits
from cnnviz.models.importers.state_dict import load_into, read_weights


def saved(value: object, **settings: Any) -> bytes:
    file = io.BytesIO()
    torch.save(value, file, **settings)
    return file.getvalue()


@pytest.fixture
def model() -> nn.Module:
    torch.manual_seed(0)
    return lively(Small()).eval()


WRAPPINGS = {
    "plain": lambda weights: weights,
    "state_dict": lambda weights: {"state_dict": weights, "epoch": 3},
    "twice": lambda weights: {"model": {"state_dict": weights}},
    "parallel": lambda weights: {f"module.{name}": tensor for name, tensor in weights.items()},
    "compiled and parallel": lambda weights: {f"module._orig_mod.{name}": tensor for name, tensor in weights.items()},
}


@pytest.mark.parametrize("wrapping", WRAPPINGS)
@pytest.mark.parametrize("is_old", [False, True])
def test_weights_of_torch_save_come_out_of_the_usual_wrappers(wrapping: str, is_old: bool, model: nn.Module):
    content = saved(WRAPPINGS[wrapping](model.state_dict()), _use_new_zipfile_serialization=not is_old)
    other = Small().eval()
    load_into(other, read_weights(content, "net.PTH"))
    image = seeded_image(1, 1, 6, 6)
    assert torch.equal(other(image), model(image))


def test_weights_of_safetensors_are_read(model: nn.Module):
    found = read_weights(safetensors.torch.save(model.state_dict()), "net.safetensors")
    assert all(torch.equal(found[name], tensor) for name, tensor in model.state_dict().items())


class Payload:
    """A pickle that leaves a mark where it is loaded."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.mark,)


def test_code_in_a_file_is_never_run(tmp_path: Path):
    content = saved({"weight": Payload(tmp_path / "mark")})
    with pytest.raises(ImportedNetworkError, match=r"holds more than weights, which could run code: save model"):
        read_weights(content, "net.pt")
    assert not (tmp_path / "mark").exists()
    torch.load(io.BytesIO(content), weights_only=False)  # the twin: so it would run
    assert (tmp_path / "mark").exists()


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (b"", "net.safetensors", "not a whole safetensors file"),
        (b"\xff" * 100, "net.safetensors", "not a whole safetensors file"),
        (b"hello", "net.pt", r"not a whole file of torch\.save"),
        (b"", "net.pt", r"not a whole file of torch\.save"),
        (zip_up({"a": b""}), "net.pt", r"not a whole file of torch\.save"),
        (saved([1, 2]), "net.pt", r"file must be weights by their names, got list: save model\.state_dict\(\) alone"),
        (saved({"a": torch.tensor([float("nan")])}), "net.pt", "a must be finite everywhere"),
        (saved({"a": torch.zeros(2, dtype=torch.complex64)}), "net.pt", "a must be an ordinary tensor"),
        (b"", "net.bin", r"must be one of \.safetensors, \.pt, \.pth, got \.bin"),
    ],
)
def test_what_is_no_file_of_weights_is_refused(content: bytes, name: str, says: str):
    with pytest.raises(ImportedNetworkError, match=says):
        read_weights(content, name)


def test_every_truncated_file_is_refused(model: nn.Module):
    for content, name in (
        (saved(model.state_dict()), "a.pt"),
        (safetensors.torch.save(model.state_dict()), "a.safetensors"),
    ):
        for size in range(0, len(content) - 1, 211):
            with pytest.raises(ImportedNetworkError, match="not a whole"):
                read_weights(content[:size], name)


def test_a_file_that_is_too_large_is_refused(model: nn.Module):
    content = safetensors.torch.save(model.state_dict())
    for limit, says in (({"file_bytes": 9}, "at most 9 bytes"), ({"weight_elements": 9}, "at most 9 weights"),
                        ({"tensors": 2}, "at most 2 tensors")):  # fmt: skip
        with pytest.raises(ImportedNetworkError, match=says):
            read_weights(content, "a.safetensors", ImportLimits(**limit))


def test_weights_of_another_network_are_refused_and_nothing_is_changed(model: nn.Module):
    weights = {name: torch.zeros_like(tensor) for name, tensor in model.state_dict().items()}
    del weights["classifier.bias"]
    weights["classifier.weight"] = torch.zeros(9, 16)
    weights |= {f"extra{number}": torch.zeros(1) for number in range(5)}
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    with pytest.raises(ImportedNetworkError) as caught:
        load_into(model, weights)
    assert str(caught.value) == (
        "These weights belong to another network (missing: classifier.bias; not in the network: extra0, extra1, extra2 "
        "and 2 more; of another shape: classifier.weight is 9×16 and not 3×16): choose the one that they were trained "
        "with."
    )
    assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())


def test_counters_of_training_may_be_missing(model: nn.Module):
    weights = {name: tensor for name, tensor in model.state_dict().items() if not name.endswith("tracked")}
    load_into(Small(), weights)


def test_very_many_tensors_are_refused_before_one_is_read(monkeypatch: pytest.MonkeyPatch):
    """A hundred thousand tensors without a number took six seconds."""
    monkeypatch.setattr(safetensors.torch, "load", lambda _content: pytest.fail("it was read"))
    header = json.dumps(
        {f"w{n}": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]} for n in range(10_001)}
    ).encode()
    with pytest.raises(ImportedNetworkError, match="at most 10,000 tensors"):
        read_weights(len(header).to_bytes(8, "little") + header, "net.safetensors")


@pytest.mark.parametrize("header", [b"", b"[]", b"[" * 100_000, b"{", b"\xff", b"3", b'{"a": 1}'])
def test_a_header_that_is_none_is_one_sentence(header: bytes):
    for length in (len(header), 2**63, 2**64 - 1):
        with pytest.raises(ImportedNetworkError, match="not a whole safetensors file"):
            read_weights(length.to_bytes(8, "little") + header, "net.safetensors")


def test_names_of_old_densenets_are_those_of_today():
    content = safetensors.torch.save({"features.denseblock1.denselayer1.norm.1.weight": torch.zeros(1)})
    assert list(read_weights(content, "a.safetensors")) == ["features.denseblock1.denselayer1.norm1.weight"]


def test_a_network_that_keeps_a_version_of_its_layers_takes_its_own_weights():
    one, other = build_architecture("mnasnet0_5", 3, seed=1), build_architecture("mnasnet0_5", 3, seed=2)
    load_into(one, read_weights(safetensors.torch.save(other.state_dict()), "net.safetensors"))
    image = seeded_image(1, 3, 32, 32)
    assert torch.equal(one(image), other(image))
