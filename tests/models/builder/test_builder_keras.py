"""The Keras lines run as they are on Keras 3 (over PyTorch), and with our weights carried over give our numbers."""

import os

os.environ["KERAS_BACKEND"] = "torch"

import numpy as np
import pytest
import torch
from torch import nn

from cnnviz.models.builder import (
    CodeForm,
    NetworkSpec,
    NetworkSpecError,
    build_module,
    inspect_spec,
    preset,
    preset_keys,
    spec_to_pytorch,
)
from cnnviz.models.builder.layer_config import (
    BATCH_NORM,
    FLATTEN,
    GLOBAL_AVERAGE,
    Activation,
    Pooling,
    activation,
    conv,
    dropout,
    linear,
    pool,
    residual,
)

EVERYTHING = NetworkSpec(
    "Everything", (2, 17, 15), ("a", "b", "c"),
    (
        conv(4, 3, stride=2, padding=1), BATCH_NORM, activation(Activation.LEAKY_RELU), conv(4, 4, padding=1),
        activation(Activation.GELU), residual(3, Activation.TANH, is_normalised=True), pool(3, stride=2),
        residual(5, Activation.SIGMOID), pool(3, Pooling.AVERAGE, stride=1, padding=1), dropout(0.3), FLATTEN,
        linear(6), BATCH_NORM, activation(Activation.SIGMOID), linear(),
    ),
)  # fmt: skip
GLOBAL = NetworkSpec(
    "Global", (1, 8, 8), ("a", "b"), (conv(3), GLOBAL_AVERAGE, FLATTEN, linear(), activation(Activation.NONE))
)
TRIED = {key: preset(key) for key in preset_keys()} | {"everything": EVERYTHING, "global": GLOBAL}


def executed(blueprint: NetworkSpec) -> dict:
    names: dict = {}
    exec(compile(spec_to_pytorch(blueprint, CodeForm.KERAS), "<exported>", "exec"), names)
    return names


def ours_of(blueprint: NetworkSpec) -> nn.Sequential:
    """Built, with running estimates that are not those of the start."""
    torch.manual_seed(2)
    network = build_module(blueprint).eval()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            module.running_mean.uniform_(-1, 1)
            module.running_var.uniform_(0.5, 2)
    return network


def carry_over(blueprint: NetworkSpec, ours: nn.Sequential, theirs) -> None:
    """Our weights into the Keras network: (out, in, rows, cols) → (rows, cols, in, out), columns in Keras' order."""
    maps = None
    for row in inspect_spec(blueprint).rows:
        module = ours.get_submodule(row.name)
        maps = row.arrives if isinstance(module, nn.Flatten) and not row.is_flat else maps
        if hasattr(module, "conv"):
            _set(theirs.get_layer(f"{row.name}_conv"), module.conv, None)
            if row.part.is_normalised:
                _set(theirs.get_layer(f"{row.name}_norm"), module.norm, None)
        elif list(module.parameters()):
            _set(theirs.get_layer(row.name), module, maps)
            maps = None if isinstance(module, nn.Linear) else maps


def _set(layer, module: nn.Module, maps: tuple[int, ...] | None) -> None:
    if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
        tensors = (module.weight, module.bias, module.running_mean, module.running_var)
        layer.set_weights([tensor.detach().numpy() for tensor in tensors])
        return
    weight = module.weight.detach().numpy()
    if weight.ndim == 4:
        weight = weight.transpose(2, 3, 1, 0)
    elif maps is not None:
        weight = weight.reshape(-1, *maps).transpose(0, 2, 3, 1).reshape(len(weight), -1).T
    else:
        weight = weight.T
    layer.set_weights([weight, *([] if module.bias is None else [module.bias.detach().numpy()])])


def outputs(blueprint: NetworkSpec) -> tuple[np.ndarray, np.ndarray]:
    ours, theirs = ours_of(blueprint), executed(blueprint)["network"]
    carry_over(blueprint, ours, theirs)
    x = torch.randn(2, *blueprint.input_shape)
    with torch.no_grad():
        made = theirs(x.permute(0, 2, 3, 1).contiguous(), training=False)
        return ours(x).numpy(), made.detach().cpu().numpy()


@pytest.mark.parametrize("key", TRIED)
def test_the_keras_network_has_our_shapes_and_our_count(key: str):
    blueprint = TRIED[key]
    network, found = executed(blueprint)["network"], inspect_spec(blueprint)
    assert sum(int(np.prod(w.shape)) for w in network.trainable_weights) == found.parameters
    for row in found.rows:
        shape = tuple(network.get_layer(row.name).output.shape)[1:]
        ours = row.output_shape
        assert shape == ((*ours[1:], ours[0]) if len(ours) == 3 else ours)


@pytest.mark.parametrize("key", ["keras_b6", "lenet5", "birds_batch_norm", "birds_residual", "everything", "global"])
def test_the_keras_network_with_our_weights_gives_our_scores(key: str):
    ours, theirs = outputs(TRIED[key])
    np.testing.assert_allclose(theirs, ours, atol=2e-5)


@pytest.mark.parametrize("function", Activation)
def test_every_activation_gives_our_scores_in_keras(function: Activation):
    parts = (conv(2), activation(function), residual(3, function), FLATTEN, linear())
    ours, theirs = outputs(NetworkSpec("One", (1, 6, 6), ("a", "b"), parts))
    np.testing.assert_allclose(theirs, ours, atol=2e-5)


def test_columns_in_pytorchs_order_would_give_other_scores():
    """The negative twin: the comparison above can fail, and the remark in the code is true."""
    blueprint = TRIED["global"]
    flat = NetworkSpec("flat", blueprint.input_shape, blueprint.classes, (conv(3), FLATTEN, linear()))
    ours, theirs = ours_of(flat), executed(flat)["network"]
    carry_over(flat, ours, theirs)
    theirs.get_layer("fc").set_weights([ours.fc.weight.detach().numpy().T, ours.fc.bias.detach().numpy()])
    x = torch.randn(2, 1, 8, 8)
    made = theirs(x.permute(0, 2, 3, 1).contiguous(), training=False).detach().numpy()
    assert np.abs(made - ours(x).detach().numpy()).max() > 1e-2


def test_same_padding_is_written_only_where_keras_pads_as_pytorch_does():
    odd, even = (NetworkSpec("x", (1, 9, 9), ("a", "b"), (conv(2, k, padding=1), FLATTEN, linear())) for k in (3, 4))
    assert 'Conv2D(2, 3, padding="same", name="conv1")' in spec_to_pytorch(odd, CodeForm.KERAS)
    assert "layers.ZeroPadding2D(1),\n        layers.Conv2D(2, 4, name=" in spec_to_pytorch(even, CodeForm.KERAS)


def test_a_padded_max_pooling_is_refused_in_one_sentence():
    blueprint = NetworkSpec("x", (1, 9, 9), ("a", "b"), (pool(3, stride=2, padding=1), FLATTEN, linear()))
    with pytest.raises(NetworkSpecError, match="padding of pool1 must be 0 for Keras, got 1"):
        spec_to_pytorch(blueprint, CodeForm.KERAS)


def test_what_keras_does_otherwise_stands_in_comments():
    text = spec_to_pytorch(preset("birds_batch_norm"), CodeForm.KERAS)
    assert "from_logits=True" in text
    assert "momentum 0.9 is what PyTorch calls 0.1" in text
    assert "momentum" not in spec_to_pytorch(preset("birds_c1"), CodeForm.KERAS)
