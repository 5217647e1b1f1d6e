"""One training step in slow motion: forward, loss, backwards layer by layer, and the update of every weight.

Start with `slow_motion(model, image, target)`; the sums behind single gradients are in `sums`.
Refuses to know: data sets, batches of more than one image, pages.
"""

from cnnviz.core.training_step.optimisers import Method, Optimiser
from cnnviz.core.training_step.records import LayerMotion, Motion, MotionError, ParameterMotion
from cnnviz.core.training_step.step import slow_motion
from cnnviz.core.training_step.sums import Backflow, BiasSum, WeightSum, backflow, bias_sum, weight_sum

__all__ = [
    "Backflow",
    "BiasSum",
    "LayerMotion",
    "Method",
    "Motion",
    "MotionError",
    "Optimiser",
    "ParameterMotion",
    "WeightSum",
    "backflow",
    "bias_sum",
    "slow_motion",
    "weight_sum",
]
