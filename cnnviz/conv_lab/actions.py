"""What a button of the laboratory does to a wish: a ready-made kernel, an edit, another size, another picture.

A new wish comes out; whether it is possible is for `settings.nearest`.
Refuses to know: buttons.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from cnnviz.checks import check_word, not_one_of
from cnnviz.conv_lab.images import MOST_CHANNELS, OWN, LabImage, LabImageError
from cnnviz.conv_lab.kernel_presets import Place, describe_placing, put_preset, resize_kernels
from cnnviz.conv_lab.requests import LabSettings
from cnnviz.conv_lab.rules_of_kernels import with_channels
from cnnviz.conv_lab.run import random_weights
from cnnviz.core.kernels import KernelError, KernelOperation, apply_operation, find_preset
from cnnviz.i18n import _

MOST_OWN = 12  # cells on a side of a matrix that is edited by hand


@dataclass(frozen=True)
class LabAction:
    """`name` is a key of `ACTS`, "preset:" or "edit:" and the key of one; the rest is what it needs.

    `unit` and `channel`: which kernel; a `channel` of None is every channel of the picture. `rows`, `cols`, `count`,
    `seed`: numbers.
    """

    name: str
    unit: int = 0
    channel: int | None = None
    rows: int = 3
    cols: int = 3
    count: int = 1
    seed: int = 0


def apply_action(wish: LabSettings, act: LabAction) -> LabSettings:
    """`wish` after `act`.

    Raises: KernelError for an act that this kernel does not allow, KeyError for one that is not known.

    >>> import numpy as np
    >>> from cnnviz.conv_lab.actions import LabAction, apply_action
    >>> from cnnviz.conv_lab.images import find_image
    >>> from cnnviz.conv_lab.requests import LabSettings
    >>> wish = LabSettings(picture=find_image("face"), kernel=np.ones((1, 1, 3, 3)))
    >>> apply_action(wish, LabAction("preset:sobel")).kernel[0, 0].tolist()
    [[1.0, 0.0, -1.0], [2.0, 0.0, -2.0], [1.0, 0.0, -1.0]]
    """
    kind, _colon, key = act.name.partition(":")
    if kind == "preset":
        return _with_preset(wish, act, key)
    if kind == "edit":
        return _with_edit(wish, act, check_word(KernelOperation, "edit", key, KeyError))
    if kind not in ACTS:
        raise not_one_of("act", act.name, ACTS, KeyError)
    return ACTS[kind](wish, act)


def _with_preset(wish: LabSettings, act: LabAction, key: str) -> LabSettings:
    """A ready-made kernel in place of the chosen ones, at the size that is its own."""
    return replace(wish, kernel=put_preset(wish.kernel, find_preset(key), _chosen(wish, act)))


def describe_preset(wish: LabSettings, act: LabAction) -> str:
    """What has to be said of a ready-made kernel among others before `act` puts it in place; else empty."""
    kind, _colon, key = act.name.partition(":")
    if kind != "preset":
        return ""
    return describe_placing(wish.kernel, find_preset(key), _chosen(wish, act))


def _with_edit(wish: LabSettings, act: LabAction, edit: KernelOperation) -> LabSettings:
    """The chosen kernels edited; a quarter turn of one that is not square turns all, for they share their size."""
    kernel = np.array(wish.kernel)
    if edit is KernelOperation.ROTATE and kernel.shape[2] != kernel.shape[3]:
        return replace(wish, kernel=np.rot90(kernel, -1, axes=(2, 3)).copy())
    places = _chosen(wish, act)
    if edit is KernelOperation.NORMALISE and act.channel is None:  # all channels of a kernel together make one sum
        for unit in {unit for unit, _channel in places}:
            one = kernel[unit]
            kernel[unit] = apply_operation(one.reshape(len(one), -1), edit).reshape(one.shape)
        return replace(wish, kernel=kernel)
    for place in places:
        kernel[place] = apply_operation(kernel[place], edit)
    return replace(wish, kernel=kernel)


def _chosen(wish: LabSettings, act: LabAction) -> list[Place]:
    """Kernel and channel of all that a button acts on.

    Every channel of the picture: of a plain kernel its own channels; with groups, where each kernel reads only some
    of them, also the kernel at the same place of each other group.
    """
    out, width = wish.kernel.shape[:2]
    if not 0 <= act.unit < out or not 0 <= (act.channel or 0) < width:
        raise KernelError(
            _("kernel must be below {out} and channel below {width}, got {unit} and {channel}",
              out=out, width=width, unit=act.unit, channel=act.channel)
        )  # fmt: skip
    if act.channel is not None:
        return [(act.unit, act.channel)]
    apart = out // wish.groups if wish.groups > 0 and out % wish.groups == 0 else out
    return [(unit, channel) for unit in range(act.unit % apart, out, apart) for channel in range(width)]


def _with_size(wish: LabSettings, act: LabAction) -> LabSettings:
    return replace(wish, kernel=resize_kernels(np.array(wish.kernel), act.rows, act.cols))


def _with_count(wish: LabSettings, act: LabAction) -> LabSettings:
    """More or fewer kernels; further ones repeat the last, with a bias of 0."""
    count = act.count
    if not 1 <= count <= MOST_CHANNELS:
        raise KernelError(_("there must be from 1 to {most} kernels, got {got}: choose a number in between",
                            most=MOST_CHANNELS, got=count))  # fmt: skip
    kernel = np.array(wish.kernel)[:count]
    missing = count - len(kernel)
    if missing > 0:
        kernel = np.concatenate([kernel, np.repeat(kernel[-1:], missing, axis=0)])
    bias = None if wish.bias is None else np.concatenate([wish.bias[:count], np.zeros(max(0, count - len(wish.bias)))])
    return replace(wish, kernel=kernel, bias=bias)


def _at_random(wish: LabSettings, act: LabAction) -> LabSettings:
    """All weights (and biases, where there are some) as PyTorch starts with."""
    out, width, rows, cols = wish.kernel.shape
    kernel, bias = random_weights((out, width, rows, cols), act.seed)
    return replace(wish, kernel=kernel, bias=None if wish.bias is None else bias)


def _with_picture_size(wish: LabSettings, act: LabAction) -> LabSettings:
    """The matrix under the kernel made larger (with zeros, below and on the right) or smaller."""
    rows, cols = act.rows, act.cols
    if not (1 <= rows <= MOST_OWN and 1 <= cols <= MOST_OWN):
        raise LabImageError(_("your own numbers must have from 1 to {most} rows and columns, got {rows}×{cols}: choose "
                            "numbers in between", most=MOST_OWN, rows=rows, cols=cols))  # fmt: skip
    values = np.zeros((wish.picture.channels, rows, cols), np.float32)
    kept = wish.picture.values[:, :rows, :cols]
    values[:, : kept.shape[1], : kept.shape[2]] = kept
    return replace(wish, picture=LabImage(OWN, values, lambda: _("your own numbers")))


def with_other_image(wish: LabSettings, picture: LabImage) -> LabSettings:
    """The same on another picture: kernels get the channels that it has, groups stay where they can."""
    groups = wish.groups
    depthwise = groups > 1 and groups == wish.picture.channels == len(wish.kernel)
    if depthwise and picture.channels != wish.picture.channels:  # it stays depthwise
        wish = _with_count(wish, LabAction("count", count=picture.channels))
        groups = picture.channels
    if picture.channels % groups or len(wish.kernel) % groups:
        groups = 1
    kernel = with_channels(np.array(wish.kernel), picture.channels // groups)
    return replace(wish, picture=picture, kernel=kernel, groups=groups)


ACTS: dict[str, Callable[[LabSettings, LabAction], LabSettings]] = {
    "size": _with_size, "count": _with_count, "random": _at_random, "picture-size": _with_picture_size,
}  # fmt: skip
