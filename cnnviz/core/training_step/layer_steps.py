"""The record of each layer of a training step, from what one way back gave.

Refuses to know: how the gradients were computed (`backward`), and optimisers.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch.autograd import forward_ad

from cnnviz.core.layer_trace import LayerTrace, Trace
from cnnviz.core.trace_plan import PlannedLayer, TracePlan
from cnnviz.core.training_step.backward import Backward, LayerBackward, LayerRun
from cnnviz.core.training_step.records import Derivative, LayerStep, ParameterStep
from cnnviz.core.training_step.trainable import parameter_of

Tensors = Mapping[int, torch.Tensor]


def layer_steps(
    plan: TracePlan, trace: Trace, back: Backward, parameters: Mapping[int, ParameterStep], olds: Tensors
) -> tuple[LayerStep, ...]:
    """One record for each layer of `trace`. parameters, olds: their records and old values, by the parameters' ids."""
    weights = [parameter_of(plan.program, layer.number, "weight") for layer in plan.layers]
    calls = Counter(id(one) for one in weights if one is not None)
    found = []
    for layer, traced, own, weight in zip(plan.layers, trace.layers, back.layers, weights, strict=True):
        bias = parameter_of(plan.program, layer.number, "bias")
        found.append(
            LayerStep(
                traced,
                _handed_back(layer, traced, own),
                _like(own.arrived, traced.output),
                None if weight is None else parameters[id(weight)],
                None if bias is None else parameters[id(bias)],
                None if weight is None else _array(own.parameters.get(id(weight))),
                None if bias is None else _array(own.parameters.get(id(bias))),
                calls[id(weight)] if weight is not None else 1,
                _derivative(plan, layer, traced, back.values, olds),
            )
        )
    return tuple(found)


def _handed_back(layer: PlannedLayer, traced: LayerTrace, own: LayerBackward) -> tuple[np.ndarray | None, ...]:
    pairs = zip(layer.nodes, traced.inputs, strict=True)
    return tuple(None if node is None else _like(own.back.get(node), value) for node, value in pairs)


def _like(gradient: torch.Tensor | None, value: np.ndarray) -> np.ndarray | None:
    """A gradient as its value is kept: see `maps_shape`."""
    return None if gradient is None else array_copy(gradient).reshape(value.shape)


def _array(gradient: torch.Tensor | None) -> np.ndarray | None:
    return None if gradient is None else array_copy(gradient)


def first_image(batch: torch.Tensor | None) -> np.ndarray | None:
    """The only image of a batch, as an array."""
    return None if batch is None else array_copy(batch[0])


def array_copy(tensor: torch.Tensor) -> np.ndarray:
    """A tensor as an array, off the graph of autograd."""
    return tensor.detach().cpu().numpy()


def _derivative(plan: TracePlan, layer: PlannedLayer, traced: LayerTrace, values: Tensors, olds: Tensors) -> Derivative:
    """d output / d one number, by PyTorch: the layer runs once more, with the weights of before the step."""

    def run(known: Tensors, own: Tensors) -> torch.Tensor:
        return LayerRun(plan.program, layer.number, known, own, cuts=False).value

    def derivative(at: int | str, entry: int) -> np.ndarray:
        chosen = _chosen(plan, layer, at)
        held = olds if isinstance(at, str) else values

        def of(number: torch.Tensor) -> torch.Tensor:
            changed = {**held, chosen: number}
            return run(values, changed) if held is olds else run(changed, olds)

        with torch.inference_mode(False), torch.enable_grad():
            column = _column(of, held[chosen].detach(), entry)
        shape = traced.output.shape
        return np.zeros(shape, traced.output.dtype) if column is None else array_copy(column).reshape(shape)

    return derivative


def _column(of: Callable[[torch.Tensor], torch.Tensor], value: torch.Tensor, entry: int) -> torch.Tensor | None:
    """Column `entry` of the Jacobian J of `of` at `value`; None where nothing changes with it.

    By going back twice, for g(v) = Jᵀ·v is linear in v; forwards where PyTorch cannot go back through the way back.
    """
    leaf = value.clone().requires_grad_()
    made = of(leaf)
    weights = torch.zeros_like(made, requires_grad=True)
    try:
        (back,) = torch.autograd.grad(made, leaf, weights, create_graph=True)
        return torch.autograd.grad(back.reshape(-1)[entry], weights, allow_unused=True)[0]
    except RuntimeError:
        direction = torch.zeros_like(value)
        direction.view(-1)[entry] = 1
        with warnings.catch_warnings(), forward_ad.dual_level():
            warnings.simplefilter("ignore", FutureWarning)  # PyTorch warns of what it uses itself
            return forward_ad.unpack_dual(of(forward_ad.make_dual(value, direction))).tangent


def _chosen(plan: TracePlan, layer: PlannedLayer, at: int | str) -> int:
    """The node of an input by its number, or the id of a parameter by its name."""
    if isinstance(at, str):
        return id(parameter_of(plan.program, layer.number, at))
    node = layer.nodes[at]
    assert node is not None
    return node
