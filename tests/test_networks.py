"""The registry, and the architecture B1 with its published shapes and parameter count."""

import pytest
import torch

from cnnviz.networks import find_recipe, network_keys, recipe


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
        recipe("mnist", "again", (1, 1, 1), ("a",))(lambda: None)
