"""One training step in slow motion: forward, loss, backwards layer by layer, and the update of every weight.

Start with `trace_training_step(model, image, target)`; the sums behind single gradients are in
`gradient_sums` (any operation) and `sums` (weights, biases, poolings and activations, by their own formulas).
Refuses to know: data sets, batches of more than one image, pages.
"""

from cnnviz.core.training_step.gradient_sums import (
    BranchSum,
    GradientSum,
    branch_sum,
    cell_gradient,
    parameter_sum,
)
from cnnviz.core.training_step.optimisers import OptimiserMethod, OptimiserSettings
from cnnviz.core.training_step.records import LayerStep, ParameterStep, StepTrace, TrainingStepError
from cnnviz.core.training_step.step import trace_training_step
from cnnviz.core.training_step.sums import BiasSum, InputGradient, WeightSum, bias_sum, input_gradient, weight_sum

__all__ = [
    "BiasSum",
    "BranchSum",
    "GradientSum",
    "InputGradient",
    "LayerStep",
    "OptimiserMethod",
    "OptimiserSettings",
    "ParameterStep",
    "StepTrace",
    "TrainingStepError",
    "WeightSum",
    "bias_sum",
    "branch_sum",
    "cell_gradient",
    "input_gradient",
    "parameter_sum",
    "trace_training_step",
    "weight_sum",
]
