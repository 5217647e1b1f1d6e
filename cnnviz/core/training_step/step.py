"""One training step on one drawing, every number kept: forward, loss, gradients layer by layer, update.

The gradients are autograd's, taken one layer at a time, on any graph; the update is made by PyTorch's own optimiser, on
a copy. The network runs as it does when it is used (evaluation mode), its batch normalisations only unless told
otherwise.
Refuses to know: pages, colours, where the drawing came from; batches, and data.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from cnnviz.checks import check_whole
from cnnviz.core.layer_trace import Trace
from cnnviz.core.trace import run_plan
from cnnviz.core.trace_plan import TracePlan
from cnnviz.core.training_step.backward import Backward, go_through
from cnnviz.core.training_step.layer_steps import array_copy, first_image, layer_steps
from cnnviz.core.training_step.optimisers import OptimiserSettings
from cnnviz.core.training_step.records import LayerStep, ParameterStep, StepTrace, TrainingStepError
from cnnviz.core.training_step.trainable import TrainableNetwork, make_trainable
from cnnviz.i18n import _

MOST_STEPS = 100


def trace_training_step(
    model: nn.Module,
    image: np.ndarray,
    target: int,
    optimiser: OptimiserSettings | None = None,
    *,
    step: int = 1,
    network: str = "",
    batch_statistics: bool = False,
) -> StepTrace:
    """Step number `step` (from 1) of a fresh run that trains on `image` (channels, rows, cols) as class `target` only.

    `model` is any network that can be traced; it stays as it is: the steps are taken with a copy. `step` is 100 at
    most; `network` is a name for the trace. batch_statistics: batch normalisations take mean and variance of this
    image, a batch of one, as they do in training; else their running estimates. Dropout is inactive in both.
    Raises: TraceError when a layer refuses its input, TrainingStepError for a class or step that there is not, or a
    network without weights or without a graph.

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
        shape = (image.shape[0], image.shape[1], image.shape[2])
        trainable = make_trainable(model, shape, network, batch_statistics=batch_statistics)
        run = _Run(trainable, image, target, optimiser)
        for _each in range(step - 1):
            run.go_back(trainable.plan())
            run.advance()
        return run.recorded(step)


class _Run:
    """A copy of a network that is trained on one drawing, step by step."""

    def __init__(self, network: TrainableNetwork, image: np.ndarray, target: int, optimiser: OptimiserSettings) -> None:
        self.network, self.target, self.optimiser = network, target, optimiser
        learned = [one for one in network.parameters.values() if one.requires_grad]
        if not learned:
            raise TrainingStepError(_("network must have weights to learn, got one without: choose another network"))
        self.image = image
        self.batch = torch.tensor(image, dtype=learned[0].dtype, device=learned[0].device)[None]  # (1, c, h, w)
        self.stepper = optimiser.stepper(learned)
        self.losses: list[float] = []
        first = network.trace(image)
        if not 0 <= target < len(first.logits):
            raise TrainingStepError(
                _("class must be in 0..{last}, got {target}: choose one of these",
                  last=len(first.logits) - 1, target=target)
            )  # fmt: skip

    def advance(self) -> None:
        self.stepper.step()

    def go_back(self, plan: TracePlan) -> Backward:
        """Forward with every layer on its own, then back through them: leaves the gradients with the parameters."""
        back = go_through(plan, self.batch, self.target)
        for one in self.network.parameters.values():
            one.grad = back.parameters.get(id(one))
        self.losses.append(back.loss)
        return back

    def recorded(self, step: int) -> StepTrace:
        """The step that comes now, with everything kept."""
        plan = self.network.plan()
        before = run_plan(plan, self.image, self.network.name)
        back = self.go_back(plan)
        learned = self.network.parameters.values()
        gradients = {id(p): None if p.grad is None else p.grad.clone() for p in learned}
        olds = {id(p): p.detach().clone() for p in learned}
        self.advance()
        after = self.network.trace(self.image)
        scores = torch.tensor(after.logits)[None]
        self.losses.append(float(functional.cross_entropy(scores, torch.tensor([self.target]))))
        parameters = {id(one): self._parameter(one, olds[id(one)], gradients[id(one)], step) for one in learned}
        layers = layer_steps(plan, before, back, parameters, olds)
        problems = (*back.problems, *_trouble(before, layers, self.losses))
        return StepTrace(
            before, self.target, self.losses[-2], array_copy(back.logits), layers, self.optimiser, step,
            tuple(self.losses), after, problems,
            {path: parameters[id(one)] for path, one in self.network.parameters.items()},
            first_image(back.image),
        )  # fmt: skip

    def _parameter(
        self, held: nn.Parameter, old: torch.Tensor, gradient: torch.Tensor | None, step: int
    ) -> ParameterStep:
        new = held.detach().clone()
        memory = self.stepper.state.get(held, {})
        mean, square = memory.get("exp_avg"), memory.get("exp_avg_sq")
        for_mean, for_square = self.optimiser.corrections(step)
        return ParameterStep(
            before=array_copy(old),
            gradient=None if gradient is None else array_copy(gradient),
            step=array_copy(new - old),
            after=array_copy(new),
            velocity=_copied(memory.get("momentum_buffer")),
            mean=_copied(mean),
            square=_copied(square),
            fair_mean=None if mean is None else array_copy(mean / for_mean),
            fair_square=None if square is None else array_copy(square / for_square),
        )


def _trouble(trace: Trace, layers: Sequence[LayerStep], losses: list[float]) -> Iterator[str]:
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


def _copied(tensor: torch.Tensor | None) -> np.ndarray | None:
    return None if tensor is None else array_copy(tensor.clone())
