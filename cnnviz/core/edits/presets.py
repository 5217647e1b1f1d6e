"""The laboratory's ready-made kernels in the place of a trained one: of its size, and not stronger than need be.

Refuses to know: what the kernels are (`cnnviz.core.kernels`), and which layer they go into.
"""

from __future__ import annotations

import numpy as np

from cnnviz.checks import not_one_of, sides
from cnnviz.core.edits.edit import EditError
from cnnviz.core.kernels import PRESETS, KernelError, KernelPreset, normalise
from cnnviz.i18n import _

_OFFERED = {preset.key: preset for preset in PRESETS if preset.key != "ones"}  # normalised it is the averaging one


def preset_keys(rows: int = 5, cols: int = 5) -> tuple[str, ...]:
    """The keys of the kernels that there are in this size."""
    return tuple(key for key, preset in _OFFERED.items() if preset.fits(rows, cols))


def preset_title(key: str) -> str:
    """What it is called, in the reader's language. Raises: EditError for a key that there is not."""
    return _find(key).title


def preset_kernel(key: str, rows: int, cols: int) -> np.ndarray:
    """The kernel in this size, float32, divided by the sum of its weights (or of their sizes, where they cancel out).

    So no even picture is made brighter. Raises: EditError for a key that there is not, or a size that it does not have.

    >>> from cnnviz.core.edits.presets import preset_kernel
    >>> preset_kernel("box", 1, 4).tolist()
    [[0.25, 0.25, 0.25, 0.25]]
    """
    try:
        return normalise(_find(key).fitted(rows, cols))
    except KernelError as error:
        raise EditError(str(error)) from error


def fit_preset(key: str, rows: int, cols: int) -> str:
    """How it comes to this size, in the reader's language. Raises: EditError for a key that there is not."""
    preset, size = _find(key), f"{rows}×{cols}"
    if preset.has_one_size and (rows, cols) != preset.natural:
        own = sides(preset.natural)
        return _("{own} in the middle of {size}, zeros around it", own=own, size=size)
    return size


def recognise_presets(kernels: np.ndarray) -> list[str]:
    """For each of `kernels` (n, rows, cols) the key of the ready-made one that it is; "" where it is none."""
    ready = [(key, preset_kernel(key, *kernels.shape[1:])) for key in preset_keys(*kernels.shape[1:])]
    return [next((key for key, one in ready if np.array_equal(one, kernel)), "") for kernel in kernels]


def _find(key: str) -> KernelPreset:
    if key not in _OFFERED:
        raise not_one_of("preset", key, _OFFERED, EditError)
    return _OFFERED[key]
