"""What lies under the kernel: small matrices, pictures of our own making, or what somebody brings along.

Values are float32 (channels, rows, cols); pictures run from 0 (dark) to 1 (light), matrices hold any number.
Refuses to know: kernels, files (`uploads`), pages.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from cnnviz.checks import sides
from cnnviz.data.choices import find_by_key
from cnnviz.i18n import _

Array = np.ndarray
MOST_CHANNELS, MOST_SIDE = 16, 128
LARGEST_VALUE = 1e9  # so that no sum over it leaves the range of float32
OWN, DRAWING, UPLOAD = "own", "drawing", "upload"  # keys of pictures that are brought along


class LabImageError(ValueError):
    """A picture that the laboratory cannot take; its text is one sentence for the reader."""


@dataclass(frozen=True, eq=False)
class LabImage:
    """`values` (channels, rows, cols), read-only, under a key; a key of ours stands for the same values everywhere.

    Raises: LabImageError for values that are not finite, of another shape, or too large.
    """

    key: str
    values: Array
    describe: Callable[[], str] = field(default=lambda: "")

    def __post_init__(self) -> None:
        shape = self.values.shape
        is_picture = len(shape) == 3 and 1 <= shape[0] <= MOST_CHANNELS and all(1 <= n <= MOST_SIDE for n in shape[1:])
        if not is_picture:
            raise LabImageError(
                _("image must have 1 to {channels} channels of at most {side}×{side} cells, got {shape}: take another",
                  channels=MOST_CHANNELS, side=MOST_SIDE, shape=sides(shape))
            )  # fmt: skip
        if not (np.abs(self.values) <= LARGEST_VALUE).all():  # NaN is not
            raise LabImageError(
                _("image must hold numbers of at most {most:,.0f} in size, got others: correct them",
                  most=LARGEST_VALUE)
            )  # fmt: skip
        values = np.array(self.values, dtype=np.float32)
        values.setflags(write=False)
        object.__setattr__(self, "values", values)

    @property
    def title(self) -> str:
        """What it is called, in the reader's language."""
        return self.describe()

    @property
    def channels(self) -> int:
        """How many maps it has."""
        return int(self.values.shape[0])

    @property
    def size(self) -> tuple[int, int]:
        """(rows, cols)."""
        return int(self.values.shape[1]), int(self.values.shape[2])

    @property
    def span(self) -> tuple[float, float]:
        """The values that are shown black and white: 0 and 1, further where the numbers go further."""
        return min(0.0, float(self.values.min())), max(1.0, float(self.values.max()))


def _counting(rows: int, cols: int) -> Array:
    return np.arange(rows * cols, dtype=np.float32).reshape(1, rows, cols)


def _with_one_more(values: Array) -> Array:
    """Two channels: the values, and each of them one larger."""
    return np.concatenate([values, values + 1])


def _edge() -> Array:
    values = np.ones((1, 6, 8), np.float32)
    values[:, :, 2:6] = 0
    return values


def _rows_of_five() -> Array:
    """Row r holds r, for r from 1 to 5; in the first channel its second number is ten times that."""
    values = np.tile(np.arange(1, 6, dtype=np.float32)[None, :, None], (3, 1, 5))
    values[0, :, 1] *= 10
    return values


def _places(side: int) -> tuple[Array, Array]:
    """x and y of the middle of each cell, −1 to 1."""
    line = (np.arange(side) + 0.5) / side * 2 - 1
    return np.meshgrid(line, line)


def _checkerboard(side: int = 32, square: int = 4) -> Array:
    rows, cols = np.indices((side, side)) // square
    return ((rows + cols) % 2).astype(np.float32)[None]


