"""What a graph computes: constants once, sizes as they are, decisions, several outputs; each against PyTorch."""

import gc
import subprocess
import sys
import weakref

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional
from torchvision.ops import Permute, stochastic_depth

from cnnviz.core.explain import explain, terms_of
from cnnviz.core.graph import build_graph
from cnnviz.core.layers import Kind
from cnnviz.core.ops import find_operation
from cnnviz.core.receptive_field import receptive_field
from cnnviz.core.trace import TraceError, Tracer, trace
from cnnviz.core.units import UnitRef

SHAPE = (3, 8, 8)


def image() -> np.ndarray:
    return np.random.default_rng(0).normal(size=SHAPE).astype(np.float32)


class Standardised(nn.Module):
    """A convolution whose weights are standardised before each use."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.weight, self.bias = nn.Parameter(torch.randn(4, 3, 3, 3)), nn.Parameter(torch.randn(4))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        weight = self.weight - self.weight.mean((1, 2, 3), keepdim=True)
        return functional.conv2d(x, weight / weight.std((1, 2, 3), keepdim=True), self.bias)


def expected_of(model: nn.Module) -> np.ndarray:
    with torch.no_grad():
        return model.eval()(torch.tensor(image())[None])[0].numpy()


def test_weights_that_are_computed_are_those_of_the_layer():
    made = trace(Standardised(), image())
    (layer,) = made.layers
    np.testing.assert_array_equal(layer.output, expected_of(Standardised()))
    np.testing.assert_allclose(layer.weight.mean(axis=(1, 2, 3)), 0, atol=1e-6)
    found = terms_of(explain(layer, UnitRef("conv2d", 2, 3, 4)))
    assert found.bias + sum(term.product for term in found.terms) == pytest.approx(found.total, abs=1e-5)


def test_their_parameters_are_counted_where_they_are_used():
    graph = build_graph(Standardised(), SHAPE)
    assert [(node.name, node.parameters) for node in graph.layers] == [("conv2d", 4 * 27 + 4)]
    assert sum(node.parameters for node in graph.nodes) == 4 * 27 + 4


class OwnKernels(nn.Module):
    """A convolution whose weights depend on the image."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        kernels = x.mean((2, 3)).reshape(1, 3, 1, 1)
        return functional.conv2d(x, kernels)


def test_weights_that_depend_on_the_image_are_no_weights():
    made = trace(OwnKernels(), image())
    np.testing.assert_array_equal(made.layers[-1].output, expected_of(OwnKernels()))
    assert made.layers[-1].spec.kind is Kind.UNSUPPORTED


class Deciding(nn.Module):
    """Loops, sizes and decisions about shapes, and a convolution that is used twice."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.conv = nn.Conv2d(3, 3, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if int(x.shape[-1]) % 2 == 0:
            x = functional.pad(x, (0, 1))
        for _step in range(2):
            x = self.conv(x)
            if x.shape[2] != x.shape[3]:
                x = x + x.mean(dim=(2, 3), keepdim=True)
        return x.flatten(1)


def test_decisions_about_shapes_are_followed():
    made = trace(Deciding().eval(), image())
    np.testing.assert_array_equal(made.logits, expected_of(Deciding()))
    names = [layer.spec.path for layer in made.layers]
    assert [name for name in names if name.startswith("conv")] == ["conv", "conv#2"]
    assert "add" in names


class Several(nn.Module):
    """Returns several tensors, the first of which is a constant."""

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        return torch.ones(1, 2), x.mean((2, 3)), x


def test_the_first_output_that_depends_on_the_image_is_the_networks():
    made = trace(Several(), image())
    np.testing.assert_allclose(made.logits, image().mean(axis=(1, 2)), atol=1e-6)


class Failing(nn.Module):
    """What it does cannot be done with an image of this size."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.fc = nn.Conv2d(3, 2, 3), nn.Linear(10, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fc(self.conv(x).flatten(1))


def test_a_layer_that_refuses_is_named_with_what_it_was_given():
    with pytest.raises(TraceError, match=r"^layer fc refused its input of shape 72: "):
        trace(Failing(), image())


def test_softmax_at_the_end_gives_the_probabilities_and_what_went_in_the_scores():
    model = nn.Sequential(nn.Flatten(), nn.Linear(192, 4), nn.Softmax(dim=1))
    made = trace(model, image())
    np.testing.assert_array_equal(made.probabilities, expected_of(model))
    np.testing.assert_array_equal(made.logits, expected_of(model[:2]))


def test_a_softmax_on_top_of_it_would_be_another():
    """The negative twin."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(192, 4), nn.Softmax(dim=1))
    made = trace(model, image())
    twice = np.exp(made.probabilities) / np.exp(made.probabilities).sum()
    assert np.abs(twice - made.probabilities).max() > 1e-3


def test_nothing_keeps_a_network_that_nobody_asks_for_any_more():
    """A visitor's network may have 500 MB of weights: no cache of the core holds on to one."""
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 4, 3))
    tracer = Tracer(model)
    twin = Tracer(nn.Sequential(*model[:2], nn.Conv2d(4, 4, 3)), twin=tracer)
    twin(image(), tracer(image()))
    graph = build_graph(model, SHAPE)
    receptive_field(graph, UnitRef("2", 0, 1, 1))
    alive = [weakref.ref(one) for one in (model[0], twin._model[2], graph)]
    del model, tracer, twin, graph
    gc.collect()
    assert [ref() for ref in alive] == [None, None, None]


def test_what_is_torchvisions_is_known_without_importing_it():
    """The first page waits for what is imported."""
    code = "import sys, cnnviz.core.trace, cnnviz.ui.draw.page; assert 'torchvision' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert find_operation(Permute).kind is Kind.REARRANGE
    assert find_operation(stochastic_depth).kind is Kind.DROPOUT
