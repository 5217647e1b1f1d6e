"""The registry, and the architecture B1 with its published shapes and parameter count."""

from pathlib import Path

import pytest
import torch

from cnnviz.models.builder import build_module, preset
from cnnviz.models.zoo import find_recipe, network_keys, register_recipe
from cnnviz.small_examples.of_training import print_network_and_optimiser


def test_the_mnist_network_has_the_published_number_of_parameters():
    model = find_recipe("mnist").build()
    assert sum(p.numel() for p in model.parameters()) == 16 * (5 * 5 + 1) + 32 * (5 * 5 * 16 + 1) + 10 * (1568 + 1)
    assert sum(p.numel() for p in model.parameters()) == 28_938


def test_the_mnist_network_has_the_published_shapes():
    value, shapes = torch.zeros(1, 1, 28, 28), []
    for layer in find_recipe("mnist").build():
        value = layer(value)
        shapes.append(tuple(value.shape[1:]))
    assert shapes == [(16, 28, 28)] * 2 + [(16, 14, 14)] + [(32, 14, 14)] * 2 + [(32, 7, 7), (1568,), (10,)]


@pytest.mark.parametrize("key", network_keys())
def test_every_recipe_builds_what_it_promises(key: str):
    found = find_recipe(key)
    assert found.build()(torch.zeros(2, *found.input_shape)).shape == (2, len(found.classes))


def test_an_unknown_network_is_one_sentence_with_the_known_ones():
    with pytest.raises(KeyError, match=r"must be one of mnist.*, got 'lenet'"):
        find_recipe("lenet")


def test_a_key_stands_for_one_recipe_only():
    with pytest.raises(ValueError, match="got 'mnist' twice"):
        register_recipe("mnist", "again", (1, 1, 1), ("a",))(lambda: None)


def test_the_mnist_network_is_the_preset_that_is_trained_live_to_the_last_first_weight():
    """B1 stands in one place: the shipped network, the live training and the experiments all begin alike."""
    blueprint = preset("mnist_b1")
    torch.manual_seed(3)
    shipped = find_recipe("mnist").build()
    torch.manual_seed(3)
    trained = build_module(blueprint)
    assert str(shipped) == str(trained)
    assert (find_recipe("mnist").input_shape, find_recipe("mnist").classes) == (
        blueprint.input_shape, blueprint.classes,
    )  # fmt: skip
    for name, weights in shipped.state_dict().items():
        assert torch.equal(weights, trained.state_dict()[name]), name


def test_b1_stands_in_one_place():
    """Nobody else writes its second convolution down, but for lines that are shown to be copied: and these are it."""
    root = Path(__file__).resolve().parents[2]
    forms = ("Conv2d(16, 32", "conv(32, 5")
    files = sorted((root / "cnnviz").rglob("*.py"))
    assert [path.name for path in files if any(form in path.read_text(encoding="utf-8") for form in forms)] == [
        "presets.py", "of_training.py",
    ]  # fmt: skip
    printed = print_network_and_optimiser("Adam", 0.001, 0.9, 0.999)
    shipped = find_recipe("mnist").build()
    assert printed["parameters"] == sum(one.numel() for one in shipped.parameters())
    assert [each["shape"] for each in printed["sizes"]] == [f"{tuple(one.shape)}" for one in shipped.parameters()]
