"""The rules for kernels, biases and groups: numbers, shapes, and what goes with the picture's channels.

Refuses to know: windows and sizes (`rules`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from cnnviz.checks import sides
from cnnviz.conv_lab.images import MOST_CHANNELS
from cnnviz.conv_lab.problems import Problem, Rule, SettingsError
from cnnviz.conv_lab.requests import LabSettings
from cnnviz.core.kernels import LARGEST, resize
from cnnviz.i18n import _

LARGEST_WEIGHT = 1e9  # so that no sum leaves the range of float32


def _kernel_is_usable(wish: LabSettings) -> Problem | None:
    kernel = np.asarray(wish.kernel)
    if kernel.ndim != 4 or kernel.size == 0:
        shape = sides(kernel.shape)
        raise SettingsError(
            _("kernel must be numbers for (out, in, rows, cols), got {shape}: give all four", shape=shape)
        )
    if len(kernel) > MOST_CHANNELS:
        sentence = _("there must be at most {most} kernels, got {got}: the first are taken",
                     most=MOST_CHANNELS, got=len(kernel))  # fmt: skip
        return Problem(sentence, replace(wish, kernel=kernel[:MOST_CHANNELS]))
    if max(kernel.shape[2:]) > LARGEST:
        rows, cols = (min(side, LARGEST) for side in kernel.shape[2:])
        sentence = _("kernel size must be at most {most}×{most}, got {rows}×{cols}: its middle is taken",
                     most=LARGEST, rows=kernel.shape[2], cols=kernel.shape[3])  # fmt: skip
        return Problem(sentence, replace(wish, kernel=resize(kernel, rows, cols)))
    return None


def _weights_are_bounded(wish: LabSettings) -> Problem | None:
    """With pictures that are bounded too no result can leave the range of float32."""
    parts = {"kernel": wish.kernel} if wish.bias is None else {"kernel": wish.kernel, "bias": wish.bias}
    if all((np.abs(part) <= LARGEST_WEIGHT).all() for part in parts.values()):  # NaN is not
        return None
    changes: dict[str, Any] = {
        name: np.clip(np.nan_to_num(part, nan=0.0), -LARGEST_WEIGHT, LARGEST_WEIGHT) for name, part in parts.items()
    }
    sentence = _("weights must be numbers of at most {most:,.0f} in size, got others: the nearest are used",
                 most=LARGEST_WEIGHT)  # fmt: skip
    return Problem(sentence, replace(wish, **changes))


def _bias_fits(wish: LabSettings) -> Problem | None:
    if wish.bias is None or np.shape(wish.bias) == (len(wish.kernel),):
        return None
    sentence = _(
        "bias must be one number for each of the {count} kernels, got {got}: others become 0",
        count=len(wish.kernel), got=np.size(wish.bias),
    )  # fmt: skip
    bias = np.zeros(len(wish.kernel), np.float32)
    kept = np.ravel(wish.bias)[: len(bias)]
    bias[: len(kept)] = kept
    return Problem(sentence, replace(wish, bias=bias))


def _groups_divide(wish: LabSettings) -> Problem | None:
    if not wish.has_weights:
        return None
    channels, out = wish.picture.channels, len(wish.kernel)
    if wish.groups >= 1 and channels % wish.groups == 0 and out % wish.groups == 0:
        return None
    possible = [count for count in range(1, channels + 1) if channels % count == 0 and out % count == 0]
    best = min(possible, key=lambda count: abs(count - wish.groups))
    sentence = _(
        "groups must divide the {channels} channels and the {out} kernels, got {groups}: try {best}",
        channels=channels, out=out, groups=wish.groups, best=best,
    )  # fmt: skip
    return Problem(sentence, replace(wish, groups=best))


def _kernel_has_the_channels(wish: LabSettings) -> Problem | None:
    if not wish.has_weights:
        return None
    needed = wish.picture.channels // wish.groups
    got = wish.kernel.shape[1]
    if got == needed:
        return None
    sentence = _(
        "each kernel must have {needed} channels, one for each input channel, got {got}: the first is "
        "repeated",
        needed=needed, got=got,
    )  # fmt: skip
    return Problem(sentence, replace(wish, kernel=with_channels(wish.kernel, needed)))


def with_channels(kernel: np.ndarray, count: int) -> np.ndarray:
    """`kernel` (out, in, rows, cols) with `count` input channels: further ones repeat the first."""
    kept = kernel[:, :count]
    missing = count - kept.shape[1]
    return np.concatenate([kept, np.repeat(kernel[:, :1], missing, axis=1)], axis=1) if missing > 0 else kept.copy()


RULES_OF_KERNELS: tuple[Rule, ...] = (
    _kernel_is_usable, _weights_are_bounded, _bias_fits, _groups_divide, _kernel_has_the_channels,
)  # fmt: skip
