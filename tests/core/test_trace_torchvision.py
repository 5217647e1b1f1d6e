"""torchvision's networks, traced: each module's output is PyTorch's, and cells of every layer are explained."""

import itertools

import numpy as np
import pytest
import torch
from torch import nn
from torchvision import models

from cnnviz.core.explain import ExplainError, explain, terms_of
from cnnviz.core.graph import build_graph
from cnnviz.core.layer_trace import LayerTrace
from cnnviz.core.layers import Kind
from cnnviz.core.receptive_field import receptive_field
from cnnviz.core.trace import trace
from cnnviz.core.units import UnitRef

SIDE = 64
NAMES = ("resnet18", "squeezenet1_1", "mobilenet_v2", "mobilenet_v3_small", "shufflenet_v2_x0_5", "googlenet",
         "densenet121", "efficientnet_b0", "convnext_tiny")  # fmt: skip
SETTINGS = {"googlenet": {"init_weights": False, "aux_logits": False}}


def built(name: str) -> nn.Module:
    """With parameters and running estimates that are none of those that a layer begins with."""
    torch.manual_seed(0)
    model = models.get_model(name, weights=None, **SETTINGS.get(name, {})).eval()
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.2)
            module.running_var.uniform_(0.5, 1.5)
            module.weight.data.uniform_(0.5, 1.5)
            module.bias.data.normal_(0, 0.2)
    return model


def image() -> np.ndarray:
    return np.random.default_rng(1).random((3, SIDE, SIDE), dtype=np.float32)


def hooked(model: nn.Module, values: np.ndarray) -> tuple[dict[str, list[np.ndarray]], np.ndarray]:
    """Every output of every module, call by call, by PyTorch's own hooks, and that of the network."""
    found: dict[str, list[np.ndarray]] = {}

    def keep(name: str):
        def hook(_module, _inputs, out) -> None:
            if isinstance(out, torch.Tensor):
                found.setdefault(name, []).append(out[0].numpy().copy())

        return hook

    hooks = [module.register_forward_hook(keep(name)) for name, module in model.named_modules()]
    with torch.no_grad():
        result = model(torch.tensor(values)[None])
    for one in hooks:
        one.remove()
    return found, result[0].numpy()


@pytest.mark.parametrize("name", NAMES)
def test_every_module_gives_what_pytorch_gives(name: str):
    model, values = built(name), image()
    expected, logits = hooked(model, values)
    made = trace(model, values)
    np.testing.assert_array_equal(made.logits, logits)
    compared = 0
    for layer in made.layers:
        path, _hash, call = layer.spec.path.partition("#")
        calls = expected.get(path)
        if calls is None:
            continue
        np.testing.assert_array_equal(layer.output.ravel(), calls[int(call or 1) - 1].ravel(), err_msg=layer.spec.path)
        compared += 1
    assert compared > 20
    norms = [layer for layer in made.layers if layer.spec.kind is Kind.NORMALISATION]
    assert not norms or any((layer.output < 0).any() for layer in norms)  # no ReLU has written over them


def places(layer: LayerTrace):
    shape = layer.output.shape
    yield tuple(0 for _side in shape)
    yield tuple(side - 1 for side in shape)
    yield tuple(side // 2 for side in shape)


@pytest.mark.parametrize("name", NAMES)
def test_cells_of_every_layer_are_explained(name: str):
    made = trace(built(name), image())
    kinds = set()
    for layer in made.layers:
        if layer.spec.kind is Kind.UNSUPPORTED:
            continue
        kinds.add(layer.spec.kind)
        for place in places(layer):
            found = terms_of(explain(layer, UnitRef(layer.spec.path, *place)))
            total = float(layer.output[place])
            assert found.total == total
            made_up = found.bias + sum(term.product for term in found.terms)
            assert made_up == pytest.approx(total, rel=1e-5, abs=1e-5)
    assert {Kind.CONVOLUTION, Kind.LINEAR} <= kinds or name == "squeezenet1_1"
    assert all(layer.spec.kind is not Kind.UNSUPPORTED for layer in made.layers)


def test_a_layer_whose_output_is_another_ones_is_refused():
    """The negative twin."""
    made = trace(built("resnet18"), image())
    layer = made.layers[made.position("layer1.0.add")]
    other = made.layers[made.position("layer1.1.add")]
    wrong = LayerTrace(layer.spec, layer.inputs, other.output, sources=layer.sources, shape=layer.shape)
    refused = 0
    for place in itertools.product(range(4), range(4), range(4)):
        try:
            explain(wrong, UnitRef(layer.spec.path, *place))
        except ExplainError:
            refused += 1
    assert refused > 50


def open_eyed(model: nn.Module) -> nn.Module:
    """All activations pass everything on, means stand for largest values and no sum cancels: each cell read counts."""
    for module in list(model.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, nn.ReLU | nn.ReLU6):
                setattr(module, name, nn.Identity())
            if isinstance(child, nn.MaxPool2d):
                pooling = nn.AvgPool2d(child.kernel_size, child.stride, child.padding, ceil_mode=child.ceil_mode)
                setattr(module, name, pooling)
    for parameter in model.parameters():
        parameter.data.abs_().clamp_(min=1e-3)
    return model.double()


@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v2", "squeezenet1_1", "shufflenet_v2_x0_5", "densenet121"])
def test_a_field_is_what_moves_its_unit(name: str):
    model = open_eyed(built(name))
    graph = build_graph(model, (3, SIDE, SIDE))
    pixels = torch.rand(1, 3, SIDE, SIDE, dtype=torch.float64).requires_grad_()
    on_maps = [node for node in graph.layers if len(node.shape) == 3 and min(node.shape[1:]) > 1]
    for node in on_maps[:: max(1, len(on_maps) // 8)]:
        channels, rows, cols = node.shape
        for place in ((0, 0, 0), (channels - 1, rows // 2, cols - 1)):
            value = graph.program(graph.position(node.name), pixels)[(0, *place)]
            (gradient,) = torch.autograd.grad(value, pixels)
            moved = (gradient[0] != 0).any(dim=0).numpy()
            np.testing.assert_array_equal(receptive_field(graph, UnitRef(node.name, *place)).exact, moved, node.name)


def test_a_field_of_the_next_unit_is_another():
    """The negative twin."""
    model = open_eyed(built("resnet18"))
    graph = build_graph(model, (3, SIDE, SIDE))
    one, other = (receptive_field(graph, UnitRef("layer1.0.conv1", 0, 8, col)).exact for col in (8, 9))
    assert (one != other).any()
