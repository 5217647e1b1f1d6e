"""Weights averaged with those that a run began with: what the first ones knew is not all given up for the new.

Source: Wortsman et al., *Robust fine-tuning of zero-shot models* (WiSE-FT), 2022.
Refuses to know: how weights were trained, which share of them is good.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from cnnviz.checks import require
from cnnviz.i18n import _

Weights = Mapping[str, Tensor]


def average_weights(before: Weights, after: Weights, share: float) -> dict[str, Tensor]:
    """(1 − share) · before + share · after, tensor by tensor; what counts (whole numbers) is that of `after`.

    >>> import torch
    >>> from cnnviz.release.averaging import average_weights
    >>> average_weights({"a": torch.tensor([0.0])}, {"a": torch.tensor([4.0])}, 0.25)["a"].tolist()
    [1.0]
    """
    require(0 <= share <= 1, "share", "in 0..1", share, _("give a fraction"))
    require(
        {name: value.shape for name, value in before.items()} == {name: value.shape for name, value in after.items()},
        "before", "the weights of the same network as after", "others", _("average a run with its own beginning"),
    )  # fmt: skip
    return {
        name: before[name].lerp(value, share) if value.is_floating_point() else value for name, value in after.items()
    }


@torch.no_grad()
def unfold_temperature(model: nn.Sequential, temperature: float) -> None:
    """Multiply the last layer by `temperature`: the scores are those of before it was folded in.

    A run goes on from these: training drives the scores to their size, and averages are of weights of one size.
    """
    last = model[-1]
    if not isinstance(last, nn.Linear):
        raise ValueError(_("the last layer must be linear, got {kind}: it is what is scaled", kind=type(last).__name__))
    last.weight.mul_(temperature)
    last.bias.mul_(temperature)