def _bars(side: int = 32) -> Array:
    """Upright bars above, lying ones below left, slanted ones below right."""
    rows, cols = np.indices((side, side))
    upright = (cols // 2) % 2
    lying = (rows // 2) % 2
    slanted = ((rows + cols) // 3) % 2
    below = np.where(cols < side // 2, lying, slanted)
    return np.where(rows < side // 2, upright, below).astype(np.float32)[None]


def _gradient(side: int = 32) -> Array:
    """Dark on the left, light on the right, with a brighter disc on it."""
    x, y = _places(side)
    values = (x + 1) / 2
    return np.where((x / 0.4) ** 2 + (y / 0.4) ** 2 < 1, np.minimum(1, values + 0.35), values).astype(np.float32)[None]


def _face(side: int = 48) -> Array:
    """A face from ellipses: head, eyes, nose, mouth."""
    x, y = _places(side)
    values = np.full((side, side), 0.12)
    values[(x / 0.72) ** 2 + (y / 0.88) ** 2 < 1] = 0.85
    for left in (-0.3, 0.3):
        values[((x - left) / 0.17) ** 2 + ((y + 0.22) / 0.1) ** 2 < 1] = 1.0
        values[(x - left) ** 2 + (y + 0.22) ** 2 < 0.07**2] = 0.05
        values[(np.abs(x - left) < 0.2) & (np.abs(y + 0.43) < 0.035)] = 0.25
    values[(np.abs(x) < 0.05) & (y > -0.15) & (y < 0.18)] = 0.6
    ring = (x / 0.4) ** 2 + ((y - 0.3) / 0.26) ** 2
    values[(ring > 0.75) & (ring < 1.1) & (y > 0.36)] = 0.2
    return values.astype(np.float32)[None]


def _landscape(side: int) -> Array:
    """Sky, sun, hills, a house with a red roof: red, green and blue."""
    x, y = _places(side)
    sky = np.stack([0.45 + 0.25 * y, 0.65 + 0.2 * y, np.full_like(y, 0.95)])
    values = np.clip(sky, 0, 1)
    for area, colour in _things(x, y):
        values[:, area] = np.array(colour)[:, None]
    grain = np.random.default_rng(7).normal(0, 0.025, values.shape)
    return (np.round(np.clip(values + grain, 0, 1) * 255) / 255).astype(np.float32)


def _things(x: Array, y: Array) -> list[tuple[Array, tuple[float, float, float]]]:
    """The things of the landscape from back to front: where they are, and their colour."""
    roof = (y > -0.25) & (y < 0.05) & (np.abs(x + 0.35) < (y + 0.25) * 1.2)
    return [
        ((x - 0.55) ** 2 + (y + 0.55) ** 2 < 0.045, (1.0, 0.9, 0.35)),
        (y > 0.05 + 0.22 * np.sin(2.4 * x + 0.6), (0.35, 0.6, 0.4)),
        (y > 0.3 + 0.12 * np.sin(3.1 * x - 1.2), (0.25, 0.5, 0.2)),
        ((np.abs(x + 0.35) < 0.27) & (y >= 0.03) & (y < 0.5), (0.93, 0.88, 0.8)),
        (roof, (0.75, 0.2, 0.15)),
        ((np.abs(x + 0.35) < 0.06) & (y > 0.25) & (y < 0.5), (0.35, 0.2, 0.12)),
        ((np.abs(x + 0.5) < 0.05) & (np.abs(y - 0.16) < 0.05), (0.35, 0.55, 0.75)),
        ((np.abs(x + 0.2) < 0.05) & (np.abs(y - 0.16) < 0.05), (0.35, 0.55, 0.75)),
        ((np.abs(x - 0.5) < 0.035) & (y > 0.15) & (y < 0.55), (0.35, 0.22, 0.12)),
        ((x - 0.5) ** 2 + (y - 0.05) ** 2 < 0.045, (0.15, 0.4, 0.15)),
    ]


def _spot() -> Array:
    values = np.zeros((1, 9, 9), np.float32)
    values[0, 4, 4] = 1
    return values


def _own(key: str, values: Array, describe: Callable[[], str]) -> LabImage:
    return LabImage(key, values, describe)


PICTURES = (
    _own("face", _face(), lambda: _("a face, 48×48")),
    _own("landscape", _landscape(96), lambda: _("a landscape in colour, 96×96")),
    _own("small-landscape", _landscape(32), lambda: _("a landscape in colour, 32×32")),
    _own("checkerboard", _checkerboard(), lambda: _("a checkerboard, 32×32")),
    _own("bars", _bars(), lambda: _("bars, 32×32")),
    _own("gradient", _gradient(), lambda: _("a gradient with a disc, 32×32")),
    _own("spot", _spot(), lambda: _("a single 1, 9×9")),
    _own("edge", _edge(), lambda: _("a dark band, 6×8")),
    _own("edge-turned", _edge().transpose(0, 2, 1), lambda: _("the band rotated, 8×6")),
    _own("nine", _counting(3, 3), lambda: _("0 to 8, 3×3")),
    _own("nine-twice", _with_one_more(_counting(3, 3)), lambda: _("0 to 8 and 1 to 9, two channels")),
    _own("sixteen", _counting(4, 4), lambda: _("0 to 15, 4×4")),
    _own("sixteen-twice", _with_one_more(_counting(4, 4)), lambda: _("0 to 15 and 1 to 16, two channels")),
    _own("sixty-four", _counting(8, 8), lambda: _("0 to 63, 8×8")),
    _own("rows-of-five", _rows_of_five(), lambda: _("rows of equal numbers, three channels of 5×5")),
)  # fmt: skip


def find_image(key: str) -> LabImage:
    """The picture of ours called `key`. Raises: KeyError, one sentence with the known keys."""
    return find_by_key(PICTURES, key, _("picture"))
