"""One training step on one drawing, every number kept: forward, loss, gradients layer by layer, update.

The gradients are autograd's, taken one layer at a time; the update is made by PyTorch's own optimiser, on a copy.
The network runs as it does when it is used (evaluation mode), so that a batch of one has a meaning.
Refuses to know: pages, colours, where the drawing came from; batches, and data.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from cnnviz.checks import check_whole
from cnnviz.core.layer_trace import Trace
from cnnviz.core.trace import Tracer
from cnnviz.core.training_step.optimisers import OptimiserSettings
from cnnviz.core.training_step.records import LayerStep, ParameterStep, StepTrace, TrainingStepError
from cnnviz.i18n import _

MOST_STEPS = 100

_Ends = tuple[torch.Tensor, torch.Tensor]  # what went into a layer, what came out
_Flow = tuple[torch.Tensor | None, torch.Tensor | None]  # d loss / d input, d loss / d output


@dataclass(frozen=True, eq=False)
class _Backward:
    """What one way back gave; the gradients of the parameters lie with these."""

    grad_logits: torch.Tensor
    flow: list[_Flow]  # one for each layer, in their order
    problem: str


def trace_training_step(
    model: nn.Module,
    image: np.ndarray,
    target: int,
    optimiser: OptimiserSettings | None = None,
    *,
    step: int = 1,
    network: str = "",
) -> StepTrace:
    """Step number `step` (from 1) of a fresh run that trains on `image` (channels, rows, cols) as class `target` only.

    `model` stays as it is: the steps are taken with a copy. `step` is 100 at most; `network` is a name for the trace.
    Raises: TraceError when a layer refuses its input, TrainingStepError for a class or step that there is not, or a
    network without weights.

    >>> import numpy as np
    >>> from cnnviz.models.zoo import find_recipe
    >>> from cnnviz.core.training_step.step import trace_training_step
    >>> image = np.ones((1, 28, 28), np.float32)
    >>> motion = trace_training_step(find_recipe("mnist").build(), image, target=3)
    >>> motion.layer("conv1").weight.gradient.shape
    (16, 1, 5, 5)
    """
    optimiser = optimiser or OptimiserSettings()
    check_whole("step", step, 1, MOST_STEPS, _("choose one of these"), TrainingStepError)
    with torch.inference_mode(False), torch.enable_grad():
        run = _Run(model, image, target, optimiser, network)
        for _each in range(step - 1):
            run.go_back()
            run.advance()
        return run.recorded(step)


class _Run:
    """A copy of a network that is trained on one drawing, step by step."""

    def __init__(
        self, model: nn.Module, image: np.ndarray, target: int, optimiser: OptimiserSettings, network: str
    ) -> None:
        self.model = copy.deepcopy(model).eval().requires_grad_(True)
        self.image, self.target, self.optimiser, self.network = image, target, optimiser, network
        parameters = list(self.model.parameters())
        if not parameters:
            raise TrainingStepError(_("network must have weights to learn, got one without: choose another network"))
        self.like = parameters[0]
        self.stepper = optimiser.stepper(parameters)
        self.losses: list[float] = []
        first = self.traced()
        if not 0 <= target < len(first.logits):
            raise TrainingStepError(
                _("class must be in 0..{last}, got {target}: choose one of these",
                  last=len(first.logits) - 1, target=target)
            )  # fmt: skip
        self.modules = [self.model.get_submodule(layer.spec.path) for layer in first.layers]

    def traced(self) -> Trace:
        return Tracer(self.model, self.network, in_row=True)(self.image)

    def advance(self) -> None:
        self.stepper.step()

    def go_back(self) -> _Backward:
        """Forward with every layer on its own, then back through them: leaves the gradients with the parameters."""
        self.stepper.zero_grad(set_to_none=True)
        value = torch.tensor(self.image, dtype=self.like.dtype, device=self.like.device)[None]  # (1, c, h, w)
        ends = []
        for module in self.modules:
            before = value.detach().requires_grad_()
            value = module(before.clone())  # a layer that works in place changes only this copy
            ends.append((before, value))
        logits = value.detach().flatten(1).requires_grad_()  # (1, classes)
        loss = functional.cross_entropy(logits, torch.tensor([self.target], device=logits.device))
        (grad,) = torch.autograd.grad(loss, logits)
        self.losses.append(float(loss.detach()))
        flow, problem = self._through_layers(ends, grad.reshape(value.shape))
        return _Backward(grad[0], flow, problem)

    def _through_layers(self, ends: list[_Ends], grad: torch.Tensor | None) -> tuple[list[_Flow], str]:
        """From the last layer to the first; a layer that lets no gradient through ends it, and is named."""
        flow: list[_Flow] = []
        problem = ""
        for module, each in zip(reversed(self.modules), reversed(ends), strict=True):
            back = None
            if grad is not None:
                try:
                    back = _through(module, each, grad)
                except RuntimeError as error:
                    problem = self._dead_end(module, error)
            flow.append((back, grad))
            grad = back
        return flow[::-1], problem

    def _dead_end(self, module: nn.Module, error: RuntimeError) -> str:
        path = next(name for name, each in self.model.named_modules() if each is module)
        return _(
            "No gradient goes back through layer {path} ({type}): the layers before it cannot learn from this step. "
            "PyTorch says: {reason}",
            path=path, type=type(module).__name__, reason=str(error).split("\n")[0],
        )  # fmt: skip

    def recorded(self, step: int) -> StepTrace:
        """The step that comes now, with everything kept."""
        before = self.traced()
        back = self.go_back()
        gradients = {id(p): None if p.grad is None else p.grad.clone() for p in self.model.parameters()}
        olds = {id(p): p.detach().clone() for p in self.model.parameters()}
        self.advance()
        after = self.traced()
        scores = torch.tensor(after.logits)[None]
        self.losses.append(float(functional.cross_entropy(scores, torch.tensor([self.target]))))

        def parameter(module: nn.Module, name: str) -> ParameterStep | None:
            held = getattr(module, name, None)
            if not isinstance(held, nn.Parameter):
                return None
            return self._parameter(held, olds[id(held)], gradients[id(held)], step)

        layers = tuple(
            LayerStep(traced, _first(flow[0]), _first(flow[1]), parameter(module, "weight"), parameter(module, "bias"))
            for traced, flow, module in zip(before.layers, back.flow, self.modules, strict=True)
        )
        problems = tuple(filter(None, (back.problem, *_trouble(before, layers, self.losses))))
        return StepTrace(
            before, self.target, self.losses[-2], _array(back.grad_logits), layers, self.optimiser, step,
            tuple(self.losses), after, problems,
        )  # fmt: skip

    def _parameter(
        self, held: nn.Parameter, old: torch.Tensor, gradient: torch.Tensor | None, step: int
    ) -> ParameterStep:
        new = held.detach().clone()
        memory = self.stepper.state.get(held, {})
        mean, square = memory.get("exp_avg"), memory.get("exp_avg_sq")
        for_mean, for_square = self.optimiser.corrections(step)
        return ParameterStep(
            before=_array(old),
            gradient=None if gradient is None else _array(gradient),
            step=_array(new - old),
            after=_array(new),
            velocity=_copied(memory.get("momentum_buffer")),
            mean=_copied(mean),
            square=_copied(square),
            fair_mean=None if mean is None else _array(mean / for_mean),
            fair_square=None if square is None else _array(square / for_square),
        )


def _through(module: nn.Module, ends: _Ends, grad: torch.Tensor) -> torch.Tensor:
    """d loss / d input of one layer; leaves d loss / d parameter with each of its parameters.

    Raises: RuntimeError where autograd knows no way back.
    """
    before, after = ends
    parameters = list(module.parameters())
    back, *own = torch.autograd.grad(after, [before, *parameters], grad_outputs=grad, allow_unused=True)
    for held, gradient in zip(parameters, own, strict=True):
        if gradient is not None:
            held.grad = gradient if held.grad is None else held.grad + gradient
    if back is None:
        raise RuntimeError("the output does not depend on the input")
    return back


def _trouble(trace: Trace, layers: tuple[LayerStep, ...], losses: list[float]) -> Iterator[str]:
    """A sentence about the first layer whose values are no numbers, else about a step that was much too large."""
    for layer in trace.layers:
        if not np.isfinite(layer.output).all():
            yield _(
                "Layer {path} gives values that are infinite or no numbers: what follows from them says nothing. "
                "Draw again, or train the network anew",
                path=layer.spec.path,
            )
            return
    if not math.isfinite(losses[-1]):
        yield _(
            "After this step the loss is not a finite number: the step was too large, choose a smaller learning rate"
        )
        return
    for each in layers:
        if each.weight is not None and np.linalg.norm(each.weight.step) > np.linalg.norm(each.weight.before):
            yield _(
                "In layer {path} the step is larger than the weights themselves, so that what the network knew is "
                "lost: choose a smaller learning rate",
                path=each.spec.path,
            )
            return


def _first(batch: torch.Tensor | None) -> np.ndarray | None:
    """The only image of a batch, as an array."""
    return None if batch is None else _array(batch[0])


def _copied(tensor: torch.Tensor | None) -> np.ndarray | None:
    return None if tensor is None else _array(tensor.clone())


def _array(tensor: torch.Tensor) -> np.ndarray:
    return tensor.detach().cpu().numpy()
