"""What arrives at a layer of any network stands for its images: by hand, by hooks, one image at a time."""

import copy

import numpy as np
import pytest
import torch
from torch import nn
from torchvision import models

from cnnviz.evaluation.embedding import EmbeddingError
from cnnviz.evaluation.features import feature_layers, last_layer_inputs


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.ReLU(), nn.Dropout(0.5), nn.Flatten(), nn.Linear(3 * 36, 7),
        nn.Tanh(), nn.Linear(7, 4),
    )  # fmt: skip


def test_the_features_are_what_arrives_at_the_last_layer_and_the_model_stays_as_it_is():
    model, inputs = network().train(), torch.rand(600, 1, 8, 8)
    before = copy.deepcopy(model.state_dict())
    name, found = last_layer_inputs(model, inputs)
    assert name == "7"
    assert found.shape == (600, 7)
    with torch.no_grad():
        expected = copy.deepcopy(model).eval()[:7](inputs)
        other = copy.deepcopy(model).train()[:7](inputs)  # the twin: with dropout
    np.testing.assert_allclose(found, expected.numpy(), atol=1e-6)
    assert not np.allclose(found, other.numpy(), atol=1e-2)
    assert model.training
    assert all(torch.equal(before[key], value) for key, value in model.state_dict().items())
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())
    assert all(parameter.grad is None for parameter in model.parameters())


def test_a_network_without_such_a_layer_is_one_sentence():
    with pytest.raises(EmbeddingError, match="fully connected layer or a convolution"):
        last_layer_inputs(nn.Sequential(nn.Flatten()), torch.rand(3, 1, 2, 2))


def test_the_layers_to_choose_from_are_those_with_weights_and_each_gives_what_arrives_at_it():
    model, inputs = network().eval(), torch.rand(4, 1, 8, 8)
    assert feature_layers(model, (1, 8, 8)) == ("0", "5", "7")
    name, found = last_layer_inputs(model, inputs, "5")
    with torch.no_grad():
        expected = model[:5](inputs).numpy()
    assert name == "5"
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert not np.array_equal(found[:, :7], last_layer_inputs(model, inputs)[1])  # the twin: the usual layer
    with pytest.raises(EmbeddingError, match="layer must be one of 0, 5, 7"):
        last_layer_inputs(model, inputs, "1")


def test_without_a_fully_connected_layer_it_is_what_arrives_at_the_last_convolution():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.Conv2d(3, 4, 6), nn.Flatten())
    inputs = torch.rand(5, 1, 8, 8)
    name, found = last_layer_inputs(model, inputs)
    assert name == "2"
    with torch.no_grad():
        np.testing.assert_allclose(found, model[:2](inputs).flatten(1).numpy(), atol=1e-6)


class Branched(nn.Module):
    """A shortcut, and two fully connected layers beside one another."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 3, 3, padding=1)
        self.one, self.two = nn.Linear(3, 5), nn.Linear(3, 5)
        self.head = nn.Linear(10, 4)

    def features(self, x: torch.Tensor) -> torch.Tensor:
        """What arrives at the head."""
        y = torch.relu(self.conv(x) + x).mean((2, 3))
        return torch.cat([self.one(y), torch.tanh(self.two(y))], 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The scores."""
        return self.head(self.features(x))


def test_the_features_of_a_network_with_branches_are_what_arrives_at_its_head():
    torch.manual_seed(0)
    model, inputs = Branched().eval(), torch.rand(300, 1, 8, 8)
    assert feature_layers(model, (1, 8, 8)) == ("conv", "one", "two", "head")
    name, found = last_layer_inputs(model, inputs)
    assert name == "head"
    with torch.no_grad():
        np.testing.assert_allclose(found, model.features(inputs).numpy(), atol=1e-6)
        assert not np.allclose(found[:, :4], model(inputs).numpy(), atol=1e-3)  # the twin: the scores themselves


class OneByOne(nn.Module):
    """Its code writes down the size of a batch of one image."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(16, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The scores."""
        return self.head(x.reshape(1, 16))


def test_a_network_that_takes_one_image_at_a_time_gives_a_row_for_each():
    inputs = torch.rand(6, 1, 4, 4)
    name, found = last_layer_inputs(OneByOne(), inputs)
    assert name == "head"
    np.testing.assert_array_equal(found, inputs.flatten(1).numpy())


@pytest.mark.parametrize("architecture", ["resnet18", "densenet121", "squeezenet1_1", "vit_b_16"])
def test_networks_of_torchvision_have_features(architecture: str):
    """By a hook on the module of that name."""
    torch.manual_seed(0)
    model = models.get_model(architecture, weights=None).eval()
    side = 224 if architecture.startswith("vit") else 64
    inputs = torch.rand(2, 3, side, side)
    name, found = last_layer_inputs(model, inputs)
    arrived = []
    handle = model.get_submodule(name).register_forward_pre_hook(lambda _module, args: arrived.append(args[0]))
    with torch.no_grad():
        model(inputs)
    handle.remove()
    np.testing.assert_allclose(found, arrived[0].flatten(1).numpy(), atol=1e-5)
