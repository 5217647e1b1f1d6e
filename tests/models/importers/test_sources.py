"""A network from outside with what its file does not say: classes, scaling, the architecture that weights belong to."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
import safetensors.torch
import torch
from torch import nn

from cnnviz.core.trace import Tracer
from cnnviz.models.builder import build_module, preset
from cnnviz.models.importers import ImportedNetworkError
from cnnviz.models.importers.architectures import build_architecture, find_architecture
from cnnviz.models.importers.source_settings import read_classes, read_scaling
from cnnviz.models.importers.sources import NetworkSource, open_source, usual_source
from cnnviz.models.standardise import STANDARDISE
from tests.models.importers.exported import pt2_bytes, seeded_image
from tests.models.importers.onnx_files import Step, expected, onnx_model, values

NORMAL = {"mean": (0.4, 0.5, 0.6), "std": (0.2, 0.3, 0.25)}


def small_network(classes: int = 4) -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(4 * 7 * 7, classes)
    ).eval()  # fmt: skip


def exported(model: nn.Module | None = None) -> bytes:
    return pt2_bytes(model or small_network(), seeded_image(1, 3, 16, 16))


@pytest.mark.parametrize("scaling", [{}, NORMAL, {"mean": (0.5,)}, {"std": (0.5,)}])
def test_a_file_computes_what_pytorch_computes_on_the_scaled_image(scaling: dict[str, tuple[float, ...]]):
    found = open_source(NetworkSource("net.pt2", exported(), **scaling))
    image = torch.rand(3, 16, 16, generator=torch.Generator().manual_seed(1))
    mean = torch.tensor(scaling.get("mean", (0.0,))).reshape(-1, 1, 1)
    std = torch.tensor(scaling.get("std", (1.0,))).reshape(-1, 1, 1)
    with torch.no_grad():
        wanted = small_network()(((image - mean) / std)[None])[0]
    made = Tracer(found.model)(image.numpy())
    np.testing.assert_allclose(made.logits, wanted, atol=1e-5)
    assert (made.layers[0].spec.path == STANDARDISE) == bool(scaling)


def test_what_standardises_leaves_the_names_of_the_layers_as_they_were():
    image = np.zeros((3, 16, 16), np.float32)
    found = [open_source(NetworkSource("net.pt2", exported(), **how)).model for how in ({}, NORMAL)]
    bare, scaled = ([layer.spec.path for layer in Tracer(model)(image).layers] for model in found)
    assert scaled == [STANDARDISE, *bare]


def test_the_key_of_a_source_is_that_of_the_file_and_of_how_it_is_read():
    source = NetworkSource("net.pt2", exported())
    assert replace(source, name="other.pt2").digest() == source.digest()
    others = [replace(source, **change) for change in (NORMAL, {"classes": ("a", "b", "c", "d")}, {"content": b"x"})]
    assert len({source.digest(), *(other.digest() for other in others)}) == 4


def test_a_source_is_the_same_after_a_browser_kept_it():
    source = replace(usual_source("resnet18"), side=64)
    assert NetworkSource.from_record(source.to_record(), b"").digest() == source.digest()


def test_weights_find_the_number_of_classes_and_give_pytorchs_scores():
    model = build_architecture("squeezenet1_1", classes=7, seed=5)
    content = safetensors.torch.save(model.state_dict())
    found = open_source(NetworkSource("w.safetensors", content, "squeezenet1_1", side=64, **NORMAL))
    assert found.classes == tuple("0123456")
    image = torch.rand(3, 64, 64, generator=torch.Generator().manual_seed(1))
    mean, std = (torch.tensor(NORMAL[name]).reshape(-1, 1, 1) for name in ("mean", "std"))
    with torch.no_grad():
        wanted = model(((image - mean) / std)[None])[0]
    np.testing.assert_allclose(Tracer(found.model)(image.numpy()).logits, wanted, atol=1e-4)


def test_weights_of_a_preset_are_read_from_a_pickle_of_tensors():
    torch.manual_seed(7)
    model = build_module(preset("lenet5")).eval()
    file = io.BytesIO()
    torch.save({"state_dict": model.state_dict()}, file)
    found = open_source(NetworkSource("lenet.pt", file.getvalue(), "lenet5"))
    image = np.random.default_rng(0).random((1, 28, 28), np.float32)
    with torch.no_grad():
        wanted = model(torch.from_numpy(image)[None])[0]
    np.testing.assert_allclose(Tracer(found.model)(image).logits, wanted, atol=1e-5)


def test_an_architecture_comes_with_torchvisions_names_and_scaling():
    source, published = usual_source("resnet18"), find_architecture("resnet18")
    assert (source.mean, source.std, source.classes) == (published.mean, published.std, published.categories)
    found = open_source(replace(source, side=64))
    assert (found.input_shape, len(found.classes), found.classes[0]) == ((3, 64, 64), 1000, "tench")


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (lambda: NetworkSource("net.pt2", b"junk"), None),
        (lambda: NetworkSource("w.safetensors", safetensors.torch.save({"a": torch.zeros(1)})),
         "choose the architecture that they belong to"),
        (lambda: NetworkSource("w.safetensors", safetensors.torch.save({"a": torch.zeros(1)}), "resnet18"),
         "belong to another network"),
        (lambda: NetworkSource("net.pt2", exported(), classes=("a",)), "names must be 4, one for each score, got 1"),
        (lambda: NetworkSource("net.pt2", exported(), mean=(0.5, 0.5)), "must be 1 number or 3, got 2"),
        (lambda: NetworkSource("net.pt2", exported(nn.Conv2d(3, 2, 3).eval())), "one score for each of two or more"),
        (lambda: NetworkSource("net.pt2", pt2_bytes(
            small_network().bfloat16(), seeded_image(1, 3, 16, 16).bfloat16())), "or float16, got bfloat16"),
        (lambda: NetworkSource(architecture="vgg16", side=320),
         "must be of at most 180,000,000 weights and values, got 196,852,496: "),
        (lambda: NetworkSource(architecture="resnet18", side=2), "input size must be a whole number from 8"),
        (lambda: NetworkSource(architecture="nonsense"), "architecture must be one of"),
    ],
)  # fmt: skip
def test_what_cannot_be_opened_is_one_sentence(source, sentence: str | None):
    with pytest.raises(ImportedNetworkError) as caught:
        open_source(source())
    assert "\n" not in str(caught.value)
    assert sentence is None or sentence in str(caught.value)


def test_vgg_16_and_vit_b_are_opened_on_a_machine_of_ones_own_and_not_for_one_visitor_of_many():
    for name, count in (("vgg16", 1000), ("vit_b_16", 1000)):
        assert len(open_source(usual_source(name)).classes) == count
    with pytest.raises(ImportedNetworkError) as caught:
        open_source(usual_source("vit_b_16"), is_shared=True)
    assert str(caught.value).startswith("network must be of at most 24,000,000 weights and values on a machine that ")
    assert "got 95,739,344: " in str(caught.value)
    assert str(caught.value).endswith("or open it on a machine of your own")


def test_a_network_that_refuses_this_size_half_way_is_opened_as_far_as_it_runs():
    found = open_source(NetworkSource(architecture="alexnet", side=32))
    assert found.classes == ()
    assert found.stopped.startswith("layer features.12 refused its input of shape 256×1×1: ")
    made = Tracer(found.model).as_far_as_it_runs(np.zeros((3, 32, 32), np.float32))
    assert made.stopped
    assert made.layers[0].spec.path == "features.0"


@pytest.mark.parametrize("content", [b"\xff\xfe", b"[1", b'{"0": "a", "2": "b"}', b"{}x", b"[1]]"])
def test_a_file_of_names_that_is_none_is_one_sentence(content: bytes):
    with pytest.raises(ImportedNetworkError):
        read_classes(content)


def test_names_from_a_file_are_short_and_on_one_line():
    assert read_classes(b"a\tb  c\r\n" + b"x" * 200) == ("a b c", "x" * 79 + "…")
    assert read_classes(b'{"1": ["n2", "dog"], "0": ["n1", "cat"]}') == ("cat", "dog")


@pytest.mark.parametrize(("name", "text"), [("std", "0"), ("mean", "a"), ("mean", "nan"), ("std", "-1"), ("std", "1,")])
def test_numbers_that_are_no_scaling_are_refused(name: str, text: str):
    with pytest.raises(ImportedNetworkError):
        read_scaling(name, text)


def test_an_onnx_file_computes_on_the_scaled_image_what_onnx_computes():
    model = onnx_model(
        Step("Conv", None, values(4, 3, 3, 3), values(4)),
        Step("Relu"),
        Step("Flatten"),
        Step("Gemm", None, values(4 * 4 * 4, 3), values(3)),
        shape=(1, 3, 6, 6),
    )  # fmt: skip
    found = open_source(NetworkSource("net.onnx", model.SerializeToString(), mean=(0.5,), std=(0.25,)))
    image = np.random.default_rng(2).random((3, 6, 6), np.float32)
    wanted = expected(model, ((image - 0.5) / 0.25)[None])[0]
    np.testing.assert_allclose(Tracer(found.model)(image).logits, wanted, rtol=1e-4, atol=1e-4)
    assert found.facts[0] == "ONNX, written by tests"
