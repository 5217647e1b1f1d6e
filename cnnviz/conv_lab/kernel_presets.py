"""Ready-made kernels among others: put in their places, resized with them, recognised.

All kernels of a layer share their size, so what one of them brings along concerns the others.
Refuses to know: pictures, groups, which kernels are chosen (`actions`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from cnnviz.checks import sides
from cnnviz.core.kernels import LARGEST, PRESETS, KernelPreset, Size, resize
from cnnviz.i18n import _

Place = tuple[int, int]  # kernel, channel


def put_preset(kernel: np.ndarray, preset: KernelPreset, places: Sequence[Place]) -> np.ndarray:
    """`kernel` (out, in, rows, cols) with `preset` at `places`, (out, in) each, at its natural size; a new array.

    Where other kernels stay and are larger, zeros surround it; where they are smaller, zeros surround them.

    >>> import numpy as np
    >>> from cnnviz.core.kernels import find_preset
    >>> from cnnviz.conv_lab.kernel_presets import put_preset
    >>> put_preset(np.zeros((1, 1, 2, 2)), find_preset("sobel"), [(0, 0)]).shape
    (1, 1, 3, 3)
    """
    size = preset_size(kernel, preset, places)
    made = resize(np.array(kernel), *size)
    ready = resize(preset.fitted(*preset.natural), *size)
    for place in places:
        made[place] = ready
    return made


def preset_size(kernel: np.ndarray, preset: KernelPreset, places: Sequence[Place]) -> Size:
    """Rows and columns of all kernels once `preset` stands at `places`."""
    out, width, rows, cols = kernel.shape
    if len(set(places)) == out * width:
        return preset.natural
    return max(rows, preset.natural[0]), max(cols, preset.natural[1])


def describe_placing(kernel: np.ndarray, preset: KernelPreset, places: Sequence[Place]) -> str:
    """What the shared size meant for `preset` or for the other kernels; empty where it meant nothing."""
    rows, cols = kernel.shape[2:]
    size = preset_size(kernel, preset, places)
    own = sides(preset.natural)
    if size != preset.natural:
        return _(
            "“{title}” has {own} weights: it stands in the middle of {size}, with zeros around it, because all kernels "
            "of a layer have the same size", title=preset.title, own=own, size=sides(size),
        )  # fmt: skip
    if size != (rows, cols) and len(set(places)) < kernel.shape[0] * kernel.shape[1]:
        return _("“{title}” has {own} weights: the other kernels got zeros around them, because all kernels of a layer "
                 "have the same size", title=preset.title, own=own)  # fmt: skip
    return ""


def resize_kernels(kernel: np.ndarray, rows: int, cols: int) -> np.ndarray:
    """All kernels at another size: a ready-made one becomes the one of this size, any other is cut or padded.

    kernel: (out, in, rows, cols) before; after, with these `rows` and `cols`, a new array.
    A single weight is no kernel that could be told from others. Raises: KernelError outside 1 … 11.

    >>> from cnnviz.core.kernels import find_preset
    >>> from cnnviz.conv_lab.kernel_presets import resize_kernels
    >>> box = find_preset("box").fitted(2, 2)[None, None]
    >>> resize_kernels(box, 1, 4).tolist()
    [[[[0.25, 0.25, 0.25, 0.25]]]]
    """
    made = resize(kernel, rows, cols)
    by_key = {preset.key: preset for preset in PRESETS if preset.fits(rows, cols)}
    for place, key in np.ndenumerate(recognise_presets(kernel)):
        if key in by_key and kernel[place].size > 1:
            made[place] = by_key[key].fitted(rows, cols)
    return made


def recognise_presets(kernel: np.ndarray) -> np.ndarray:
    """The key of the ready-made kernel that stands in each place, (out, in) of str; "" where it is none of them."""
    keys = np.full(kernel.shape[:2], "", dtype=object)
    for key, ready in reversed(_ready_made(kernel.shape[2], kernel.shape[3])):
        keys[(kernel == ready).all(axis=(2, 3))] = key
    return keys


@lru_cache(maxsize=LARGEST * LARGEST)
def _ready_made(rows: int, cols: int) -> tuple[tuple[str, np.ndarray], ...]:
    """Every ready-made kernel of this size; of equal ones the first counts: the one whose natural size it is."""
    natural = [preset for preset in PRESETS if preset.natural == (rows, cols)]
    around = [preset for preset in PRESETS if preset.natural[0] <= rows and preset.natural[1] <= cols]
    others = [preset for preset in PRESETS if preset.fits(rows, cols)]
    return tuple(
        [(preset.key, preset.fitted(rows, cols)) for preset in natural]
        + [(preset.key, preset.fitted(rows, cols)) for preset in others]
        + [(preset.key, resize(preset.fitted(*preset.natural), rows, cols)) for preset in around]
    )
